//! Credits: a ledger of movements, whose newest row has the balance.
//!
//! A movement is one INSERT that counts on from the newest row. It cannot be half done, and it leaves nothing to be added up
//! or reconciled: what was debited is what the ledger says.

use crate::refusal::Refusal;
use crate::sql::{Database, Row, SqlError, Value};
use catalogue::{Barcode, Variants};
use problem::Code;

/// Seconds for which an `Idempotency-Key` stands for its request.
const KEY_LIFETIME: u64 = 24 * 60 * 60;
/// Most credits that a client can have, and that can be granted at once: a number that JSON readers do not round.
const MAX_BALANCE: i64 = 1_000_000_000_000_000;
/// How often a movement tries to be next. Each time that it fails, another one of the same client succeeded.
const ATTEMPTS: usize = 200;

/// A debit for pictures of a product.
pub struct Debit<'a> {
    /// Who pays.
    pub client_id: &'a str,
    /// Unix seconds.
    pub at: u64,
    /// Which request.
    pub request_id: &'a str,
    /// Which product.
    pub barcode: &'a Barcode,
    /// Which of its pictures: one credit each.
    pub variants: Variants,
    /// The caller's key, if it sent one.
    pub idempotency: Option<Idempotency>,
}

/// A debit that can be repeated without being paid again.
pub struct Idempotency {
    /// A hash of the caller's key.
    pub key: String,
    /// What the key stands for.
    pub fingerprint: String,
    /// What the names of the one-shot URLs are made of.
    pub seed: String,
}

/// What a debit came to.
#[derive(Debug, PartialEq, Eq)]
pub enum Outcome {
    /// Paid.
    Debited {
        /// What is left.
        balance: u64,
    },
    /// It was paid before, by a request with the same key.
    Earlier(Earlier),
}

/// A debit that was made before.
#[derive(Debug, PartialEq, Eq)]
pub struct Earlier {
    /// When, in Unix seconds.
    pub at: u64,
    /// For which pictures.
    pub variants: Variants,
    /// Its seed.
    pub seed: String,
    /// What is left now.
    pub balance: u64,
}

/// What a movement's row counts on from: the newest row, or nothing.
const COUNT_ON: &str = "INSERT INTO credit_ledger (client_id, seq, at, kind, delta, balance, request_id, barcode, variants, idempotency_key, fingerprint, seed) \
    SELECT CAST($1 AS TEXT), last.seq + 1, CAST($2 AS BIGINT), CAST($3 AS TEXT), CAST($4 AS BIGINT), last.balance + CAST($4 AS BIGINT), \
    CAST($5 AS TEXT), CAST($6 AS TEXT), CAST($7 AS TEXT), CAST($8 AS TEXT), CAST($9 AS TEXT), CAST($10 AS TEXT) FROM \
    (SELECT newest.seq, newest.balance FROM (SELECT seq, balance FROM credit_ledger WHERE client_id = $1 ORDER BY seq DESC LIMIT 1) AS newest \
    UNION ALL SELECT 0, 0 WHERE NOT EXISTS (SELECT 1 FROM credit_ledger WHERE client_id = $1)) AS last \
    WHERE last.balance + CAST($4 AS BIGINT) BETWEEN 0 AND 1000000000000000 ON CONFLICT DO NOTHING RETURNING balance";

/// Pays for pictures, or finds that they were paid for. The balance never becomes negative, however many pay at once.
pub async fn debit(database: &impl Database, debit: &Debit<'_>) -> Result<Outcome, Refusal> {
    let price = i64::from(debit.variants.count());
    let key = debit.idempotency.as_ref();
    let row: [Value; 10] = [
        debit.client_id.into(),
        debit.at.into(),
        "debit".into(),
        (-price).into(),
        debit.request_id.into(),
        debit.barcode.as_str().into(),
        debit.variants.names().into(),
        key.map(|key| &key.key).into(),
        key.map(|key| &key.fingerprint).into(),
        key.map(|key| &key.seed).into(),
    ];
    for _ in 0..ATTEMPTS {
        match database.query(COUNT_ON, &row).await {
            Ok(rows) => {
                if let Some(row) = rows.first() {
                    return Ok(Outcome::Debited { balance: row.get(0)? });
                }
            }
            Err(error) => {
                // It may have been done: with a key the caller's next try finds it, without one it is given back.
                if key.is_none() {
                    let _ = refund(database, debit.client_id, debit.request_id, debit.at).await;
                }
                return Err(error.into());
            }
        }
        if let Some(key) = key
            && let Some(earlier) = earlier(database, debit, key).await?
        {
            return Ok(Outcome::Earlier(earlier));
        }
        let left = balance(database, debit.client_id).await?;
        if left < u64::from(debit.variants.count()) {
            return Err(Refusal {
                credits: Some(left),
                ..Code::InsufficientCredits.into()
            });
        }
    }
    Err(Refusal::because(
        Code::Unavailable,
        "too many movements of one client at once",
    ))
}

