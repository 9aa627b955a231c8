use super::*;
use crate::fake::Fake;
use futures::executor::block_on;

const FIRST: Migration = Migration {
    number: 1,
    text: "-- A comment.\nCREATE TABLE a (x BIGINT PRIMARY KEY, y TEXT);\nINSERT INTO a VALUES (7, 'x;y');\n",
};

const BROKEN: Migration = Migration {
    number: 2,
    text: "CREATE TABLE b (x BIGINT);\nINSERT INTO nowhere VALUES (1);\n",
};

fn run(fake: &Fake, migrations: &[Migration]) -> Result<(), SqlError> {
    block_on(migrate(fake, migrations, 1))
}

fn rows(fake: &Fake, statement: &str) -> Result<Vec<Row>, SqlError> {
    block_on(fake.query(statement, &[]))
}

#[test]
fn a_migration_is_applied_once() {
    let fake = Fake::empty();
    for host in [&fake, &fake, &fake.another()] {
        run(host, &[FIRST]).unwrap();
    }
    assert_eq!(rows(&fake, "SELECT x FROM a").unwrap(), [Row(vec![Value::Integer(7)])]);
}

#[test]
fn one_that_fails_leaves_nothing() {
    let fake = Fake::empty();
    assert!(run(&fake, &[FIRST, BROKEN]).is_err());
    assert!(rows(&fake, "SELECT x FROM a").is_err());
    run(&fake, &[FIRST]).unwrap();
    assert!(run(&fake, &[FIRST, BROKEN]).is_err());
    assert!(rows(&fake, "SELECT x FROM b").is_err());
    assert_eq!(rows(&fake, "SELECT x FROM a").unwrap().len(), 1);
}

#[test]
fn one_that_was_changed_is_an_error_and_one_of_a_newer_program_is_not() {
    let fake = Fake::empty();
    run(&fake, &[FIRST]).unwrap();
    run(&fake, &[]).unwrap();
    let changed = Migration {
        text: "CREATE TABLE c (x BIGINT);\n",
        ..FIRST
    };
    assert_eq!(run(&fake, &[changed]), Err(SqlError::Migration(1)));
}

#[test]
fn parameters_go_by_their_number() {
    let fake = Fake::empty();
    let row = block_on(fake.query("SELECT $2, $1, $2", &["a".into(), 1u64.into()])).unwrap();
    assert_eq!(row[0], Row(vec![Value::Integer(1), "a".into(), Value::Integer(1)]));
}

#[test]
fn a_transaction_that_fails_changes_nothing() {
    let fake = Fake::empty();
    run(&fake, &[FIRST]).unwrap();
    let result: Result<(), SqlError> = block_on(transaction(&fake, async |database: &Fake| {
        database.execute("DELETE FROM a", &[]).await?;
        Err(SqlError::Failed("no".into()))
    }));
    assert!(result.is_err());
    assert_eq!(rows(&fake, "SELECT x FROM a").unwrap().len(), 1);
    let deleted = block_on(transaction(&fake, async |database: &Fake| {
        database.execute("DELETE FROM a", &[]).await
    }));
    assert_eq!(deleted, Ok(1));
}

#[test]
fn a_column_is_read_as_what_it_is() {
    let row = Row(vec![Value::Integer(-1), Value::Null, "text".into()]);
    assert_eq!(row.get::<i64>(0), Ok(-1));
    assert_eq!(row.get::<u64>(0), Err(SqlError::Column(0)));
    assert_eq!(row.get::<bool>(0), Err(SqlError::Column(0)));
    assert_eq!(row.get::<Option<u64>>(1), Ok(None));
    assert_eq!(row.get::<String>(1), Err(SqlError::Column(1)));
    assert_eq!(row.get::<String>(2).as_deref(), Ok("text"));
    assert_eq!(row.get::<String>(3), Err(SqlError::Column(3)));
}
