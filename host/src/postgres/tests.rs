use super::*;
use std::sync::Arc;
use test_postgres::Postgres;

fn allowed(patterns: &[&str]) -> Allowed {
    let patterns: Vec<String> = patterns.iter().map(|text| (*text).to_owned()).collect();
    Allowed::parse(&patterns).unwrap()
}

/// A database of the test's own, and a way to connect to it.
struct Database {
    pools: Pools,
    allowed: Allowed,
    server: Postgres,
}

impl Database {
    fn start() -> Self {
        let server = Postgres::start().unwrap();
        Self {
            pools: Pools::default(),
            allowed: allowed(&[&server.allowed()]),
            server,
        }
    }

    async fn connect(&self) -> Connection {
        let connection = self.pools.connect(&self.allowed, &self.server.url(), None).await;
        connection.unwrap()
    }
}

fn numbers(values: &[i64]) -> Parameters {
    let boxed = |value: &i64| Box::new(*value) as Box<dyn tokio_postgres::types::ToSql + Send + Sync>;
    values.iter().map(boxed).collect()
}

async fn select(connection: &Connection, statement: &str, values: &[i64]) -> Result<Vec<i64>, Error> {
    let (_, rows) = connection.query(statement, numbers(values)).await?;
    Ok(rows.iter().map(|row| row.get(0)).collect())
}

async fn run(connection: &Connection, statement: &str) -> Result<u64, Error> {
    connection.execute(statement, Vec::new()).await
}

/// The state of an error of the server.
fn state(outcome: Result<impl std::fmt::Debug, Error>) -> String {
    match outcome {
        Err(Error::Statement(error)) => error.code().map(|state| state.code().to_owned()).unwrap_or_default(),
        other => panic!("{other:?}"),
    }
}

#[test]
fn an_allow_list_covers_every_way_to_name_a_place() {
    let list = allowed(&["postgres://db.internal:5433", "postgres://other.internal", "*://*:*"]);
    let permitted = |address: &str| Address::parse(address).and_then(|address| address.permitted(&list));
    for address in [
        "postgres://user:pass@db.internal:5433/name",
        "host=db.internal port=5433 user=u",
        "postgresql://other.internal/",
        "host=db.internal,other.internal port=5433,5432 user=u",
    ] {
        assert!(permitted(address).is_ok(), "{address}");
    }
    for address in [
        "postgres://db.internal/",
        "postgres://db.internal:5433,evil.test/",
        "postgres://db.internal:5433/?host=evil.test",
        "postgres://db.internal:5433/?port=1",
        "postgres://db.internal:5433/?hostaddr=10.0.0.1",
        "host=db.internal,evil.test port=5433 user=u",
        "host=/var/run/postgresql user=u",
        "postgres://%2Fvar%2Frun/x",
        "user=u",
        "postgres://public.example.com/",
        "",
    ] {
        assert!(permitted(address).is_err(), "{address}");
    }
    let refused = permitted("postgres://user:top-secret@evil.test/")
        .unwrap_err()
        .to_string();
    assert_eq!(refused, "address postgres://evil.test:5432 is not permitted");
    let unreadable = permitted("postgres://user:top-secret@db.internal:5433/?sslmode=what");
    assert!(!unreadable.unwrap_err().to_string().contains("top-secret"));
}

#[tokio::test]
async fn a_transaction_belongs_to_its_handle_and_ends_with_it() {
    let database = Database::start();
    let (one, two) = (database.connect().await, database.connect().await);
    run(&one, "CREATE TABLE t (x BIGINT)").await.unwrap();
    run(&one, "BEGIN").await.unwrap();
    assert_eq!(run(&one, "INSERT INTO t VALUES (1)").await.unwrap(), 1);
    let count = "SELECT COUNT(*) FROM t";
    assert_eq!(select(&one, count, &[]).await.unwrap(), [1]);
    assert_eq!(select(&two, count, &[]).await.unwrap(), [0]);
    // What a borrower leaves behind: an open transaction with a lock, one that has failed, settings, a temporary table.
    run(&one, "LOCK TABLE t").await.unwrap();
    drop(one);
    run(&two, "INSERT INTO t VALUES (2)").await.unwrap();
    assert_eq!(select(&two, "SELECT x FROM t", &[]).await.unwrap(), [2]);
    run(&two, "BEGIN").await.unwrap();
    assert_eq!(state(run(&two, "SELECT 1/0").await), "22012");
    assert_eq!(state(select(&two, count, &[]).await), "25P02");
    drop(two);
    let three = database.connect().await;
    run(&three, "SET work_mem = '1MB'").await.unwrap();
    run(&three, "CREATE TEMPORARY TABLE mine (x BIGINT)").await.unwrap();
    run(&three, "SELECT pg_advisory_lock(7)").await.unwrap();
    drop(three);
    for _ in 0..8 {
        let next = database.connect().await;
        assert_eq!(select(&next, count, &[]).await.unwrap(), [1]);
        assert_eq!(state(run(&next, "SELECT * FROM mine").await), "42P01");
        let settings = "SELECT COUNT(*) FROM pg_settings WHERE name = 'work_mem' AND source = 'session'";
        assert_eq!(select(&next, settings, &[]).await.unwrap(), [0]);
        drop(next);
    }
    let locks = database
        .server
        .query("SELECT COUNT(*) FROM pg_locks WHERE locktype = 'advisory'");
    assert_eq!(locks.unwrap(), "0");
}