/// Adds credits to a client's, and gives the new balance. Negative ones are taken away, as far as there are any. What has been
/// granted under a reference is not granted again.
pub async fn grant(
    database: &impl Database,
    client_id: &str,
    credits: i64,
    reference: &str,
    at: u64,
) -> Result<u64, Refusal> {
    const FIND: &str = "SELECT 1 FROM credit_ledger WHERE client_id = $1 AND request_id = $2 AND kind = 'grant'";
    let none = Value::Null;
    let mut row = vec![
        client_id.into(),
        at.into(),
        "grant".into(),
        credits.into(),
        reference.into(),
    ];
    row.resize(10, none);
    if !(-MAX_BALANCE..=MAX_BALANCE).contains(&credits) {
        return Err(Code::Unprocessable.into());
    }
    for _ in 0..ATTEMPTS {
        if let Some(row) = database.query(COUNT_ON, &row).await?.first() {
            return Ok(row.get(0)?);
        }
        let balance = balance(database, client_id).await?;
        let granted = database.query(FIND, &[client_id.into(), reference.into()]).await?;
        if !granted.is_empty() {
            return Ok(balance);
        }
        let after = balance.checked_add_signed(credits);
        if after.is_none_or(|after| after > MAX_BALANCE.unsigned_abs()) {
            return Err(Code::Unprocessable.into());
        }
    }
    Err(Refusal::because(
        Code::Unavailable,
        "too many movements of one client at once",
    ))
}

/// Gives back what a request was debited, once. Whether anything was given back.
pub async fn refund(database: &impl Database, client_id: &str, request_id: &str, at: u64) -> Result<bool, SqlError> {
    const REFUND: &str = "INSERT INTO credit_ledger (client_id, seq, at, kind, delta, balance, request_id, refund_of) \
        SELECT CAST($1 AS TEXT), last.seq + 1, CAST($3 AS BIGINT), 'refund', -debit.delta, last.balance - debit.delta, CAST($2 AS TEXT), debit.seq \
        FROM (SELECT seq, balance FROM credit_ledger WHERE client_id = $1 ORDER BY seq DESC LIMIT 1) AS last, \
        (SELECT seq, delta FROM credit_ledger WHERE client_id = $1 AND request_id = $2 AND kind = 'debit') AS debit \
        WHERE debit.delta < 0 ON CONFLICT DO NOTHING RETURNING balance";
    const OPEN: &str = "SELECT 1 FROM credit_ledger AS debit WHERE client_id = $1 AND request_id = $2 AND kind = 'debit' \
        AND NOT EXISTS (SELECT 1 FROM credit_ledger AS refund WHERE refund.client_id = $1 AND refund.refund_of = debit.seq)";
    for _ in 0..ATTEMPTS {
        let row = [client_id.into(), request_id.into(), at.into()];
        if !database.query(REFUND, &row).await?.is_empty() {
            return Ok(true);
        }
        if database
            .query(OPEN, &[client_id.into(), request_id.into()])
            .await?
            .is_empty()
        {
            return Ok(false);
        }
    }
    Ok(false)
}

/// What a client has.
pub async fn balance(database: &impl Database, client_id: &str) -> Result<u64, SqlError> {
    const NEWEST: &str = "SELECT balance FROM credit_ledger WHERE client_id = $1 ORDER BY seq DESC LIMIT 1";
    let rows = database.query(NEWEST, &[client_id.into()]).await?;
    rows.first().map_or(Ok(0), |row| row.get(0))
}

/// The debit that was made under a key, unless that was too long ago: then the key is free again.
async fn earlier(database: &impl Database, debit: &Debit<'_>, key: &Idempotency) -> Result<Option<Earlier>, Refusal> {
    const FIND: &str =
        "SELECT seq, at, fingerprint, variants, seed FROM credit_ledger WHERE client_id = $1 AND idempotency_key = $2";
    const FORGET: &str =
        "UPDATE credit_ledger SET idempotency_key = NULL WHERE client_id = $1 AND seq = $2 AND idempotency_key = $3";
    let rows = database
        .query(FIND, &[debit.client_id.into(), (&key.key).into()])
        .await?;
    let Some(row) = rows.first() else { return Ok(None) };
    let (seq, at): (i64, u64) = (row.get(0)?, row.get(1)?);
    if at.saturating_add(KEY_LIFETIME) <= debit.at {
        let forget = [debit.client_id.into(), seq.into(), (&key.key).into()];
        database.execute(FORGET, &forget).await?;
        return Ok(None);
    }
    if row.get::<String>(2)? != key.fingerprint {
        return Err(Code::IdempotencyKeyMismatch.into());
    }
    Ok(Some(Earlier {
        at,
        variants: variants(row)?,
        seed: row.get(4)?,
        balance: balance(database, debit.client_id).await?,
    }))
}

fn variants(row: &Row) -> Result<Variants, SqlError> {
    Variants::parse(&row.get::<String>(3)?).ok_or(SqlError::Column(3))
}
