//! Spin's two databases behind the SQL port.

use crate::sql::{Dialect, Row, SqlError, Value};
use secret::SecretText;
use spin_sdk::{pg, sqlite};
use std::cell::RefCell;
use std::rc::Rc;

/// The connection of one request: opened by its first statement, and no other request's.
pub struct Connections {
    postgres: Option<&'static SecretText>,
    open: RefCell<Option<Rc<Connection>>>,
}

enum Connection {
    Sqlite(sqlite::Connection),
    Postgres(pg::Connection),
}

impl Connections {
    pub fn new(postgres: Option<&'static SecretText>) -> Self {
        Self {
            postgres,
            open: RefCell::new(None),
        }
    }

    pub fn dialect(&self) -> Dialect {
        match self.postgres {
            None => Dialect::Sqlite,
            Some(_) => Dialect::Postgres,
        }
    }

    pub async fn query(&self, statement: &str, parameters: &[Value]) -> Result<Vec<Row>, SqlError> {
        match &*self.connection().await? {
            Connection::Sqlite(connection) => {
                let statement = Dialect::Sqlite.statement(statement);
                let answer = connection.execute(statement, parameters.iter().map(to_sqlite)).await;
                // The statement's own error arrives at the end of its rows.
                let rows = answer.map_err(failed)?.collect().await.map_err(failed)?;
                rows.into_iter()
                    .map(|row| row.values.into_iter().map(of_sqlite).collect::<Result<_, _>>().map(Row))
                    .collect()
            }
            Connection::Postgres(connection) => {
                let parameters: Vec<_> = parameters.iter().map(to_postgres).collect();
                let mut answer = connection.query(statement, parameters).await.map_err(failed)?;
                let mut rows = Vec::new();
                while let Some(values) = answer.rows().next().await {
                    rows.push(Row(values.into_iter().map(of_postgres).collect::<Result<_, _>>()?));
                }
                answer.result().await.map_err(failed)?;
                Ok(rows)
            }
        }
    }

    pub async fn execute(&self, statement: &str, parameters: &[Value]) -> Result<u64, SqlError> {
        match &*self.connection().await? {
            Connection::Sqlite(connection) => {
                let statement = Dialect::Sqlite.statement(statement);
                let answer = connection.execute(statement, parameters.iter().map(to_sqlite)).await;
                answer.map_err(failed)?.collect().await.map_err(failed)?;
                Ok(connection.changes().await)
            }
            Connection::Postgres(connection) => {
                let parameters: Vec<_> = parameters.iter().map(to_postgres).collect();
                connection.execute(statement, parameters).await.map_err(failed)
            }
        }
    }

    async fn connection(&self) -> Result<Rc<Connection>, SqlError> {
        if let Some(open) = &*self.open.borrow() {
            return Ok(open.clone());
        }
        let connection = match self.postgres {
            None => Connection::Sqlite(sqlite::Connection::open_default().await.map_err(failed)?),
            // The reason of a refused connection can hold its address, and that a password.
            Some(url) => Connection::Postgres(
                pg::Connection::open(url.expose())
                    .await
                    .map_err(|_| SqlError::Failed("no connection to PostgreSQL".to_owned()))?,
            ),
        };
        let connection = Rc::new(connection);
        *self.open.borrow_mut() = Some(connection.clone());
        Ok(connection)
    }
}

fn failed(error: impl std::fmt::Debug) -> SqlError {
    SqlError::Failed(format!("{error:?}"))
}

fn to_sqlite(value: &Value) -> sqlite::Value {
    match value {
        Value::Null => sqlite::Value::Null,
        Value::Integer(number) => sqlite::Value::Integer(*number),
        Value::Text(text) => sqlite::Value::Text(text.clone()),
    }
}

fn of_sqlite(value: sqlite::Value) -> Result<Value, SqlError> {
    match value {
        sqlite::Value::Null => Ok(Value::Null),
        sqlite::Value::Integer(number) => Ok(Value::Integer(number)),
        sqlite::Value::Text(text) => Ok(Value::Text(text)),
        sqlite::Value::Real(_) | sqlite::Value::Blob(_) => Err(foreign()),
    }
}

fn to_postgres(value: &Value) -> pg::ParameterValue {
    match value {
        Value::Null => pg::ParameterValue::DbNull,
        Value::Integer(number) => pg::ParameterValue::Int64(*number),
        Value::Text(text) => pg::ParameterValue::Str(text.clone()),
    }
}

fn of_postgres(value: pg::DbValue) -> Result<Value, SqlError> {
    match value {
        pg::DbValue::DbNull => Ok(Value::Null),
        pg::DbValue::Int64(number) => Ok(Value::Integer(number)),
        pg::DbValue::Int32(number) => Ok(Value::Integer(number.into())),
        pg::DbValue::Str(text) => Ok(Value::Text(text)),
        _ => Err(foreign()),
    }
}

fn foreign() -> SqlError {
    SqlError::Failed("a column is neither BIGINT nor TEXT".to_owned())
}
