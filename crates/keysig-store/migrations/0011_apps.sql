-- What developers set about their apps: secrets and when each was last used, addresses and when each was last used.
CREATE INDEX apps_by_owner ON apps (owner);

ALTER TABLE app_redirect_uris ADD COLUMN last_used_at BIGINT;

ALTER TABLE app_secrets ADD COLUMN last_used_at BIGINT;

-- How many requests a secret authenticated in an hour (hours since 1970): who is to retire one sees whether it is still used.
CREATE TABLE app_secret_uses (
    app_id BLOB NOT NULL,
    secret_hash BLOB NOT NULL,
    hour BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    PRIMARY KEY (app_id, secret_hash, hour)
);
CREATE INDEX app_secret_uses_by_hour ON app_secret_uses (hour);
