-- What the engine itself needs; `schema_version` is made by the migration runner before it reads any file.

-- The life of this store, one row: everything sealed in another life is dead.
CREATE TABLE store_life (
    one BIGINT NOT NULL PRIMARY KEY,
    incarnation BLOB NOT NULL,
    made_at BIGINT NOT NULL
);

-- The revocation feed: per server process a stream of dense numbers from 1.
CREATE TABLE revocations (
    stream BLOB NOT NULL,
    n BIGINT NOT NULL,
    kind BIGINT NOT NULL,
    key BLOB NOT NULL,
    number BIGINT NOT NULL,
    keep_until BIGINT NOT NULL,
    PRIMARY KEY (stream, n)
) WITHOUT ROWID;
