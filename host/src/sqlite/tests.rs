use super::*;
use crate::scratch::Scratch;

async fn execute(connection: &Connection, statement: &str, parameters: &[Value]) -> Result<Vec<Vec<Value>>, Error> {
    let answer = connection.execute(statement.to_owned(), parameters.to_vec()).await;
    answer.map(|answer| answer.rows)
}

fn scratch(name: &str) -> (Scratch, Database) {
    let scratch = Scratch::new(name);
    std::fs::create_dir_all(scratch.path()).unwrap();
    let database = Database::open(&scratch.path().join("sqlite.db")).unwrap();
    (scratch, database)
}

#[tokio::test]
async fn values_of_every_kind_come_back() {
    let (_scratch, database) = scratch("sqlite-values");
    let connection = database.connect().await.unwrap();
    let values = [
        Value::Integer(i64::MIN),
        Value::Real(0.5),
        Value::Text("käse".to_owned()),
        Value::Blob(vec![0, 255]),
        Value::Null,
    ];
    let query = "SELECT $1, $2, $3, $4, $5 AS last, $1";
    let answer = connection.execute(query.to_owned(), values.to_vec()).await.unwrap();
    assert_eq!(answer.columns.len(), 6);
    assert_eq!(answer.columns[4], "last");
    assert_eq!(answer.rows, [[&values[..], &values[..1]].concat()]);
}

#[tokio::test]
async fn a_transaction_belongs_to_its_connection_and_ends_with_it() {
    let (_scratch, database) = scratch("sqlite-transaction");
    let (one, two) = (database.connect().await.unwrap(), database.connect().await.unwrap());
    execute(&one, "CREATE TABLE t (x BIGINT)", &[]).await.unwrap();
    execute(&one, "BEGIN IMMEDIATE", &[]).await.unwrap();
    execute(&one, "INSERT INTO t VALUES (1)", &[]).await.unwrap();
    assert_eq!(
        (one.changes().await.unwrap(), one.last_insert_rowid().await.unwrap()),
        (1, 1)
    );
    let count = "SELECT COUNT(*) FROM t";
    assert_eq!(execute(&two, count, &[]).await.unwrap(), [[Value::Integer(0)]]);
    drop(one);
    // The dropped transaction no longer holds the write lock, and left nothing.
    execute(&two, "BEGIN IMMEDIATE", &[]).await.unwrap();
    execute(&two, "INSERT INTO t VALUES (2)", &[]).await.unwrap();
    execute(&two, "COMMIT", &[]).await.unwrap();
    let three = database.connect().await.unwrap();
    assert_eq!(
        execute(&three, "SELECT x FROM t", &[]).await.unwrap(),
        [[Value::Integer(2)]]
    );
}

#[tokio::test]
async fn concurrent_conditional_updates_are_exact() {
    let (_scratch, database) = scratch("sqlite-exact");
    let setup = database.connect().await.unwrap();
    execute(&setup, "CREATE TABLE t (left BIGINT)", &[]).await.unwrap();
    execute(&setup, "INSERT INTO t VALUES (7)", &[]).await.unwrap();
    let database = Arc::new(database);
    let debit = |database: Arc<Database>| async move {
        let connection = database.connect().await.unwrap();
        let debit = "UPDATE t SET left = left - 1 WHERE left > 0 RETURNING left";
        execute(&connection, debit, &[]).await.unwrap().len()
    };
    let tasks: Vec<_> = (0..40).map(|_| tokio::spawn(debit(database.clone()))).collect();
    let mut debited = 0;
    for task in tasks {
        debited += task.await.unwrap();
    }
    assert_eq!(debited, 7);
}

#[tokio::test]
async fn what_was_acknowledged_is_there_for_another_process() {
    let (scratch, database) = scratch("sqlite-durable");
    let connection = database.connect().await.unwrap();
    execute(&connection, "CREATE TABLE t (x BIGINT)", &[]).await.unwrap();
    execute(&connection, "INSERT INTO t VALUES (1)", &[]).await.unwrap();
    drop(connection);
    assert!(
        scratch.path().join("sqlite.db-wal").exists(),
        "closing did not move the log"
    );
    let connection = database.connect().await.unwrap();
    let synchronous = execute(&connection, "PRAGMA synchronous", &[]).await.unwrap();
    assert_eq!(synchronous, [[Value::Integer(2)]], "FULL");
    let other = rusqlite::Connection::open(scratch.path().join("sqlite.db")).unwrap();
    let mode: String = other.query_row("PRAGMA journal_mode", [], |row| row.get(0)).unwrap();
    assert_eq!(mode, "wal");
    let found: i64 = other.query_row("SELECT COUNT(*) FROM t", [], |row| row.get(0)).unwrap();
    assert_eq!(found, 1);
}

#[tokio::test]
async fn a_component_has_this_file_and_no_other() {
    let (scratch, database) = scratch("sqlite-attach");
    let connection = database.connect().await.unwrap();
    let path = scratch.path().join("other.db").display().to_string();
    for statement in [
        format!("ATTACH '{path}' AS other"),
        format!("VACUUM INTO '{path}'"),
        "SELECT load_extension('x')".to_owned(),
        "SELECT 1; SELECT 2".to_owned(),
        "SELECT".to_owned(),
    ] {
        assert!(execute(&connection, &statement, &[]).await.is_err(), "{statement}");
    }
    assert!(!scratch.path().join("other.db").exists());
    let unbound = execute(&connection, "SELECT $1", &[]).await;
    assert!(matches!(unbound, Err(Error::Engine(_))), "{unbound:?}");
}

#[tokio::test]
async fn answers_and_connections_are_bounded() {
    let (_scratch, database) = scratch("sqlite-bounds");
    let connection = database.connect().await.unwrap();
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT x FROM n";
    assert!(matches!(execute(&connection, endless, &[]).await, Err(Error::TooLarge)));
    let mut open = vec![connection];
    let refused = loop {
        match database.connect().await {
            Ok(connection) => open.push(connection),
            Err(error) => break error,
        }
    };
    assert!(matches!(refused, Error::TooMany), "{refused:?}");
    assert_eq!(open.len(), MAX_CONNECTIONS);
    open.pop();
    assert!(database.connect().await.is_ok());
}

#[tokio::test]
async fn a_statement_whose_caller_went_away_is_interrupted() {
    let (_scratch, database) = scratch("sqlite-interrupt");
    let connection = database.connect().await.unwrap();
    let endless = "WITH RECURSIVE n(x) AS (SELECT 1 UNION ALL SELECT x + 1 FROM n) SELECT COUNT(*) FROM n";
    let left = tokio::time::timeout(Duration::from_millis(50), execute(&connection, endless, &[])).await;
    assert!(left.is_err());
    // Statements of a connection run one after the other: this one only runs because the first no longer does.
    assert_eq!(
        execute(&connection, "SELECT 1", &[]).await.unwrap(),
        [[Value::Integer(1)]]
    );
}
