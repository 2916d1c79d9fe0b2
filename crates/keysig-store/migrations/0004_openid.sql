-- OpenID Connect, device authorization, logout and signing keys.

-- Accounts so far were made by the operator, who vouched for the address.
ALTER TABLE users ADD COLUMN email_verified BIGINT NOT NULL DEFAULT 1;

ALTER TABLE apps ADD COLUMN pkce_optional BIGINT NOT NULL DEFAULT 0;
ALTER TABLE apps ADD COLUMN id_token_algorithm TEXT NOT NULL DEFAULT 'RS256';
ALTER TABLE apps ADD COLUMN userinfo_algorithm TEXT;
ALTER TABLE apps ADD COLUMN sector TEXT;
ALTER TABLE apps ADD COLUMN backchannel_logout_uri TEXT;
ALTER TABLE apps ADD COLUMN frontchannel_logout_uri TEXT;

CREATE TABLE app_post_logout_uris (
    app_id BLOB NOT NULL,
    uri TEXT NOT NULL,
    position BIGINT NOT NULL,
    PRIMARY KEY (app_id, uri)
);

-- The browser session of an OpenID login, and the claims it asked for one by one.
ALTER TABLE logins ADD COLUMN session_id BLOB;
ALTER TABLE logins ADD COLUMN claims BIGINT NOT NULL DEFAULT 0;

-- Apps that want to be told when a session ends.
CREATE TABLE session_apps (
    user_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    PRIMARY KEY (user_id, session_id, app_id)
) WITHOUT ROWID;

-- Logout tokens on their way: signed when they are sent, deleted when they arrived.
CREATE TABLE logout_deliveries (
    id BLOB NOT NULL,
    user_id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    session_id BLOB NOT NULL,
    tries BIGINT NOT NULL,
    next_try_at BIGINT NOT NULL,
    PRIMARY KEY (id, user_id)
);
CREATE INDEX logout_deliveries_due ON logout_deliveries (next_try_at);

-- Devices that wait for a person. They belong to nobody until somebody decides.
CREATE TABLE device_authorizations (
    id BLOB NOT NULL,
    secret_mac BLOB NOT NULL,
    user_code_mac BLOB NOT NULL,
    app_id BLOB NOT NULL,
    login_id BLOB NOT NULL,
    scopes BLOB NOT NULL,
    audience BLOB,
    interval_seconds BIGINT NOT NULL,
    polled_at BIGINT,
    expires_at BIGINT NOT NULL,
    decided_at BIGINT,
    allowed BIGINT,
    user_id BLOB,
    grant_id BLOB,
    user_epoch BIGINT,
    app_epoch BIGINT,
    grant_login_epoch BIGINT,
    auth_time BIGINT,
    amr BIGINT,
    PRIMARY KEY (id)
);

CREATE TABLE device_user_codes (
    user_code_mac BLOB NOT NULL,
    device_id BLOB NOT NULL,
    PRIMARY KEY (user_code_mac)
);

-- Private keys are sealed; n counts the keys of an algorithm, so that of two nodes that make one, one does.
CREATE TABLE signing_keys (
    algorithm TEXT NOT NULL,
    n BIGINT NOT NULL,
    kid TEXT NOT NULL,
    private_key BLOB NOT NULL,
    made_at BIGINT NOT NULL,
    signs_from BIGINT NOT NULL,
    PRIMARY KEY (algorithm, n)
);
