-- People, apps, sessions, grants and logins. Times are unix milliseconds; sets of scopes are 16 bytes.
-- Every row of a user has user_id in its primary key: it is the partition key when there is more than one machine.

CREATE TABLE users (
    id BLOB NOT NULL,
    public_id TEXT NOT NULL,
    email TEXT NOT NULL,
    display_name TEXT NOT NULL,
    country TEXT NOT NULL,
    product TEXT NOT NULL,
    role TEXT NOT NULL,
    password_hash TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    disabled_at BIGINT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);

-- What must be unique and is not the user's partition has a small table of its own.
CREATE TABLE user_emails (
    email TEXT NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (email)
);

CREATE TABLE user_public_ids (
    public_id TEXT NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (public_id)
);

-- version is raised by every change of the app, its addresses, secrets or test users: caches compare it.
CREATE TABLE apps (
    id BLOB NOT NULL,
    client_id TEXT NOT NULL,
    name TEXT NOT NULL,
    owner BLOB,
    developer TEXT NOT NULL,
    homepage TEXT,
    profile TEXT NOT NULL,
    client_type TEXT NOT NULL,
    scopes BLOB,
    mode TEXT NOT NULL,
    rotates BIGINT NOT NULL,
    paused BIGINT NOT NULL,
    legacy_flows BIGINT NOT NULL,
    epoch BIGINT NOT NULL,
    version BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (id)
);

CREATE TABLE client_ids (
    client_id TEXT NOT NULL,
    app_id BLOB NOT NULL,
    PRIMARY KEY (client_id)
);

CREATE TABLE app_redirect_uris (
    app_id BLOB NOT NULL,
    uri TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (app_id, uri)
);

CREATE TABLE app_secrets (
    app_id BLOB NOT NULL,
    secret_hash BLOB NOT NULL,
    last_four TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    retires_at BIGINT,
    PRIMARY KEY (app_id, secret_hash)
);

CREATE TABLE app_test_users (
    app_id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    PRIMARY KEY (app_id, user_id)
);

CREATE TABLE sessions (
    user_id BLOB NOT NULL,
    id BLOB NOT NULL,
    secret_mac BLOB NOT NULL,
    user_epoch BIGINT NOT NULL,
    auth_time BIGINT NOT NULL,
    amr BIGINT NOT NULL,
    last_seen_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    user_agent TEXT NOT NULL,
    PRIMARY KEY (user_id, id)
);
CREATE INDEX sessions_by_expiry ON sessions (expires_at);

-- Authorization requests that wait for a person. They belong to a browser, not to a user.
CREATE TABLE authorization_requests (
    id BLOB NOT NULL,
    browser_mac BLOB NOT NULL,
    app_id BLOB NOT NULL,
    login_id BLOB NOT NULL,
    body TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    answered_at BIGINT,
    allowed BIGINT,
    answered_by BLOB,
    PRIMARY KEY (id)
);

CREATE TABLE grants (
    user_id BLOB NOT NULL,
    id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    scopes BLOB NOT NULL,
    salt BLOB NOT NULL,
    access_epoch BIGINT NOT NULL,
    login_epoch BIGINT NOT NULL,
    paused BIGINT NOT NULL,
    removed_at BIGINT,
    shown TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    last_used_at BIGINT NOT NULL,
    PRIMARY KEY (user_id, id)
);
-- One agreement in force per user and app; removed ones stay as history.
CREATE UNIQUE INDEX grants_in_force ON grants (user_id, app_id) WHERE removed_at IS NULL;

-- How many people use an app, and since when: asked on each consent page.
CREATE INDEX grants_by_app ON grants (app_id, created_at) WHERE removed_at IS NULL;

-- The hot table: inserted once at redemption, changed in place by rotation. No secondary index.
CREATE TABLE logins (
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    grant_id BLOB NOT NULL,
    generation BIGINT NOT NULL,
    replays BIGINT NOT NULL,
    mac_key BIGINT NOT NULL,
    salt BLOB NOT NULL,
    attempt BLOB NOT NULL,
    scopes BLOB NOT NULL,
    user_epoch BIGINT NOT NULL,
    app_epoch BIGINT NOT NULL,
    grant_login_epoch BIGINT NOT NULL,
    auth_time BIGINT NOT NULL,
    amr BIGINT NOT NULL,
    audience BLOB,
    binding BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    rotated_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    ended_at BIGINT,
    PRIMARY KEY (id, user_id)
) WITHOUT ROWID;
