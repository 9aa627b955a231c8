use crate::sql::{Database, Row, SqlError, Value};
use serde_json::json;

/// An anomaly that was found.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Found {
    /// Its number: that of the event in the chain `requests` that it was found at.
    pub seq: i64,
    client_id: String,
    found_at: i64,
    verdict: String,
    score: i64,
    signals: String,
    acknowledged_at: Option<i64>,
}

const COLUMNS: &str = "seq, client_id, found_at, verdict, score, signals, acknowledged_at";

/// What was found, newest first.
pub async fn list<D: Database>(
    database: &D,
    client_id: Option<&str>,
    before: Option<i64>,
    limit: i64,
) -> Result<Vec<Found>, SqlError> {
    let before: Value = before.unwrap_or(i64::MAX).into();
    let rows = match client_id {
        Some(client_id) => {
            let statement =
                format!("SELECT {COLUMNS} FROM anomalies WHERE client_id = $1 AND seq < $2 ORDER BY seq DESC LIMIT $3");
            database
                .query(&statement, &[client_id.into(), before, limit.into()])
                .await?
        }
        None => {
            let statement = format!("SELECT {COLUMNS} FROM anomalies WHERE seq < $1 ORDER BY seq DESC LIMIT $2");
            database.query(&statement, &[before, limit.into()]).await?
        }
    };
    rows.iter().map(read).collect()
}

/// Notes that an operator has seen it. `now` is Unix seconds. `None`: there is no such anomaly.
pub async fn acknowledge<D: Database>(database: &D, seq: i64, now: u64) -> Result<Option<Found>, SqlError> {
    let statement = format!(
        "UPDATE anomalies SET acknowledged_at = COALESCE(acknowledged_at, $1) WHERE seq = $2 RETURNING {COLUMNS}"
    );
    let rows = database.query(&statement, &[now.into(), seq.into()]).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Found, SqlError> {
    Ok(Found {
        seq: row.get(0)?,
        client_id: row.get(1)?,
        found_at: row.get(2)?,
        verdict: row.get(3)?,
        score: row.get(4)?,
        signals: row.get(5)?,
        acknowledged_at: row.get(6)?,
    })
}

impl Found {
    /// As the operator sees it.
    pub fn shown(&self) -> serde_json::Value {
        let signals: serde_json::Value = serde_json::from_str(&self.signals).unwrap_or_default();
        json!({
            "id": self.seq.to_string(), "client_id": self.client_id, "found_at": self.found_at, "verdict": self.verdict,
            "score": self.score, "signals": signals, "acknowledged_at": self.acknowledged_at,
        })
    }
}
