-- Accounts elsewhere by which people sign in here. What the provider calls somebody is unique, so it has its own table.

CREATE TABLE upstream_subjects (
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (provider, subject)
);

-- The provider's tokens are sealed.
CREATE TABLE upstream_accounts (
    user_id BLOB NOT NULL,
    provider TEXT NOT NULL,
    subject TEXT NOT NULL,
    name TEXT NOT NULL,
    tokens BLOB,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, provider, subject)
);
