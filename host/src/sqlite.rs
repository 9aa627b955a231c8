//! The embedded SQL database: one SQLite file in the data folder, which components reach as `spin:sqlite`.
//!
//! As under Spin every `open` is a connection of its own, so a transaction belongs to the handle it was begun on; a handle that
//! is dropped in the middle of one rolls back.
#[cfg(test)]
mod tests;

use rusqlite::config::DbConfig;
use rusqlite::limits::Limit;
use rusqlite::types::{Value, ValueRef};
use rusqlite::{ErrorCode, params_from_iter};
use std::path::{Path, PathBuf};
use std::sync::atomic::{AtomicBool, Ordering};
use std::sync::{Arc, Mutex, MutexGuard, PoisonError};
use std::time::Duration;
use tokio::sync::{OwnedSemaphorePermit, Semaphore};

/// The label of the one database there is.
pub const LABEL: &str = "default";
/// How long a statement waits for another connection to finish its write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);
/// How long a statement may take, that wait included; then it is interrupted.
const DEADLINE: Duration = Duration::from_secs(10);
/// So many steps of the engine go by between two looks at whether the caller still waits.
const STEPS: i32 = 10_000;
/// Connections open at a time.
const MAX_CONNECTIONS: usize = 256;
/// Bytes that the values of one answer may take, and one value: an instance has to hold them too.
const MAX_ANSWER: usize = 16 << 20;
/// Bytes of one statement.
const MAX_STATEMENT: i32 = 1 << 20;

/// Why a statement failed.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The engine refused.
    #[error("{0}")]
    Engine(#[from] rusqlite::Error),
    /// It was not done in time, and was interrupted.
    #[error("the statement took longer than {} s", DEADLINE.as_secs())]
    Late,
    /// Its answer is larger than a component could hold.
    #[error("query result exceeds limit of {MAX_ANSWER} bytes")]
    TooLarge,
    /// A text in the database is not UTF-8.
    #[error("a text of the result is not UTF-8")]
    NotText,
    /// Too many connections are open.
    #[error("too many connections opened")]
    TooMany,
    /// The call ended without an outcome.
    #[error("the statement broke off")]
    BrokenOff,
}

impl Error {
    /// Whether there is no room left on the disk.
    pub fn is_full(&self) -> bool {
        matches!(self, Self::Engine(error) if error.sqlite_error_code() == Some(ErrorCode::DiskFull))
    }
}

/// What a statement gave.
#[derive(Debug, Default)]
pub struct Answer {
    /// The names of its columns.
    pub columns: Vec<String>,
    /// Its rows, each with a value for every column.
    pub rows: Vec<Vec<Value>>,
}

/// One SQLite file in WAL mode.
///
/// `synchronous=FULL` syncs the log with every commit: neither a crash of the process nor a power cut loses what was
/// acknowledged, on a disk that does what `fsync` asks.
pub struct Database {
    file: PathBuf,
    room: Arc<Semaphore>,
    /// Never used: while one connection is open, closing another does not have to move the log into the file.
    _keeper: Mutex<rusqlite::Connection>,
}

impl Database {
    /// Opens the file, creating it when absent.
    pub fn open(file: &Path) -> Result<Self, Error> {
        let keeper = connect(file)?;
        keeper.pragma_update(None, "journal_mode", "WAL")?;
        // A connection has the log open from its first read on.
        keeper.query_row("SELECT COUNT(*) FROM sqlite_schema", [], |_| Ok(()))?;
        Ok(Self {
            file: file.to_owned(),
            room: Arc::new(Semaphore::new(MAX_CONNECTIONS)),
            _keeper: Mutex::new(keeper),
        })
    }

    /// A new connection.
    pub async fn connect(&self) -> Result<Connection, Error> {
        let room = self.room.clone().try_acquire_owned().map_err(|_| Error::TooMany)?;
        let file = self.file.clone();
        let opened = tokio::task::spawn_blocking(move || connect(&file)).await;
        let connection = opened.map_err(|_| Error::BrokenOff)??;
        Ok(Connection(Arc::new((Mutex::new(connection), room))))
    }
}

/// One connection; its statements run one after the other.
#[derive(Clone)]
pub struct Connection(Arc<(Mutex<rusqlite::Connection>, OwnedSemaphorePermit)>);

impl Connection {
    /// Runs one statement to its end. When the caller goes away meanwhile, it is interrupted.
    pub async fn execute(&self, statement: String, parameters: Vec<Value>) -> Result<Answer, Error> {
        self.call(move |connection| run(connection, &statement, parameters))
            .await?
    }

