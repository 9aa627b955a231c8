use super::{DEADLINE, Error, MAX_ANSWER};
use bytes::BytesMut;
use deadpool_postgres::Object;
use futures_util::TryStreamExt as _;
use std::sync::Arc;
use std::time::Duration;
use tokio::runtime::Handle;
use tokio_postgres::error::SqlState;
use tokio_postgres::types::{IsNull, ToSql, Type, to_sql_checked};
use tokio_postgres::{Row, SimpleQueryMessage, Statement};

/// Prepared statements that a connection keeps; components write theirs as constants, so there are few.
const STATEMENTS: usize = 256;
/// For clearing up after a borrower, whose last statement may still run.
const CLEARING: Duration = Duration::from_secs(15);
/// Takes back everything that a borrower may have left in the session, and asks whether it left a transaction open: outside of
/// one, `now()` is the time of this very statement.
const CLEAR: &str = "SELECT now() = statement_timestamp(), pg_advisory_unlock_all(); \
     CLOSE ALL; SET SESSION AUTHORIZATION DEFAULT; RESET ALL; UNLISTEN *; DISCARD TEMP; DISCARD SEQUENCES";

/// The values for a statement's `$1`, `$2`, ….
pub type Parameters = Vec<Box<dyn ToSql + Send + Sync>>;

/// One connection to a database, for as long as it is held.
#[derive(Clone)]
pub struct Connection(Arc<Held>);

impl Connection {
    pub(super) fn new(client: Object) -> Self {
        Self(Arc::new(Held(Some(client))))
    }

    /// Runs a statement and returns its columns and all its rows.
    pub async fn query(&self, statement: &str, parameters: Parameters) -> Result<(Statement, Vec<Row>), Error> {
        self.within(statement, async |client, statement| {
            let rows = client.query_raw(&statement, parameters).await?;
            let mut rows = std::pin::pin!(rows);
            let (mut all, mut size) = (Vec::new(), 0_usize);
            while let Some(row) = rows.try_next().await? {
                size = size.saturating_add(row.raw_size_bytes());
                if size > MAX_ANSWER {
                    return Err(Error::TooLarge);
                }
                all.push(row);
            }
            Ok((statement, all))
        })
        .await
    }

    /// Runs a statement and returns how many rows it changed.
    pub async fn execute(&self, statement: &str, parameters: Parameters) -> Result<u64, Error> {
        self.within(statement, async |client, statement| {
            Ok(client.execute_raw(&statement, parameters).await?)
        })
        .await
    }

    /// Prepares a statement, or takes the prepared one, and runs it within the deadline.
    async fn within<T>(
        &self,
        text: &str,
        run: impl AsyncFnOnce(&Object, Statement) -> Result<T, Error>,
    ) -> Result<T, Error> {
        let client = self.0.0.as_ref().ok_or(Error::Late)?;
        let outcome = tokio::time::timeout(DEADLINE, async {
            let statement = client.prepare_cached(text).await?;
            run(client, statement).await
        });
        let outcome = outcome.await.map_err(|_| Error::Late)?;
        // A plan that was made before the table was changed is refused with this code; the next use makes a new one.
        let stale =
            matches!(&outcome, Err(Error::Statement(error)) if error.code() == Some(&SqlState::FEATURE_NOT_SUPPORTED));
        if stale || client.statement_cache.size() > STATEMENTS {
            client.statement_cache.clear();
        }
        outcome
    }
}

/// A borrowed connection. It goes back to its pool as if new, or not at all.
struct Held(Option<Object>);

impl Drop for Held {
    fn drop(&mut self) {
        let Some(client) = self.0.take() else { return };
        match Handle::try_current() {
            Ok(runtime) => drop(runtime.spawn(give_back(client))),
            Err(_) => drop(Object::take(client)),
        }
    }
}

/// Clears a connection for the next borrower. Where that is not possible the connection is closed, and with it everything that
/// was begun on it is rolled back by the server.
async fn give_back(client: Object) {
    let cleared = tokio::time::timeout(CLEARING, client.simple_query(CLEAR)).await;
    let first = cleared.ok().and_then(Result::ok).and_then(|answer| {
        answer.into_iter().find_map(|message| match message {
            SimpleQueryMessage::Row(row) => row.get(0).map(|value| value == "t"),
            _ => None,
        })
    });
    if first != Some(true) {
        drop(Object::take(client));
    }
}

/// NULL for a place of any type.
pub fn parameter_null() -> Box<dyn ToSql + Send + Sync> {
    Box::new(Null)
}

#[derive(Debug)]
struct Null;

impl ToSql for Null {
    fn to_sql(&self, _: &Type, _: &mut BytesMut) -> Result<IsNull, Box<dyn std::error::Error + Sync + Send>> {
        Ok(IsNull::Yes)
    }

    fn accepts(_: &Type) -> bool {
        true
    }

    to_sql_checked!();
}
