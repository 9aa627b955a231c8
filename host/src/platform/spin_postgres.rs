//! `spin:postgres@4.2.0`, with the types that columns of numbers, texts, bytes and truth values have. Others are refused as
//! parameters and come back as `unsupported`.
use super::Platform;
use super::bindings::spin::postgres::postgres::{
    Column, DbDataType, DbError, DbValue, Error, Host, HostConnection, HostConnectionBuilder,
    HostConnectionBuilderWithStore, HostConnectionWithStore, ParameterValue, QueryError, RowSet,
};
use crate::instance::Guest;
use crate::postgres::{self, Connection, Parameters, parameter_null};
use tokio_postgres::types::{FromSql, ToSql, Type};
use tokio_postgres::{Row, Statement};
use wasmtime::Result;
use wasmtime::component::{Accessor, FutureReader, Resource, StreamReader};

/// A connection to be.
pub struct ConnectionBuilder {
    address: String,
    authority: Option<String>,
}

impl From<postgres::Error> for Error {
    fn from(error: postgres::Error) -> Self {
        let text = error.to_string();
        match error {
            postgres::Error::Address(_) | postgres::Error::NotPermitted(_) | postgres::Error::Connection(_) => {
                Self::ConnectionFailed(text)
            }
            postgres::Error::Parameter => Self::BadParameter(text),
            postgres::Error::Value(_) => Self::ValueConversionFailed(text),
            postgres::Error::Certificate => Self::Other(text),
            postgres::Error::Late | postgres::Error::TooLarge => Self::QueryFailed(QueryError::Text(text)),
            postgres::Error::Statement(error) => Self::QueryFailed(match error.as_db_error() {
                None => QueryError::Text(text),
                Some(said) => QueryError::DbError(DbError {
                    as_text: text,
                    severity: said.severity().to_owned(),
                    code: said.code().code().to_owned(),
                    message: said.message().to_owned(),
                    detail: said.detail().map(str::to_owned),
                    extras: extras(said),
                }),
            }),
        }
    }
}

/// What the server says of an error beyond its message.
fn extras(said: &tokio_postgres::error::DbError) -> Vec<(String, String)> {
    let members = [
        ("schema", said.schema()),
        ("table", said.table()),
        ("column", said.column()),
        ("datatype", said.datatype()),
        ("constraint", said.constraint()),
        ("hint", said.hint()),
    ];
    let given = members.into_iter().filter_map(|(name, value)| Some((name, value?)));
    given.map(|(name, value)| (name.to_owned(), value.to_owned())).collect()
}

/// The parameters as the driver takes them. A value fits a place of its own type only: an `int64` a BIGINT, not an INTEGER.
fn parameters(values: Vec<ParameterValue>) -> Result<Parameters, postgres::Error> {
    let parameter = |value| {
        let parameter: Box<dyn ToSql + Send + Sync> = match value {
            ParameterValue::Boolean(value) => Box::new(value),
            ParameterValue::Int8(value) => Box::new(value),
            ParameterValue::Int16(value) => Box::new(value),
            ParameterValue::Int32(value) => Box::new(value),
            ParameterValue::Int64(value) => Box::new(value),
            ParameterValue::Floating32(value) => Box::new(value),
            ParameterValue::Floating64(value) => Box::new(value),
            ParameterValue::Str(value) => Box::new(value),
            ParameterValue::Binary(value) => Box::new(value),
            ParameterValue::DbNull => parameter_null(),
            _ => return Err(postgres::Error::Parameter),
        };
        Ok(parameter)
    };
    values.into_iter().map(parameter).collect()
}

fn columns(statement: &Statement) -> Vec<Column> {
    let column = |column: &tokio_postgres::Column| Column {
        name: column.name().to_owned(),
        data_type: data_type(column.type_()),
    };
    statement.columns().iter().map(column).collect()
}

