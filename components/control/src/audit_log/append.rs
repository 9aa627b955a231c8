use super::COLUMNS;
use crate::sql::{Database, SqlError, Value};
use audit::{Class, Entry, Event, Key};

/// Attempts to be the one who writes next. Each failed one means that somebody else has written.
const ATTEMPTS: usize = 50;

/// The newest entry of a chain: place and hash.
pub type Head = (i64, String);

/// Adds events to their chains, in their order; those of one chain together or not at all. Gives the head of each chain that it
/// wrote to.
pub async fn append<D: Database>(database: &D, key: &Key, events: &[Event]) -> Result<Vec<(Class, Head)>, SqlError> {
    let mut heads = Vec::new();
    for class in Class::ALL {
        let events: Vec<&Event> = events.iter().filter(|event| event.kind.class() == class).collect();
        if !events.is_empty() {
            heads.push((class, chain(database, key, class, &events).await?));
        }
    }
    Ok(heads)
}

async fn chain<D: Database>(database: &D, key: &Key, class: Class, events: &[&Event]) -> Result<Head, SqlError> {
    for _ in 0..ATTEMPTS {
        let (mut seq, mut hash) = head(database, class).await?;
        let mut entries = Vec::with_capacity(events.len());
        for event in events {
            let entry = Entry::append(event, key, seq, &hash);
            (seq, hash) = (entry.seq, entry.hash.clone());
            entries.push(entry);
        }
        match insert(database, &entries).await {
            Ok(()) => return Ok((seq, hash)),
            // An error can hide a success whose answer was lost, and another writer's success. Whose hash stands there tells.
            Err(error) => match standing(database, class, seq).await? {
                Some(standing) if standing == hash => return Ok((seq, hash)),
                _ => {
                    let (now, _) = head(database, class).await?;
                    if entries.first().is_some_and(|first| now < first.seq) {
                        return Err(error);
                    }
                }
            },
        }
    }
    Err(SqlError::Failed(
        "the audit log is written to by too many at once".to_owned(),
    ))
}

/// The newest entry; the checkpoint where all of them were cut off.
pub(super) async fn head<D: Database>(database: &D, class: Class) -> Result<Head, SqlError> {
    let statement = "SELECT seq, hash FROM (SELECT seq, hash FROM audit WHERE chain = $1 ORDER BY seq DESC LIMIT 1) AS newest \
                     UNION ALL SELECT seq, hash FROM audit_checkpoints WHERE chain = $1 ORDER BY seq DESC LIMIT 1";
    match database.query(statement, &[class.as_str().into()]).await?.first() {
        Some(row) => Ok((row.get(0)?, row.get(1)?)),
        None => Ok((0, Entry::GENESIS.to_owned())),
    }
}

async fn standing<D: Database>(database: &D, class: Class, seq: i64) -> Result<Option<String>, SqlError> {
    let statement = "SELECT hash FROM audit WHERE chain = $1 AND seq = $2";
    let rows = database.query(statement, &[class.as_str().into(), seq.into()]).await?;
    rows.first().map(|row| row.get(0)).transpose()
}

/// One statement: all rows or none.
async fn insert<D: Database>(database: &D, entries: &[Entry]) -> Result<(), SqlError> {
    let values: Vec<Value> = entries.iter().flat_map(values).collect();
    let width = COLUMNS.split(',').count();
    let rows: Vec<String> = (0..entries.len())
        .map(|row| {
            let places: Vec<String> = (1..=width).map(|column| format!("${}", row * width + column)).collect();
            format!("({})", places.join(", "))
        })
        .collect();
    let statement = format!("INSERT INTO audit ({COLUMNS}) VALUES {}", rows.join(", "));
    database.execute(&statement, &values).await?;
    Ok(())
}

fn values(entry: &Entry) -> [Value; 19] {
    [
        (&entry.chain).into(),
        entry.seq.into(),
        entry.at.into(),
        (&entry.writer).into(),
        (&entry.kind).into(),
        (&entry.request_id).into(),
        (&entry.endpoint).into(),
        (&entry.method).into(),
        entry.client_id.as_ref().into(),
        (&entry.proof).into(),
        entry.barcode.as_ref().into(),
        entry.ip.as_ref().into(),
        entry.status.into(),
        entry.error.as_ref().into(),
        entry.credits.into(),
        entry.picture.as_ref().into(),
        entry.dropped.into(),
        (&entry.prev_hash).into(),
        (&entry.hash).into(),
    ]
}
