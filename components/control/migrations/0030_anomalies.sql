-- How far the detector has read in the chain `requests`.
CREATE TABLE anomaly_cursor (
    chain TEXT PRIMARY KEY,
    seq BIGINT NOT NULL
);
INSERT INTO anomaly_cursor (chain, seq) VALUES ('requests', 0);

-- What is remembered of a client, after the event with this number.
CREATE TABLE anomaly_states (
    client_id TEXT NOT NULL,
    proof TEXT NOT NULL,
    seq BIGINT NOT NULL,
    state TEXT NOT NULL,
    PRIMARY KEY (client_id, proof)
);

-- What was found. The number is that of the event in the chain `requests` that it was found at.
CREATE TABLE anomalies (
    seq BIGINT PRIMARY KEY,
    client_id TEXT NOT NULL,
    -- Unix milliseconds.
    found_at BIGINT NOT NULL,
    verdict TEXT NOT NULL,
    score BIGINT NOT NULL,
    -- JSON: [{"name","points","words"}]
    signals TEXT NOT NULL,
    -- Unix seconds.
    acknowledged_at BIGINT
);
CREATE INDEX anomalies_by_client ON anomalies (client_id, seq);
