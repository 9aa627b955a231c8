use super::COLUMNS;
use crate::sql::{Database, Row, SqlError, Value};
use audit::{Class, Entry};

/// Which entries are asked for; newest first.
#[derive(Debug, Default, Clone)]
pub struct Filter {
    /// Of this client.
    pub client_id: Option<String>,
    /// Of this request.
    pub request_id: Option<String>,
    /// Answered with this status.
    pub status: Option<i64>,
    /// Before this place in the chain: the last of the page before.
    pub before: Option<i64>,
    /// At most so many.
    pub limit: i64,
}

/// Entries of one chain.
pub async fn list<D: Database>(database: &D, class: Class, filter: &Filter) -> Result<Vec<Entry>, SqlError> {
    let mut values: Vec<Value> = vec![class.as_str().into()];
    let mut conditions = "chain = $1".to_owned();
    let mut also = |condition: &str, value: Option<Value>| {
        if let Some(value) = value {
            values.push(value);
            conditions.push_str(&format!(" AND {condition} ${}", values.len()));
        }
    };
    also("client_id =", filter.client_id.as_ref().map(Into::into));
    also("request_id =", filter.request_id.as_ref().map(Into::into));
    also("status =", filter.status.map(Into::into));
    also("seq <", filter.before.map(Into::into));
    values.push(filter.limit.into());
    let limit = values.len();
    let statement = format!("SELECT {COLUMNS} FROM audit WHERE {conditions} ORDER BY seq DESC LIMIT ${limit}");
    entries(&database.query(&statement, &values).await?)
}

/// Entries behind a place in a chain; oldest first.
pub async fn after<D: Database>(database: &D, chain: &str, seq: i64, limit: i64) -> Result<Vec<Entry>, SqlError> {
    let statement = format!("SELECT {COLUMNS} FROM audit WHERE chain = $1 AND seq > $2 ORDER BY seq LIMIT $3");
    entries(
        &database
            .query(&statement, &[chain.into(), seq.into(), limit.into()])
            .await?,
    )
}

fn entries(rows: &[Row]) -> Result<Vec<Entry>, SqlError> {
    rows.iter().map(read).collect()
}

fn read(row: &Row) -> Result<Entry, SqlError> {
    Ok(Entry {
        chain: row.get(0)?,
        seq: row.get(1)?,
        at: row.get(2)?,
        writer: row.get(3)?,
        kind: row.get(4)?,
        request_id: row.get(5)?,
        endpoint: row.get(6)?,
        method: row.get(7)?,
        client_id: row.get(8)?,
        proof: row.get(9)?,
        barcode: row.get(10)?,
        ip: row.get(11)?,
        status: row.get(12)?,
        error: row.get(13)?,
        credits: row.get(14)?,
        picture: row.get(15)?,
        dropped: row.get(16)?,
        prev_hash: row.get(17)?,
        hash: row.get(18)?,
    })
}
