//! `spin:sqlite@3.1.0`.
use super::Platform;
use super::bindings::spin::sqlite::sqlite::{
    Error, Host, HostConnection, HostConnectionWithStore, QueryResult, RowResult, Value,
};
use crate::instance::Guest;
use crate::sqlite::{self, Answer, Connection, Database};
use rusqlite::types::Value as Stored;
use std::sync::Arc;
use wasmtime::Result;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

impl From<sqlite::Error> for Error {
    fn from(error: sqlite::Error) -> Self {
        match error.is_full() {
            true => Self::DatabaseFull,
            false => Self::Io(error.to_string()),
        }
    }
}

impl From<Value> for Stored {
    fn from(value: Value) -> Self {
        match value {
            Value::Integer(number) => Self::Integer(number),
            Value::Real(number) => Self::Real(number),
            Value::Text(text) => Self::Text(text),
            Value::Blob(bytes) => Self::Blob(bytes),
            Value::Null => Self::Null,
        }
    }
}

impl From<Stored> for Value {
    fn from(value: Stored) -> Self {
        match value {
            Stored::Integer(number) => Self::Integer(number),
            Stored::Real(number) => Self::Real(number),
            Stored::Text(text) => Self::Text(text),
            Stored::Blob(bytes) => Self::Blob(bytes),
            Stored::Null => Self::Null,
        }
    }
}

/// The database behind a label, for a component that may open it.
fn database(guest: &Guest, label: &str) -> Result<Arc<Database>, Error> {
    let database = guest.app.database.as_ref().filter(|_| label == sqlite::LABEL);
    database.cloned().ok_or(Error::AccessDenied)
}

async fn execute(connection: Connection, statement: String, parameters: Vec<Value>) -> Result<Answer, Error> {
    let parameters = parameters.into_iter().map(Stored::from).collect();
    Ok(connection.execute(statement, parameters).await?)
}

fn rows(answer: Answer) -> (Vec<String>, Vec<RowResult>) {
    let row = |values: Vec<Stored>| RowResult {
        values: values.into_iter().map(Value::from).collect(),
    };
    (answer.columns, answer.rows.into_iter().map(row).collect())
}

fn connection<T>(accessor: &Accessor<T, Platform>, handle: &Resource<Connection>) -> Result<Connection> {
    accessor.with(|mut access| Ok(access.get().table.get(handle)?.clone()))
}

impl Host for Guest {}

impl HostConnection for Guest {
    async fn open(&mut self, label: String) -> Result<Result<Resource<Connection>, Error>> {
        let database = match database(self, &label) {
            Ok(database) => database,
            Err(error) => return Ok(Err(error)),
        };
        Ok(match database.connect().await {
            Ok(connection) => Ok(self.table.push(connection)?),
            Err(error) => Err(error.into()),
        })
    }

    async fn execute(
        &mut self,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Result<QueryResult, Error>> {
        let connection = self.table.get(&handle)?.clone();
        let answer = execute(connection, statement, parameters).await;
        Ok(answer.map(|answer| {
            let (columns, rows) = rows(answer);
            QueryResult { columns, rows }
        }))
    }

    async fn last_insert_rowid(&mut self, handle: Resource<Connection>) -> Result<i64> {
        let connection = self.table.get(&handle)?.clone();
        Ok(connection.last_insert_rowid().await?)
    }

    async fn changes(&mut self, handle: Resource<Connection>) -> Result<u64> {
        let connection = self.table.get(&handle)?.clone();
        Ok(connection.changes().await?)
    }

    async fn drop(&mut self, handle: Resource<Connection>) -> Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> HostConnectionWithStore<T> for Platform {
    async fn open_async(accessor: &Accessor<T, Self>, label: String) -> Result<Result<Resource<Connection>, Error>> {
        let database = match accessor.with(|mut access| database(access.get(), &label)) {
            Ok(database) => database,
            Err(error) => return Ok(Err(error)),
        };
        match database.connect().await {
            Ok(connection) => accessor.with(|mut access| Ok(Ok(access.get().table.push(connection)?))),
            Err(error) => Ok(Err(error.into())),
        }
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
        statement: String,
        parameters: Vec<Value>,
    ) -> Result<Result<(Vec<String>, StreamReader<RowResult>, FutureReader<Result<(), Error>>), Error>> {
        let connection = connection(accessor, &handle)?;
        // The statement is done before the first row is handed out, so its outcome is known here, and not only in the future.
        let (columns, rows) = match execute(connection, statement, parameters).await {
            Ok(answer) => rows(answer),
            Err(error) => return Ok(Err(error)),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let end = FutureReader::new(&mut access, async { wasmtime::error::Ok(Ok(())) })?;
            Ok(Ok((columns, rows, end)))
        })
    }

    async fn last_insert_rowid_async(accessor: &Accessor<T, Self>, handle: Resource<Connection>) -> Result<i64> {
        Ok(connection(accessor, &handle)?.last_insert_rowid().await?)
    }

    async fn changes_async(accessor: &Accessor<T, Self>, handle: Resource<Connection>) -> Result<u64> {
        Ok(connection(accessor, &handle)?.changes().await?)
    }
}
