-- Agreements that end by themselves, permissions that are a person's choice, and receipts of what an app did.

ALTER TABLE grants ADD COLUMN expires_at BIGINT;

ALTER TABLE apps ADD COLUMN optional_scopes BLOB;
ALTER TABLE apps ADD COLUMN scope_reasons TEXT NOT NULL DEFAULT '';
ALTER TABLE apps ADD COLUMN keeps_data TEXT;
ALTER TABLE apps ADD COLUMN privacy_url TEXT;
ALTER TABLE apps ADD COLUMN trusted BIGINT NOT NULL DEFAULT 0;

-- How often an app used one permission on one day (days since 1970), without what it read or wrote.
CREATE TABLE grant_uses (
    user_id BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    scope BIGINT NOT NULL,
    day BIGINT NOT NULL,
    uses BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, grant_id, scope, day)
);

CREATE TABLE app_reports (
    app_id BLOB NOT NULL,
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    category TEXT NOT NULL,
    words TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, id)
);
