//! SQL behind one port: one set of statements, which SQLite (3.35 or later) and PostgreSQL (13 or later) both understand.
//!
//! Numbers are BIGINT and bound as such, flags too (0 and 1); everything else is TEXT, JSON and times in their canonical form
//! included: PostgreSQL takes a parameter only where its type is exactly the column's. Parameters are `$1`, `$2`, …; where
//! nothing else says of which type one is, it stands in `CAST($1 AS BIGINT)`. A `SUM` of BIGINT is cast back to BIGINT.
//!
//! A transition that must happen exactly once is one conditional statement (`UPDATE … WHERE … RETURNING`, `INSERT … ON
//! CONFLICT DO NOTHING`). [`transaction`] is for the few that move several rows together.

mod error;
mod migrate;
mod row;
mod value;

pub use error::SqlError;
pub use migrate::{MIGRATIONS, Migration, migrate};
pub use row::{Column, Row};
pub use value::Value;

use std::borrow::Cow;

/// The databases that are spoken to.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Dialect {
    /// SQLite, embedded in the host.
    Sqlite,
    /// PostgreSQL, shared by hosts.
    Postgres,
}

/// One connection to the database. It serves one request, one statement after the other.
#[allow(
    async_fn_in_trait,
    reason = "one thread, one executor: no bound on the futures is needed"
)]
pub trait Database {
    /// Which database it is.
    fn dialect(&self) -> Dialect;

    /// Runs one statement that gives rows: `SELECT`, or anything with `RETURNING`. An answer that is lost may have been applied.
    async fn query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError>;

    /// Runs one statement that gives no rows. Gives how many rows it changed.
    async fn execute(&self, statement: &str, parameters: &[Value]) -> Result<u64, SqlError>;
}

impl Dialect {
    /// The statement as this database reads it. SQLite numbers `$1` by its first appearance, and `?1` by its number.
    pub fn statement(self, statement: &str) -> Cow<'_, str> {
        match self {
            Self::Sqlite => Cow::Owned(statement.replace('$', "?")),
            Self::Postgres => Cow::Borrowed(statement),
        }
    }

    /// Begins a transaction that writes. SQLite takes its one writer's lock at once, because it refuses to wait for it later.
    pub fn begin(self) -> &'static str {
        match self {
            Self::Sqlite => "BEGIN IMMEDIATE",
            Self::Postgres => "BEGIN",
        }
    }
}

/// Runs several statements that count together or not at all. `work` waits for nothing but the database: whatever it holds,
/// others wait for.
pub async fn transaction<D: Database, T, E: From<SqlError>>(
    database: &D,
    work: impl AsyncFnOnce(&D) -> Result<T, E>,
) -> Result<T, E> {
    database.execute(database.dialect().begin(), &[]).await?;
    let result = match work(database).await {
        Ok(value) => match database.execute("COMMIT", &[]).await {
            Ok(_) => return Ok(value),
            Err(error) => Err(error.into()),
        },
        Err(error) => Err(error),
    };
    // A connection goes back to a pool that does not end transactions. Where this fails too, the connection is gone.
    let _ = database.execute("ROLLBACK", &[]).await;
    result
}

#[cfg(test)]
mod tests;
