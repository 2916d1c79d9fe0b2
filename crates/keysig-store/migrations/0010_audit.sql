-- The audit: append-only, one chain of hashes per node. A record is written in the transaction that it tells of.

CREATE TABLE audit (
    node BLOB NOT NULL,
    n BIGINT NOT NULL,
    id BLOB NOT NULL,
    actor BLOB,
    action TEXT NOT NULL,
    app_id BLOB,
    account BLOB,
    about TEXT NOT NULL,
    address TEXT NOT NULL,
    request_id TEXT NOT NULL,
    hash BLOB NOT NULL,
    PRIMARY KEY (node, n)
);
CREATE UNIQUE INDEX audit_by_id ON audit (id);
CREATE INDEX audit_by_app ON audit (app_id, id) WHERE app_id IS NOT NULL;

-- The end of each chain: its row is locked while the next record is added.
CREATE TABLE audit_heads (
    node BLOB NOT NULL PRIMARY KEY,
    n BIGINT NOT NULL,
    hash BLOB NOT NULL
);
