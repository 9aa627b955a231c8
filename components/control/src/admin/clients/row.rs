//! Rows of clients, as an operator sees and changes them. What begins and ends a client stands in [`crate::clients`].

use crate::sql::{Database, Row, SqlError, Value};

/// A client's row, as far as an operator sees it. Times are Unix seconds.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// Its name, for people.
    pub name: String,
    /// Where its owner is reached, for people.
    pub contact: String,
    /// Where its owner's webhooks go.
    pub webhook_url: Option<String>,
    /// `free`, `standard` or `enterprise`.
    pub tier: String,
    /// When its key was quarantined.
    pub key_quarantined_at: Option<u64>,
    /// Its scope, as JSON.
    pub scope: String,
    /// Requests a minute; none: those of the tier.
    pub per_minute: Option<u64>,
    /// Requests a day; none: those of the tier.
    pub per_day: Option<u64>,
    /// The networks that it may call from, as a JSON array; empty: any.
    pub allowlist: String,
    /// Whether one-shot URLs are bound to its address.
    pub ip_binding: bool,
    /// To how many bits of an IPv4 address.
    pub ip_prefix_v4: u64,
    /// To how many bits of an IPv6 address.
    pub ip_prefix_v6: u64,
    /// Longest lifetime of a signed URL.
    pub max_lifetime: Option<u64>,
    /// Whether only presets may be asked for.
    pub only_presets: bool,
    /// When it was made.
    pub created_at: u64,
    /// When it stops working.
    pub expires_at: Option<u64>,
    /// When it was disabled, which can be undone.
    pub disabled_at: Option<u64>,
    /// Why.
    pub disabled_reason: Option<String>,
    /// When it was revoked, which cannot.
    pub revoked_at: Option<u64>,
}

const COLUMNS: &str = "id, name, contact, webhook_url, tier, key_quarantined_at, scope, per_minute, per_day, allowlist, ip_binding, \
                       ip_prefix_v4, ip_prefix_v6, max_lifetime, only_presets, created_at, expires_at, disabled_at, \
                       disabled_reason, revoked_at";

/// The client with this id.
pub async fn find<D: Database>(database: &D, id: &str) -> Result<Option<Client>, SqlError> {
    let statement = format!("SELECT {COLUMNS} FROM clients WHERE id = $1");
    let rows = database.query(&statement, &[id.into()]).await?;
    rows.first().map(read).transpose()
}

/// Clients behind this id, in the order of their ids.
pub async fn list<D: Database>(database: &D, after: &str, limit: i64) -> Result<Vec<Client>, SqlError> {
    let statement = format!("SELECT {COLUMNS} FROM clients WHERE id > $1 ORDER BY id LIMIT $2");
    let rows = database.query(&statement, &[after.into(), limit.into()]).await?;
    rows.iter().map(read).collect()
}

/// Changes columns of a client that was not revoked.
pub async fn change<D: Database>(
    database: &D,
    id: &str,
    columns: &[(&'static str, Value)],
) -> Result<Option<Client>, SqlError> {
    let mut values: Vec<Value> = vec![id.into()];
    let mut changes = Vec::new();
    for (name, value) in columns {
        values.push(value.clone());
        changes.push(format!("{name} = ${}", values.len()));
    }
    if changes.is_empty() {
        return find(database, id).await;
    }
    let statement = format!(
        "UPDATE clients SET {} WHERE id = $1 AND revoked_at IS NULL RETURNING {COLUMNS}",
        changes.join(", ")
    );
    let rows = database.query(&statement, &values).await?;
    rows.first().map(read).transpose()
}

fn read(row: &Row) -> Result<Client, SqlError> {
    Ok(Client {
        id: row.get(0)?,
        name: row.get(1)?,
        contact: row.get(2)?,
        webhook_url: row.get(3)?,
        tier: row.get(4)?,
        key_quarantined_at: row.get(5)?,
        scope: row.get(6)?,
        per_minute: row.get(7)?,
        per_day: row.get(8)?,
        allowlist: row.get(9)?,
        ip_binding: row.get(10)?,
        ip_prefix_v4: row.get(11)?,
        ip_prefix_v6: row.get(12)?,
        max_lifetime: row.get(13)?,
        only_presets: row.get(14)?,
        created_at: row.get(15)?,
        expires_at: row.get(16)?,
        disabled_at: row.get(17)?,
        disabled_reason: row.get(18)?,
        revoked_at: row.get(19)?,
    })
}
