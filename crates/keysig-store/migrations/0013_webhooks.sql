-- Webhooks and their deliveries, and figures per app.

-- Where an app is told. It has one address. After a failure nothing is sent there for a while (waits_until).
CREATE TABLE webhooks (
    app_id BLOB NOT NULL,
    url TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    waits_until BIGINT NOT NULL,
    PRIMARY KEY (app_id)
);

-- What deliveries are signed with: sealed and not hashed, since it is used. Two while one takes the place of the other.
CREATE TABLE webhook_secrets (
    app_id BLOB NOT NULL,
    id BLOB NOT NULL,
    secret BLOB NOT NULL,
    last_four TEXT NOT NULL,
    retires_at BIGINT,
    PRIMARY KEY (app_id, id)
);

-- What an app is told, written in the transaction that it tells of. next_try_at is missing where it arrived or was given
-- up. Whom it is about is looked up when it is sent; only the name of somebody who is gone is kept here (subject).
CREATE TABLE webhook_events (
    app_id BLOB NOT NULL,
    id BLOB NOT NULL,
    kind TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    user_id BLOB,
    subject TEXT,
    scopes_before BLOB,
    scopes_after BLOB,
    reason TEXT,
    secret_last_four TEXT,
    secret_expires_at BIGINT,
    tries BIGINT NOT NULL,
    next_try_at BIGINT,
    tried_at BIGINT,
    arrived BIGINT NOT NULL,
    status BIGINT,
    answer TEXT,
    PRIMARY KEY (app_id, id)
);
CREATE INDEX webhook_events_due ON webhook_events (app_id, created_at, id) WHERE next_try_at IS NOT NULL;
CREATE INDEX webhook_events_by_age ON webhook_events (created_at);
CREATE INDEX webhook_events_by_time ON webhook_events (app_id, created_at);
CREATE INDEX webhook_events_by_user ON webhook_events (user_id) WHERE user_id IS NOT NULL;

-- What happened to an app in an hour (since 1970): logins, refusals by reason, requests.
CREATE TABLE app_usage (
    app_id BLOB NOT NULL,
    hour BIGINT NOT NULL,
    metric TEXT NOT NULL,
    amount BIGINT NOT NULL,
    PRIMARY KEY (app_id, hour, metric)
) WITHOUT ROWID;
CREATE INDEX app_usage_by_hour ON app_usage (hour);

-- Who used an app on a day (since 1970), so that how many is exact.
CREATE TABLE app_active_users (
    user_id BLOB NOT NULL,
    app_id BLOB NOT NULL,
    day BIGINT NOT NULL,
    PRIMARY KEY (user_id, app_id, day)
) WITHOUT ROWID;
CREATE INDEX app_active_users_by_app ON app_active_users (app_id, day, user_id);
