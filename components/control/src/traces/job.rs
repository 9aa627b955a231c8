use crate::sql::{Database, Row, SqlError, Value};
use serde_json::json;

/// A picture to be traced.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Job {
    /// `trc_…`
    pub id: String,
    /// Unix milliseconds.
    pub created_at: i64,
    state: String,
    /// How often somebody took it.
    pub attempts: i64,
    bytes: i64,
    finished_at: Option<i64>,
    result: Option<String>,
}

/// What [`Job::read`] reads.
pub(super) const COLUMNS: &str = "id, created_at, state, attempts, bytes, finished_at, result";

/// The job with this id. One whose picture has not arrived whole is none.
pub async fn find<D: Database>(database: &D, id: &str) -> Result<Option<Job>, SqlError> {
    let statement = format!("SELECT {COLUMNS} FROM traces WHERE id = $1 AND state <> 'uploading'");
    let rows = database.query(&statement, &[id.into()]).await?;
    rows.first().map(Job::read).transpose()
}

/// Jobs, newest first.
pub async fn list<D: Database>(database: &D, before: Option<i64>, limit: i64) -> Result<Vec<Job>, SqlError> {
    let statement = format!(
        "SELECT {COLUMNS} FROM traces WHERE created_at < $1 AND state <> 'uploading' ORDER BY created_at DESC LIMIT $2"
    );
    let before: Value = before.unwrap_or(i64::MAX).into();
    let rows = database.query(&statement, &[before, limit.into()]).await?;
    rows.iter().map(Job::read).collect()
}

impl Job {
    pub(super) fn read(row: &Row) -> Result<Self, SqlError> {
        Ok(Self {
            id: row.get(0)?,
            created_at: row.get(1)?,
            state: row.get(2)?,
            attempts: row.get(3)?,
            bytes: row.get(4)?,
            finished_at: row.get(5)?,
            result: row.get(6)?,
        })
    }

    /// As the operator sees it.
    pub fn shown(&self) -> serde_json::Value {
        let failed = self.state == "failed";
        let result = self.result.as_deref().filter(|_| !failed);
        let result = result.and_then(|text| serde_json::from_str::<serde_json::Value>(text).ok());
        json!({
            "id": self.id, "created_at": self.created_at, "state": self.state, "attempts": self.attempts, "bytes": self.bytes,
            "finished_at": self.finished_at, "result": result, "error": self.result.as_deref().filter(|_| failed),
        })
    }
}
