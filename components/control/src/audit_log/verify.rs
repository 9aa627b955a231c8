use super::query;
use crate::sql::{Database, SqlError};
use audit::{Broken, Checkpoint, Class, Key, Verifier};

/// Entries that are read at a time.
const PAGE: i64 = 500;
/// Entries that are verified in one request.
const MOST: i64 = 20_000;

/// How far a chain was found to hold.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Verified {
    /// Entries verified now.
    pub entries: i64,
    /// The last of them. Where there is more it is where to go on.
    pub until: Checkpoint,
    /// Whether that is the newest.
    pub complete: bool,
}

/// Verifies a chain behind a checkpoint; without one from its beginning, or what was cut off there.
pub async fn verify<D: Database>(
    database: &D,
    key: &Key,
    class: Class,
    from: Option<Checkpoint>,
) -> Result<Result<Verified, Broken>, SqlError> {
    let chain = class.as_str();
    let start = match from {
        Some(from) => from,
        None => beginning(database, key, chain).await?,
    };
    let mut verifier = match Verifier::new(key, &start) {
        Ok(verifier) => verifier,
        Err(broken) => return Ok(Err(broken)),
    };
    let mut until = start.clone();
    let mut complete = false;
    while !complete && until.seq - start.seq < MOST {
        let page = query::after(database, chain, until.seq, PAGE).await?;
        complete = page.len() < usize::try_from(PAGE).unwrap_or_default();
        for entry in &page {
            if let Err(broken) = verifier.push(entry) {
                return Ok(Err(broken));
            }
        }
        if let Some(last) = page.last() {
            until = Checkpoint::of(last, key);
        }
    }
    let entries = until.seq - start.seq;
    Ok(Ok(Verified {
        entries,
        until,
        complete,
    }))
}

async fn beginning<D: Database>(database: &D, key: &Key, chain: &str) -> Result<Checkpoint, SqlError> {
    let statement = "SELECT seq, hash, tag FROM audit_checkpoints WHERE chain = $1";
    let rows = database.query(statement, &[chain.into()]).await?;
    match rows.first() {
        None => Ok(Checkpoint::genesis(chain, key)),
        Some(row) => Ok(Checkpoint {
            chain: chain.to_owned(),
            seq: row.get(0)?,
            hash: row.get(1)?,
            tag: row.get(2)?,
        }),
    }
}
