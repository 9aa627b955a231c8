use super::{Backend, Result, sum};
use rusqlite::{Connection, OpenFlags, OptionalExtension as _, TransactionBehavior, params};
use std::path::Path;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::Duration;

/// How long a call waits for another process (`deckle key …` beside `deckle up`) to finish its write.
const BUSY_TIMEOUT: Duration = Duration::from_secs(5);

/// One SQLite file in WAL mode, with the table that Spin's own store has.
///
/// `synchronous=NORMAL` syncs at checkpoints only: a crash of the process loses nothing, a power cut at most the last
/// commits, and never consistency.
///
/// Readers never wait for a writer in WAL mode, so they have a connection of their own.
pub struct Sqlite {
    writer: Mutex<Connection>,
    reader: Mutex<Connection>,
}

impl Sqlite {
    /// Opens the file, creating it and the table when absent.
    pub fn open(path: &Path) -> Result<Self> {
        let connection = Connection::open(path)?;
        connection.busy_timeout(BUSY_TIMEOUT)?;
        connection.pragma_update(None, "journal_mode", "WAL")?;
        connection.pragma_update(None, "synchronous", "NORMAL")?;
        connection.execute_batch(
            "CREATE TABLE IF NOT EXISTS spin_key_value (
               store TEXT NOT NULL, key TEXT NOT NULL, value BLOB NOT NULL, PRIMARY KEY (store, key))",
        )?;
        let reader =
            Connection::open_with_flags(path, OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX)?;
        reader.busy_timeout(Duration::ZERO)?;
        Ok(Self {
            writer: Mutex::new(connection),
            reader: Mutex::new(reader),
        })
    }

    /// An unfinished transaction rolls back when it is dropped, so a panic elsewhere leaves a sound connection.
    fn connection(&self) -> MutexGuard<'_, Connection> {
        self.writer.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Sqlite {
    fn get(&self, store: &str, key: &str) -> Result<Option<Vec<u8>>> {
        read(&self.connection(), store, key)
    }

    fn get_at_once(&self, store: &str, key: &str) -> Option<Option<Vec<u8>>> {
        // Whatever keeps this connection from an answer, the other one waits for it or has a name for it.
        let reader = self.reader.try_lock().ok()?;
        read(&reader, store, key).ok()
    }

    fn set(&self, store: &str, key: &str, value: &[u8]) -> Result<()> {
        write(&self.connection(), store, key, value)
    }

    fn delete(&self, store: &str, key: &str) -> Result<()> {
        self.connection()
            .prepare_cached("DELETE FROM spin_key_value WHERE store = ?1 AND key = ?2")?
            .execute([store, key])?;
        Ok(())
    }

    fn keys(&self, store: &str) -> Result<Vec<String>> {
        let connection = self.connection();
        let mut query = connection.prepare_cached("SELECT key FROM spin_key_value WHERE store = ?1 ORDER BY key")?;
        let keys = query
            .query_map([store], |row| row.get(0))?
            .collect::<std::result::Result<_, _>>()?;
        Ok(keys)
    }

    fn increment(&self, store: &str, key: &str, delta: i64) -> Result<i64> {
        let mut connection = self.connection();
        // Immediate: the write lock is taken before the read, so that no other process can write in between.
        let transaction = connection.transaction_with_behavior(TransactionBehavior::Immediate)?;
        let next = sum(read(&transaction, store, key)?.as_deref(), delta)?;
        write(&transaction, store, key, &next.to_le_bytes())?;
        transaction.commit()?;
        Ok(next)
    }

    fn swap(&self, store: &str, key: &str, seen: Option<&[u8]>, value: &[u8]) -> Result<bool> {
        let connection = self.connection();
        let changed = match seen {
            Some(seen) => connection
                .prepare_cached("UPDATE spin_key_value SET value = ?4 WHERE store = ?1 AND key = ?2 AND value = ?3")?
                .execute(params![store, key, seen, value])?,
            None => connection
                .prepare_cached(
                    "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3) ON CONFLICT DO NOTHING",
                )?
                .execute(params![store, key, value])?,
        };
        Ok(changed == 1)
    }
}

fn read(connection: &Connection, store: &str, key: &str) -> Result<Option<Vec<u8>>> {
    let mut query = connection.prepare_cached("SELECT value FROM spin_key_value WHERE store = ?1 AND key = ?2")?;
    Ok(query.query_row([store, key], |row| row.get(0)).optional()?)
}

fn write(connection: &Connection, store: &str, key: &str, value: &[u8]) -> Result<()> {
    connection
        .prepare_cached(
            "INSERT INTO spin_key_value (store, key, value) VALUES (?1, ?2, ?3)
             ON CONFLICT (store, key) DO UPDATE SET value = excluded.value",
        )?
        .execute(params![store, key, value])?;
    Ok(())
}