#[tokio::test]
async fn concurrent_conditional_updates_are_exact_and_connections_are_shared() {
    let database = Arc::new(Database::start());
    let setup = database.connect().await;
    run(&setup, "CREATE TABLE t (remaining BIGINT)").await.unwrap();
    run(&setup, "INSERT INTO t VALUES (7)").await.unwrap();
    let debit = |database: Arc<Database>| async move {
        let connection = database.connect().await;
        let debit = "UPDATE t SET remaining = remaining - $1 WHERE remaining >= $1 RETURNING remaining";
        select(&connection, debit, &[1]).await.unwrap().len()
    };
    let tasks: Vec<_> = (0..100).map(|_| tokio::spawn(debit(database.clone()))).collect();
    let mut debited = 0;
    for task in tasks {
        debited += task.await.unwrap();
    }
    assert_eq!(debited, 7);
    let sessions = "SELECT COUNT(*) FROM pg_stat_activity WHERE application_name = 'deckle'";
    let sessions: usize = database.server.query(sessions).unwrap().parse().unwrap();
    assert!((1..=CONNECTIONS).contains(&sessions), "{sessions}");
}

#[tokio::test]
async fn types_are_strict_and_errors_carry_their_state() {
    let database = Database::start();
    let connection = database.connect().await;
    run(&connection, "CREATE TABLE t (k TEXT PRIMARY KEY, n BIGINT, s SMALLINT)")
        .await
        .unwrap();
    run(&connection, "INSERT INTO t VALUES ('a', 1, 1)").await.unwrap();
    assert_eq!(
        state(run(&connection, "INSERT INTO t VALUES ('a', 2, 2)").await),
        "23505"
    );
    assert_eq!(state(run(&connection, "SELECT 1; SELECT 2").await), "42601");
    // A number of 64 bits does not go where 16 are expected.
    let narrow = connection.execute("UPDATE t SET s = $1", numbers(&[1])).await;
    assert!(matches!(narrow, Err(Error::Statement(_))), "{narrow:?}");
    assert_eq!(
        connection
            .execute("UPDATE t SET n = $1", vec![parameter_null()])
            .await
            .unwrap(),
        1
    );
    let (statement, rows) = connection
        .query("SELECT n, k FROM t WHERE k = 'none'", Vec::new())
        .await
        .unwrap();
    let names: Vec<&str> = statement.columns().iter().map(|column| column.name()).collect();
    assert_eq!((names, rows.len()), (vec!["n", "k"], 0));
    // A statement that was prepared before the table changed is made anew.
    assert_eq!(
        connection.query("SELECT * FROM t", Vec::new()).await.unwrap().1.len(),
        1
    );
    run(&connection, "ALTER TABLE t ADD COLUMN more TEXT").await.unwrap();
    assert_eq!(state(connection.query("SELECT * FROM t", Vec::new()).await), "0A000");
    assert_eq!(
        connection.query("SELECT * FROM t", Vec::new()).await.unwrap().1.len(),
        1
    );
    let endless = "SELECT generate_series(1, 1000000000)";
    assert!(matches!(
        connection.query(endless, Vec::new()).await,
        Err(Error::TooLarge)
    ));
}

#[tokio::test]
async fn a_server_that_was_killed_is_found_again_with_what_it_acknowledged() {
    let mut database = Database::start();
    let connection = database.connect().await;
    run(&connection, "CREATE TABLE t (x BIGINT)").await.unwrap();
    run(&connection, "INSERT INTO t VALUES (1)").await.unwrap();
    database.server.kill().unwrap();
    // The process behind the connection can outlive it for a moment.
    let mut acknowledged = vec![1];
    loop {
        let next = i64::try_from(acknowledged.len()).unwrap() + 1;
        if run(&connection, &format!("INSERT INTO t VALUES ({next})"))
            .await
            .is_err()
        {
            break;
        }
        acknowledged.push(next);
    }
    drop(connection);
    let refused = database
        .pools
        .connect(&database.allowed, &database.server.url(), None)
        .await;
    let Err(Error::Connection(reason)) = refused else {
        panic!("connected to nothing")
    };
    assert!(!reason.contains("only-for-tests"), "{reason}");
    database.server.restart().unwrap();
    let again = database.connect().await;
    let found = select(&again, "SELECT x FROM t ORDER BY x", &[]).await.unwrap();
    assert!(found.starts_with(&acknowledged), "{found:?} of {acknowledged:?}");
}

#[tokio::test]
async fn tls_is_verified() {
    let issuer = rcgen::generate_simple_self_signed(vec!["127.0.0.1".to_owned()]).unwrap();
    let certificate = issuer.cert.pem();
    let server = Postgres::start_with_tls(&certificate, &issuer.signing_key.serialize_pem()).unwrap();
    let (pools, list) = (Pools::default(), allowed(&[&server.allowed()]));
    let connection = pools.connect(&list, &server.url(), Some(&certificate)).await.unwrap();
    let encrypted = "SELECT COUNT(*) FROM pg_stat_ssl WHERE ssl AND pid = pg_backend_pid()";
    assert_eq!(select(&connection, encrypted, &[]).await.unwrap(), [1]);
    let unknown = pools.connect(&list, &server.url(), None).await;
    assert!(
        matches!(unknown, Err(Error::Connection(_))),
        "a certificate that nobody vouches for"
    );
    let broken = pools.connect(&list, &server.url(), Some("no certificate")).await;
    assert!(matches!(broken, Err(Error::Certificate)));
}
