use super::{Database, Dialect, SqlError, transaction};
use sha2::{Digest, Sha256};

/// A step that brings the database from one form to the next.
pub struct Migration {
    /// Its place in the order, and its name for good.
    pub number: u32,
    /// Its statements, each ended by a semicolon at the end of a line.
    pub text: &'static str,
}

/// Every migration, in order. One that was released is never changed: the next one changes what it made.
pub const MIGRATIONS: &[Migration] = &[
    Migration {
        number: 1,
        text: include_str!("../../migrations/0001_clients.sql"),
    },
    Migration {
        number: 10,
        text: include_str!("../../migrations/0010_catalogue.sql"),
    },
    Migration {
        number: 20,
        text: include_str!("../../migrations/0020_audit.sql"),
    },
    Migration {
        number: 30,
        text: include_str!("../../migrations/0030_anomalies.sql"),
    },
    Migration {
        number: 40,
        text: include_str!("../../migrations/0040_signing_keys.sql"),
    },
    Migration {
        number: 50,
        text: include_str!("../../migrations/0050_audit_pictures.sql"),
    },
    Migration {
        number: 60,
        text: include_str!("../../migrations/0060_traces.sql"),
    },
];

const LIST: &str = "CREATE TABLE IF NOT EXISTS migrations (number BIGINT PRIMARY KEY, digest TEXT NOT NULL, applied_at BIGINT NOT NULL)";

/// Applies the migrations that the database has not seen, in order, each once. Hosts that start together take turns: all of
/// them are applied by one, in one transaction, or by none. A migration that the database has seen in another form is an
/// error; one that only the database knows comes from a newer program, whose forms older ones can work with.
pub async fn migrate<D: Database>(database: &D, migrations: &[Migration], now: u64) -> Result<(), SqlError> {
    // On a database that is up to date this is all, and nothing waits for a lock.
    if let Ok(missing) = missing(database, migrations).await
        && missing.is_empty()
    {
        return Ok(());
    }
    transaction(database, async |database| {
        if database.dialect() == Dialect::Postgres {
            // A lock of its own, until the end of the transaction: there may be no table yet that could be locked.
            let lock = "SELECT CAST(pg_advisory_xact_lock(4852158) AS TEXT)";
            database.query(lock, &[]).await?;
        }
        database.execute(LIST, &[]).await?;
        for migration in missing(database, migrations).await? {
            for statement in statements(migration.text) {
                database.execute(statement, &[]).await?;
            }
            let insert = "INSERT INTO migrations (number, digest, applied_at) VALUES ($1, $2, $3)";
            let row = [i64::from(migration.number).into(), digest(migration).into(), now.into()];
            database.execute(insert, &row).await?;
        }
        Ok(())
    })
    .await
}

/// The migrations that the database has not seen.
async fn missing<'m>(database: &impl Database, migrations: &'m [Migration]) -> Result<Vec<&'m Migration>, SqlError> {
    let seen = database.query("SELECT number, digest FROM migrations", &[]).await?;
    let seen: Vec<(i64, String)> = seen
        .iter()
        .map(|row| Ok((row.get(0)?, row.get(1)?)))
        .collect::<Result<_, SqlError>>()?;
    let mut missing = Vec::new();
    for migration in migrations {
        match seen.iter().find(|(number, _)| *number == i64::from(migration.number)) {
            None => missing.push(migration),
            Some((_, applied)) if *applied == digest(migration) => {}
            Some(_) => return Err(SqlError::Migration(migration.number)),
        }
    }
    Ok(missing)
}

/// The statements of a file, without comments that stand on lines of their own.
fn statements(text: &str) -> impl Iterator<Item = &str> {
    text.split_inclusive(";\n")
        .map(|statement| statement.trim().trim_end_matches(';'))
        .filter(|statement| {
            statement
                .lines()
                .any(|line| !line.trim().is_empty() && !line.trim_start().starts_with("--"))
        })
}

fn digest(migration: &Migration) -> String {
    let digest = Sha256::digest(migration.text);
    digest.iter().map(|byte| format!("{byte:02x}")).collect()
}
