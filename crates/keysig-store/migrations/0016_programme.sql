-- The programme: what an app says of itself, whether the operator has looked at it, and who may log in to it.

-- What it says of itself beside its name.
ALTER TABLE apps ADD COLUMN description TEXT;
ALTER TABLE apps ADD COLUMN terms_url TEXT;
ALTER TABLE apps ADD COLUMN support_url TEXT;
ALTER TABLE apps ADD COLUMN logo BLOB;

-- When the operator reviewed it, and what they saw then (App::reviewable): of another app than that nothing was said.
ALTER TABLE apps ADD COLUMN reviewed_at BIGINT;
ALTER TABLE apps ADD COLUMN reviewed_as TEXT;

-- The operator lets nobody new log in; those who have it connected go on.
ALTER TABLE apps ADD COLUMN logins_stopped BIGINT NOT NULL DEFAULT 0;

-- Logos, as this server drew them anew: one of each app, found by the id of the picture.
CREATE TABLE app_logos (
    app_id BLOB NOT NULL PRIMARY KEY,
    logo BLOB NOT NULL,
    png BLOB NOT NULL
);
CREATE INDEX app_logos_by_logo ON app_logos (logo);

-- Where the review of an app stands, of those whose makers ever asked for one.
CREATE TABLE app_reviews (
    app_id BLOB NOT NULL PRIMARY KEY,
    state TEXT NOT NULL,
    asked_at BIGINT NOT NULL,
    changed_at BIGINT NOT NULL
) WITHOUT ROWID;
CREATE INDEX app_reviews_by_state ON app_reviews (state, asked_at);

-- What its makers and those who run this server wrote to each other about it.
CREATE TABLE review_messages (
    app_id BLOB NOT NULL,
    id BLOB NOT NULL,
    side TEXT NOT NULL,
    words TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, id)
) WITHOUT ROWID;

-- Test users: since when, who was invited by address and has no account yet, and whose account a developer made up.
ALTER TABLE app_test_users ADD COLUMN added_at BIGINT;
CREATE TABLE test_invitations (
    app_id BLOB NOT NULL,
    email TEXT NOT NULL,
    invited_at BIGINT NOT NULL,
    PRIMARY KEY (app_id, email)
) WITHOUT ROWID;
CREATE INDEX test_invitations_by_email ON test_invitations (email);
CREATE TABLE fake_users (
    user_id BLOB NOT NULL PRIMARY KEY,
    app_id BLOB NOT NULL
) WITHOUT ROWID;
CREATE INDEX fake_users_of ON fake_users (app_id);

-- Who switched it off: what the operator stopped its developer cannot start again. Until now only operators could.
ALTER TABLE apps ADD COLUMN paused_by_operator BIGINT NOT NULL DEFAULT 0;
UPDATE apps SET paused_by_operator = paused;

-- An app that its owner offers to somebody else, by address: whether there is such an account stays theirs to know.
CREATE TABLE app_offers (
    app_id BLOB NOT NULL,
    email TEXT NOT NULL,
    offered_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL,
    PRIMARY KEY (app_id)
);
CREATE INDEX app_offers_by_email ON app_offers (email);

-- Keys of the admin API: a hash, and what tells them apart. user_id is who made it, on whose role it rests; none: the command line.
CREATE TABLE api_keys (
    id BLOB NOT NULL PRIMARY KEY,
    user_id BLOB,
    hash BLOB NOT NULL,
    last_four TEXT NOT NULL,
    name TEXT NOT NULL,
    role TEXT NOT NULL,
    expires_at BIGINT NOT NULL,
    last_used_at BIGINT
) WITHOUT ROWID;
CREATE UNIQUE INDEX api_keys_by_hash ON api_keys (hash);
CREATE INDEX api_keys_by_user ON api_keys (user_id) WHERE user_id IS NOT NULL;

-- Which of them something was done with.
ALTER TABLE audit ADD COLUMN by_key TEXT NOT NULL DEFAULT '';

-- What an app may ask for within 30 seconds, where the operator gave it a quota of its own; 0 is any number.
ALTER TABLE apps ADD COLUMN quota_calls BIGINT;
ALTER TABLE apps ADD COLUMN quota_tokens BIGINT;
