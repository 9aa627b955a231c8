-- The list of projects and signing keys. What they may do stands in the key-value records that the edge reads; here is what can be
-- listed, and that a key was revoked, so that no other change of its record can undo it.
CREATE TABLE projects (
    id TEXT PRIMARY KEY,
    slug TEXT NOT NULL UNIQUE,
    created_at BIGINT NOT NULL
);
CREATE TABLE signing_keys (
    public_key TEXT PRIMARY KEY,
    project_id TEXT NOT NULL,
    client_id TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX signing_keys_by_project ON signing_keys (project_id, public_key);