fn data_type(of: &Type) -> DbDataType {
    match *of {
        Type::BOOL => DbDataType::Boolean,
        Type::CHAR => DbDataType::Int8,
        Type::INT2 => DbDataType::Int16,
        Type::INT4 => DbDataType::Int32,
        Type::INT8 => DbDataType::Int64,
        Type::FLOAT4 => DbDataType::Floating32,
        Type::FLOAT8 => DbDataType::Floating64,
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => DbDataType::Str,
        Type::BYTEA => DbDataType::Binary,
        _ => DbDataType::Other(of.name().to_owned()),
    }
}

fn row(row: &Row) -> Result<Vec<DbValue>, postgres::Error> {
    let value = |(index, column): (usize, &tokio_postgres::Column)| match *column.type_() {
        Type::BOOL => read(row, index, DbValue::Boolean),
        Type::CHAR => read(row, index, DbValue::Int8),
        Type::INT2 => read(row, index, DbValue::Int16),
        Type::INT4 => read(row, index, DbValue::Int32),
        Type::INT8 => read(row, index, DbValue::Int64),
        Type::FLOAT4 => read(row, index, DbValue::Floating32),
        Type::FLOAT8 => read(row, index, DbValue::Floating64),
        Type::TEXT | Type::VARCHAR | Type::BPCHAR | Type::NAME => read(row, index, DbValue::Str),
        Type::BYTEA => read(row, index, DbValue::Binary),
        _ => read(row, index, |Raw(bytes)| DbValue::Unsupported(bytes)),
    };
    row.columns().iter().enumerate().map(value).collect()
}

fn read<'r, T: FromSql<'r>>(row: &'r Row, index: usize, of: impl Fn(T) -> DbValue) -> Result<DbValue, postgres::Error> {
    let value: Option<T> = row.try_get(index).map_err(postgres::Error::Value)?;
    Ok(value.map_or(DbValue::DbNull, of))
}

/// The bytes of a value on the wire.
struct Raw(Vec<u8>);

impl<'r> FromSql<'r> for Raw {
    fn from_sql(_: &Type, bytes: &'r [u8]) -> Result<Self, Box<dyn std::error::Error + Sync + Send>> {
        Ok(Self(bytes.to_vec()))
    }

    fn accepts(_: &Type) -> bool {
        true
    }
}

async fn execute(
    connection: &Connection,
    statement: &str,
    values: Vec<ParameterValue>,
) -> Result<u64, postgres::Error> {
    connection.execute(statement, parameters(values)?).await
}

async fn query(
    connection: &Connection,
    statement: &str,
    values: Vec<ParameterValue>,
) -> Result<(Vec<Column>, Vec<Vec<DbValue>>), postgres::Error> {
    let (statement, rows) = connection.query(statement, parameters(values)?).await?;
    Ok((columns(&statement), rows.iter().map(row).collect::<Result<_, _>>()?))
}

impl Guest {
    /// Opens a connection where the component may.
    async fn connect(&mut self, address: &str, authority: Option<&str>) -> Result<Result<Resource<Connection>, Error>> {
        let app = self.app.clone();
        let opened = app.postgres.connect(app.outbound.allowed(), address, authority).await;
        Ok(match opened {
            Ok(connection) => Ok(self.table.push(connection)?),
            Err(error) => Err(error.into()),
        })
    }
}

/// The same without holding on to the instance meanwhile.
async fn connect<T>(
    accessor: &Accessor<T, Platform>,
    address: &str,
    authority: Option<&str>,
) -> Result<Result<Resource<Connection>, Error>> {
    let app = accessor.with(|mut access| access.get().app.clone());
    match app.postgres.connect(app.outbound.allowed(), address, authority).await {
        Ok(connection) => accessor.with(|mut access| Ok(Ok(access.get().table.push(connection)?))),
        Err(error) => Ok(Err(error.into())),
    }
}

