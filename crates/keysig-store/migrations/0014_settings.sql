-- What operators set while the server runs, and keys of the admin API.

-- A setting that is not as the configuration has it.
CREATE TABLE instance_settings (
    key TEXT NOT NULL PRIMARY KEY,
    value TEXT NOT NULL,
    changed_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Scopes that operators made or worded anew, as JSON; whole, so that a row needs no other. A row stays: its number is
-- sealed into tokens.
CREATE TABLE scope_definitions (
    number BIGINT NOT NULL PRIMARY KEY,
    definition TEXT NOT NULL,
    changed_at BIGINT NOT NULL
) WITHOUT ROWID;

-- Rises with every change of either: nodes compare it.
CREATE TABLE settings_version (
    one BIGINT NOT NULL PRIMARY KEY CHECK (one = 1),
    version BIGINT NOT NULL
) WITHOUT ROWID;
INSERT INTO settings_version (one, version) VALUES (1, 0);
