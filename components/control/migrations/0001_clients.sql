-- Who is accountable. A client's tokens carry its epoch: raising it ends all of them at once, and so one statement on this row
-- revokes, rotates or quarantines. `key_id` names the one API key that works.
CREATE TABLE clients (
    id TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    -- Where the owner is reached: free text for people, and a webhook whose secret is sealed for `client/{id}/webhook`.
    contact TEXT NOT NULL,
    webhook_url TEXT,
    webhook_secret TEXT,
    -- free, standard or enterprise.
    tier TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    key_id TEXT NOT NULL,
    key_quarantined_at BIGINT,
    -- The scope as JSON, and its hash as access tokens carry it.
    scope TEXT NOT NULL,
    scope_hash TEXT NOT NULL,
    -- Requests in a minute and in a day; NULL: those of the tier.
    per_minute BIGINT,
    per_day BIGINT,
    -- A JSON array of networks; empty: calls may come from anywhere.
    allowlist TEXT NOT NULL,
    -- Whether one-shot URLs are bound to the caller's address (0 or 1), and to how much of it.
    ip_binding BIGINT NOT NULL,
    ip_prefix_v4 BIGINT NOT NULL,
    ip_prefix_v6 BIGINT NOT NULL,
    -- Longest lifetime of a signed URL in seconds; NULL: any.
    max_lifetime BIGINT,
    only_presets BIGINT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT,
    -- Disabled can be undone, revoked cannot.
    disabled_at BIGINT,
    disabled_reason TEXT,
    revoked_at BIGINT
);

-- API keys, hashed with Argon2id. Keys that no client names are history.
CREATE TABLE api_keys (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL
);
CREATE INDEX api_keys_by_client ON api_keys (client_id);

-- A chain of refresh tokens. `current` names the one that can be used; every other token of the family was.
CREATE TABLE refresh_families (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    epoch BIGINT NOT NULL,
    current TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    revoked_at BIGINT
);
CREATE INDEX refresh_families_by_client ON refresh_families (client_id);

-- Refresh tokens, hashed with Argon2id, found by their selector.
CREATE TABLE refresh_tokens (
    selector TEXT PRIMARY KEY,
    family_id TEXT NOT NULL,
    hash TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    expires_at BIGINT NOT NULL
);
CREATE INDEX refresh_tokens_by_expiry ON refresh_tokens (expires_at);

-- Access tokens that ended before their time, by `jti`, or by `sid` for all of a family. Until they would have expired.
CREATE TABLE revoked_tokens (
    id TEXT PRIMARY KEY,
    expires_at BIGINT NOT NULL
);
CREATE INDEX revoked_tokens_by_expiry ON revoked_tokens (expires_at);

-- Failed attempts in a row, by whom they claimed to be (hashed, because it may be anything) and the network they came from.
CREATE TABLE attempts (
    who TEXT NOT NULL,
    network TEXT NOT NULL,
    failures BIGINT NOT NULL,
    last_at BIGINT NOT NULL,
    locked_until BIGINT NOT NULL,
    PRIMARY KEY (who, network)
);
CREATE INDEX attempts_by_time ON attempts (last_at);

-- What requests with an Idempotency-Key came to. The answer is sealed, because it can hold a secret that is shown once.
CREATE TABLE idempotency (
    owner TEXT NOT NULL,
    idempotency_key TEXT NOT NULL,
    fingerprint TEXT NOT NULL,
    status BIGINT,
    answer TEXT,
    created_at BIGINT NOT NULL,
    PRIMARY KEY (owner, idempotency_key)
);
CREATE INDEX idempotency_by_time ON idempotency (created_at);

-- What owners have to be told: a signed webhook each, tried until it is taken. Times of tries are Unix seconds.
CREATE TABLE outbox (
    id TEXT PRIMARY KEY,
    client_id TEXT NOT NULL,
    kind TEXT NOT NULL,
    body TEXT NOT NULL,
    created_at BIGINT NOT NULL,
    attempts BIGINT NOT NULL,
    next_at BIGINT NOT NULL,
    delivered_at BIGINT
);
CREATE INDEX outbox_by_next ON outbox (next_at);
