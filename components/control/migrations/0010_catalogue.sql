-- Products. Names of brands and categories are compared by their keys, which are made in one place for every database.
CREATE TABLE products (
    barcode TEXT PRIMARY KEY,
    name TEXT NOT NULL,
    brand TEXT NOT NULL,
    brand_key TEXT NOT NULL,
    category TEXT NOT NULL,
    category_key TEXT NOT NULL,
    description TEXT,
    size TEXT,
    -- Where each picture comes from; NULL: there is none.
    front TEXT,
    back TEXT,
    front_clean TEXT,
    back_clean TEXT,
    updated_at BIGINT NOT NULL
);
CREATE INDEX products_by_brand ON products (brand_key, barcode);
CREATE INDEX products_by_category ON products (category_key, barcode);

-- Every movement of credits, numbered for each client, with the balance after it: the newest row is the balance, and one
-- INSERT is a debit. Two of them at once want the same number, and one of them gets it.
CREATE TABLE credit_ledger (
    client_id TEXT NOT NULL,
    seq BIGINT NOT NULL,
    at BIGINT NOT NULL,
    -- grant, debit or refund.
    kind TEXT NOT NULL,
    delta BIGINT NOT NULL,
    balance BIGINT NOT NULL CHECK (balance >= 0),
    request_id TEXT NOT NULL,
    -- Of a debit: for which product and which of its pictures.
    barcode TEXT,
    variants TEXT,
    -- Of a debit with an Idempotency-Key: its hash, what it stands for, and what the names of the one-shot URLs are made of.
    idempotency_key TEXT,
    fingerprint TEXT,
    seed TEXT,
    -- Of a refund: the debit.
    refund_of BIGINT,
    PRIMARY KEY (client_id, seq)
);
CREATE UNIQUE INDEX credit_ledger_by_request ON credit_ledger (client_id, request_id, kind);
CREATE UNIQUE INDEX credit_ledger_by_key ON credit_ledger (client_id, idempotency_key);
CREATE UNIQUE INDEX credit_ledger_by_refund ON credit_ledger (client_id, refund_of);

-- The signing key that answers for the one-shot URLs of a client: it has their project, sources and limits at the edge.
CREATE TABLE delivery_keys (
    client_id TEXT PRIMARY KEY,
    public_key TEXT NOT NULL
);
