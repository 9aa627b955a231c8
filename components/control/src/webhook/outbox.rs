use crate::sql::{Database, SqlError, Value};
use serde_json::Value as Json;

/// What a webhook is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Kind {
    /// A refresh token was used twice: the client's tokens are revoked and its key is quarantined.
    RefreshTokenReused,
    /// The client was disabled because of confirmed abuse.
    ClientDisabled,
    /// Something unusual, for the owner to look at.
    Anomaly,
}

/// A webhook and what became of it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Notice {
    /// Its id, also in its body.
    pub id: String,
    /// Whose owner is told.
    pub client_id: String,
    /// What it is about.
    pub kind: String,
    /// Unix seconds.
    pub created_at: u64,
    /// Tries so far.
    pub attempts: u64,
    /// When it is tried next, in Unix seconds.
    pub next_at: u64,
    /// When it was taken, in Unix seconds.
    pub delivered_at: Option<u64>,
}

impl Kind {
    /// The stored text.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::RefreshTokenReused => "refresh_token_reused",
            Self::ClientDisabled => "client_disabled",
            Self::Anomaly => "anomaly",
        }
    }
}

/// Puts a webhook into the outbox, once for each id. `now` is Unix seconds.
pub async fn enqueue<D: Database>(
    database: &D,
    id: &str,
    client_id: &str,
    kind: Kind,
    data: &Json,
    now: u64,
) -> Result<(), SqlError> {
    let statement = "INSERT INTO outbox (id, client_id, kind, body, created_at, attempts, next_at) \
                     VALUES ($1, $2, $3, $4, $5, 0, $5) ON CONFLICT (id) DO NOTHING";
    let row = [
        id.into(),
        client_id.into(),
        kind.as_str().into(),
        data.to_string().into(),
        now.into(),
    ];
    database.execute(statement, &row).await?;
    Ok(())
}

/// The newest webhooks, delivered or not.
pub async fn list<D: Database>(database: &D, before: Option<u64>, limit: i64) -> Result<Vec<Notice>, SqlError> {
    let statement = "SELECT id, client_id, kind, created_at, attempts, next_at, delivered_at FROM outbox \
                     WHERE created_at < $1 ORDER BY created_at DESC, id LIMIT $2";
    let before = before.map_or(Value::Integer(i64::MAX), Into::into);
    let rows = database.query(statement, &[before, limit.into()]).await?;
    rows.iter()
        .map(|row| {
            Ok(Notice {
                id: row.get(0)?,
                client_id: row.get(1)?,
                kind: row.get(2)?,
                created_at: row.get(3)?,
                attempts: row.get(4)?,
                next_at: row.get(5)?,
                delivered_at: row.get(6)?,
            })
        })
        .collect()
}
