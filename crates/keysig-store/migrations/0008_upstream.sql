-- Accounts elsewhere by which people sign in here. What a provider calls somebody is unique, so it has its own table.
-- A provider is named by its issuer, or by its user endpoint: names in a configuration are given to others in time.

CREATE TABLE upstream_subjects (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (provider, subject)
);

-- One account of each provider. The provider's tokens are sealed.
CREATE TABLE upstream_accounts (
    user_id BLOB NOT NULL,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    tokens BLOB,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, provider)
);

-- Who proved an account elsewhere that belongs to nobody here yet, until they decide. One for each browser, sealed.
CREATE TABLE upstream_waiting (
    browser_mac BLOB NOT NULL,
    id BLOB NOT NULL,
    body BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (browser_mac)
);
CREATE INDEX upstream_waiting_by_expiry ON upstream_waiting (expires_at);