fn connection<T>(accessor: &Accessor<T, Platform>, handle: &Resource<Connection>) -> Result<Connection> {
    accessor.with(|mut access| Ok(access.get().table.get(handle)?.clone()))
}

impl Host for Guest {}

impl HostConnectionBuilder for Guest {
    async fn new(&mut self, address: String) -> Result<Resource<ConnectionBuilder>> {
        let authority = None;
        Ok(self.table.push(ConnectionBuilder { address, authority })?)
    }

    async fn set_ca_root(
        &mut self,
        handle: Resource<ConnectionBuilder>,
        certificate: String,
    ) -> Result<Result<(), Error>> {
        self.table.get_mut(&handle)?.authority = Some(certificate);
        Ok(Ok(()))
    }

    async fn build(&mut self, handle: Resource<ConnectionBuilder>) -> Result<Result<Resource<Connection>, Error>> {
        let builder = self.table.get(&handle)?;
        let (address, authority) = (builder.address.clone(), builder.authority.clone());
        self.connect(&address, authority.as_deref()).await
    }

    async fn drop(&mut self, handle: Resource<ConnectionBuilder>) -> Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl HostConnection for Guest {
    async fn open(&mut self, address: String) -> Result<Result<Resource<Connection>, Error>> {
        self.connect(&address, None).await
    }

    async fn query(
        &mut self,
        handle: Resource<Connection>,
        statement: String,
        values: Vec<ParameterValue>,
    ) -> Result<Result<RowSet, Error>> {
        let connection = self.table.get(&handle)?.clone();
        let answer = query(&connection, &statement, values).await;
        Ok(answer
            .map(|(columns, rows)| RowSet { columns, rows })
            .map_err(Error::from))
    }

    async fn execute(
        &mut self,
        handle: Resource<Connection>,
        statement: String,
        values: Vec<ParameterValue>,
    ) -> Result<Result<u64, Error>> {
        let connection = self.table.get(&handle)?.clone();
        Ok(execute(&connection, &statement, values).await.map_err(Error::from))
    }

    async fn drop(&mut self, handle: Resource<Connection>) -> Result<()> {
        self.table.delete(handle)?;
        Ok(())
    }
}

impl<T: Send> HostConnectionBuilderWithStore<T> for Platform {
    async fn build_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<ConnectionBuilder>,
    ) -> Result<Result<Resource<Connection>, Error>> {
        let (address, authority) = accessor.with(|mut access| -> Result<_> {
            let builder = access.get().table.get(&handle)?;
            Ok((builder.address.clone(), builder.authority.clone()))
        })?;
        connect(accessor, &address, authority.as_deref()).await
    }
}

impl<T: Send> HostConnectionWithStore<T> for Platform {
    async fn open_async(accessor: &Accessor<T, Self>, address: String) -> Result<Result<Resource<Connection>, Error>> {
        connect(accessor, &address, None).await
    }

    async fn query_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
        statement: String,
        values: Vec<ParameterValue>,
    ) -> Result<Result<(Vec<Column>, StreamReader<Vec<DbValue>>, FutureReader<Result<(), Error>>), Error>> {
        let connection = connection(accessor, &handle)?;
        let (columns, rows) = match query(&connection, &statement, values).await {
            Ok(answer) => answer,
            Err(error) => return Ok(Err(error.into())),
        };
        accessor.with(|mut access| {
            let rows = StreamReader::new(&mut access, rows)?;
            let end = FutureReader::new(&mut access, async { wasmtime::error::Ok(Ok(())) })?;
            Ok(Ok((columns, rows, end)))
        })
    }

    async fn execute_async(
        accessor: &Accessor<T, Self>,
        handle: Resource<Connection>,
        statement: String,
        values: Vec<ParameterValue>,
    ) -> Result<Result<u64, Error>> {
        let connection = connection(accessor, &handle)?;
        Ok(execute(&connection, &statement, values).await.map_err(Error::from))
    }
}
