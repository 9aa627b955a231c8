-- One row for each request of both components. Rows are only ever added, and deleted from the old end.
CREATE TABLE audit (
    chain TEXT NOT NULL,
    seq BIGINT NOT NULL,
    -- Unix milliseconds.
    answered_at BIGINT NOT NULL,
    writer TEXT NOT NULL,
    kind TEXT NOT NULL,
    request_id TEXT NOT NULL,
    endpoint TEXT NOT NULL,
    method TEXT NOT NULL,
    client_id TEXT,
    proof TEXT NOT NULL,
    barcode TEXT,
    ip TEXT,
    status BIGINT NOT NULL,
    error TEXT,
    credits BIGINT NOT NULL,
    dropped BIGINT NOT NULL,
    prev_hash TEXT NOT NULL,
    hash TEXT NOT NULL,
    PRIMARY KEY (chain, seq)
);
CREATE INDEX audit_by_client ON audit (client_id, chain, seq);
CREATE INDEX audit_by_time ON audit (chain, answered_at);
CREATE INDEX audit_by_request ON audit (request_id);

-- What the old end of a chain was cut off at.
CREATE TABLE audit_checkpoints (
    chain TEXT PRIMARY KEY,
    seq BIGINT NOT NULL,
    hash TEXT NOT NULL,
    tag TEXT NOT NULL
);

-- Work that is done on the side, by one host at a time: when each may be begun again, in Unix milliseconds.
CREATE TABLE chores (
    name TEXT PRIMARY KEY,
    due_at BIGINT NOT NULL
);
INSERT INTO chores (name, due_at) VALUES ('prune', 0), ('detect', 0), ('deliver', 0);
