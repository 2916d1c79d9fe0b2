-- What developers set about their apps: secrets and when each was last used, addresses and when each was last used.
CREATE INDEX apps_by_owner ON apps (owner);

ALTER TABLE app_redirect_uris ADD COLUMN last_used_at BIGINT;
