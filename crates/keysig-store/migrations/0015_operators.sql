-- What the operator area needs beside the audit.

-- When a second factor was last shown in a session: what operators do asks for it anew.
ALTER TABLE sessions ADD COLUMN second_factor_at BIGINT;

-- The audit is asked for by who did something, what was done, to whom, and by which request.
CREATE INDEX audit_by_actor ON audit (actor, id) WHERE actor IS NOT NULL;
CREATE INDEX audit_by_action ON audit (action, id);
CREATE INDEX audit_by_account ON audit (account, id) WHERE account IS NOT NULL;
CREATE INDEX audit_by_request ON audit (request_id);

-- Where all chains of the audit ended at one moment, under a MAC that the store has no key for: a chain whose end was cut off
-- no longer reaches the last of these.
CREATE TABLE audit_checkpoints (
    n BIGINT NOT NULL PRIMARY KEY,
    made_at BIGINT NOT NULL,
    heads BLOB NOT NULL,
    mac BLOB NOT NULL
);

-- Addresses of accounts are looked for by how they begin, roles by themselves.
CREATE INDEX users_by_role ON users (role) WHERE role <> 'user';

-- Somebody who runs the server has read the report.
ALTER TABLE app_reports ADD COLUMN handled_at BIGINT;