    /// The row that the last INSERT made.
    pub async fn last_insert_rowid(&self) -> Result<i64, Error> {
        self.call(|connection| connection.last_insert_rowid()).await
    }

    /// How many rows the last INSERT, UPDATE or DELETE changed.
    pub async fn changes(&self) -> Result<u64, Error> {
        self.call(|connection| connection.changes()).await
    }

    async fn call<T: Send + 'static>(
        &self,
        call: impl FnOnce(&rusqlite::Connection) -> T + Send + 'static,
    ) -> Result<T, Error> {
        let held = self.0.clone();
        let waiting = Waiting::default();
        let left = waiting.0.clone();
        let made = tokio::task::spawn_blocking(move || {
            let mut connection = lock(&held.0);
            // Asked before the statement and while it runs, so a caller cannot leave between the two unseen.
            let left = move || left.load(Ordering::Relaxed);
            connection.progress_handler(STEPS, Some(left))?;
            Ok(call(&connection))
        });
        let outcome = tokio::time::timeout(DEADLINE, made).await.map_err(|_| Error::Late)?;
        outcome.map_err(|_| Error::BrokenOff)?
    }
}

/// Tells the statement that its caller has left, or has its answer.
#[derive(Default)]
struct Waiting(Arc<AtomicBool>);

impl Drop for Waiting {
    fn drop(&mut self) {
        self.0.store(true, Ordering::Relaxed);
    }
}

/// A panic elsewhere leaves a sound connection: the engine keeps its own state.
fn lock(connection: &Mutex<rusqlite::Connection>) -> MutexGuard<'_, rusqlite::Connection> {
    connection.lock().unwrap_or_else(PoisonError::into_inner)
}

fn connect(file: &Path) -> Result<rusqlite::Connection, Error> {
    let connection = rusqlite::Connection::open(file)?;
    connection.busy_timeout(BUSY_TIMEOUT)?;
    connection.pragma_update(None, "synchronous", "FULL")?;
    // A component has this file and no other: ATTACH, and VACUUM INTO with it, would open any path of the machine.
    connection.set_limit(Limit::SQLITE_LIMIT_ATTACHED, 0)?;
    connection.set_limit(Limit::SQLITE_LIMIT_SQL_LENGTH, MAX_STATEMENT)?;
    connection.set_limit(
        Limit::SQLITE_LIMIT_LENGTH,
        i32::try_from(MAX_ANSWER).unwrap_or(i32::MAX),
    )?;
    // Nor can it damage the file by way of its internal tables.
    connection.set_db_config(DbConfig::SQLITE_DBCONFIG_DEFENSIVE, true)?;
    Ok(connection)
}

fn run(connection: &rusqlite::Connection, statement: &str, parameters: Vec<Value>) -> Result<Answer, Error> {
    let mut statement = connection.prepare_cached(statement)?;
    let columns: Vec<String> = statement.column_names().map(str::to_owned).collect();
    let mut found = statement.query(params_from_iter(parameters))?;
    let (mut rows, mut size) = (Vec::new(), 0_usize);
    while let Some(row) = found.next()? {
        let values: Vec<Value> = (0..columns.len())
            .map(|index| value(row.get_ref(index)?))
            .collect::<Result<_, Error>>()?;
        size = values.iter().map(weight).fold(size, usize::saturating_add);
        if size > MAX_ANSWER {
            return Err(Error::TooLarge);
        }
        rows.push(values);
    }
    Ok(Answer { columns, rows })
}

fn value(value: ValueRef<'_>) -> Result<Value, Error> {
    Ok(match value {
        ValueRef::Null => Value::Null,
        ValueRef::Integer(number) => Value::Integer(number),
        ValueRef::Real(number) => Value::Real(number),
        ValueRef::Text(text) => Value::Text(std::str::from_utf8(text).map_err(|_| Error::NotText)?.to_owned()),
        ValueRef::Blob(bytes) => Value::Blob(bytes.to_vec()),
    })
}

/// What a value costs to hold, roughly.
fn weight(value: &Value) -> usize {
    let contents = match value {
        Value::Text(text) => text.len(),
        Value::Blob(bytes) => bytes.len(),
        Value::Null | Value::Integer(_) | Value::Real(_) => 0,
    };
    contents.saturating_add(size_of::<Value>())
}
