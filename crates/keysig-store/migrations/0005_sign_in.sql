-- Passkeys, second steps, browsers that were told to remember one, and what may be used once.

ALTER TABLE users ADD COLUMN locale TEXT;
ALTER TABLE users ADD COLUMN password_changed_at BIGINT;

-- checked_at: when the person last showed that it is them, for changes of their own account; auth_time stays what apps are told.
ALTER TABLE sessions ADD COLUMN created_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN checked_at BIGINT NOT NULL DEFAULT 0;
ALTER TABLE sessions ADD COLUMN address TEXT NOT NULL DEFAULT '';

-- WebAuthn credentials: public keys, nothing secret. The credential id is the browser's, so it has a table of its own.
CREATE TABLE passkeys (
    user_id BLOB NOT NULL,
    id BLOB NOT NULL,
    credential TEXT NOT NULL,
    name TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT,
    PRIMARY KEY (user_id, id)
);

CREATE TABLE passkey_credentials (
    credential_hash BLOB NOT NULL,
    user_id BLOB NOT NULL,
    passkey_id BLOB NOT NULL,
    PRIMARY KEY (credential_hash)
);

-- The seed is sealed; last_step is the newest time step a code was taken of, so that none works twice (RFC 6238 §5.2).
CREATE TABLE second_factors (
    user_id BLOB NOT NULL,
    seed BLOB NOT NULL,
    last_step BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (user_id)
);

CREATE TABLE recovery_codes (
    user_id BLOB NOT NULL,
    code_mac BLOB NOT NULL,
    used_at BIGINT,
    PRIMARY KEY (user_id, code_mac)
);

CREATE TABLE remembered_browsers (
    user_id BLOB NOT NULL,
    browser_mac BLOB NOT NULL,
    user_epoch BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, browser_mac)
);

-- What is sealed into forms and works once: its id is here from the moment it was used until it would have expired.
CREATE TABLE spent_tickets (
    id BLOB NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);
CREATE INDEX spent_tickets_by_expiry ON spent_tickets (expires_at);
