-- Leaked pictures that are to be traced, and what came of them. The work is done outside: whoever takes a job has it to himself for a while.
CREATE TABLE traces (
    id TEXT PRIMARY KEY,
    -- Unix milliseconds.
    created_at BIGINT NOT NULL,
    -- uploading, queued, working, done or failed
    state TEXT NOT NULL,
    -- How often somebody took it. Only whoever took it last can say what came of it.
    attempts BIGINT NOT NULL,
    -- Unix milliseconds: from when on somebody else may take it.
    leased_until BIGINT NOT NULL,
    bytes BIGINT NOT NULL,
    -- Unix milliseconds.
    finished_at BIGINT,
    -- JSON, if it is done; else a word that says why not.
    result TEXT
);
CREATE INDEX traces_by_state ON traces (state, created_at);

-- The pictures, in pieces of base64, as long as they are needed.
CREATE TABLE trace_files (
    trace_id TEXT NOT NULL,
    part BIGINT NOT NULL,
    content TEXT NOT NULL,
    PRIMARY KEY (trace_id, part)
);
