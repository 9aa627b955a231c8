//! PostgreSQL for components, `spin:postgres`: addresses that the manifest names, and a pool of connections for each.
//!
//! As under Spin an open handle keeps one connection until it is dropped, so a transaction belongs to its handle. Unlike Spin,
//! a handle that is dropped in the middle of a transaction rolls back at once: its locks do not wait for the next borrower.
mod address;
mod connection;
mod tls;

#[cfg(test)]
mod tests;

pub use connection::{Connection, Parameters, parameter_null};

use crate::outbound::Allowed;
use address::Address;
use deadpool_postgres::{Manager, ManagerConfig, Pool, PoolError, RecyclingMethod, Runtime, Timeouts};
use std::collections::BTreeMap;
use std::error::Error as StdError;
use std::sync::{Mutex, PoisonError};
use std::time::Duration;
use tokio_postgres::NoTls;
use tokio_postgres::config::SslMode;

/// Connections to one address. A server allows 100 by default, so two hosts fit.
const CONNECTIONS: usize = 32;
/// Addresses that pools are kept for; a component that makes up more does not get them.
const ADDRESSES: usize = 16;
/// For a free connection, and for making one.
const PATIENCE: Duration = Duration::from_secs(5);
/// How long a statement may take.
const DEADLINE: Duration = Duration::from_secs(10);
/// Bytes that the values of one answer may take: an instance has to hold them too.
const MAX_ANSWER: usize = 16 << 20;

/// Why there is no connection, or no answer.
#[derive(Debug, thiserror::Error)]
pub enum Error {
    /// The address does not read.
    #[error("the address is not understood: {0}")]
    Address(String),
    /// The manifest does not name the address.
    #[error("address {0} is not permitted")]
    NotPermitted(String),
    /// The certificate of the authority does not read.
    #[error("invalid root certificate")]
    Certificate,
    /// No connection could be had.
    #[error("{0}")]
    Connection(String),
    /// The server refused the statement.
    #[error("{}", explain(.0))]
    Statement(#[from] tokio_postgres::Error),
    /// A parameter of a type that is not offered.
    #[error("this host takes numbers, texts, bytes, truth values and null as parameters")]
    Parameter,
    /// A value of the answer is not what its column says.
    #[error("{0}")]
    Value(tokio_postgres::Error),
    /// It was not done in time.
    #[error("the statement took longer than {} s", DEADLINE.as_secs())]
    Late,
    /// Its answer is larger than a component could hold.
    #[error("query result exceeds limit of {MAX_ANSWER} bytes")]
    TooLarge,
}

/// The pools of this host, by address and authority.
#[derive(Default)]
pub struct Pools(Mutex<BTreeMap<(String, Option<String>), Pool>>);

impl Pools {
    /// A connection to an address, `postgres://USER:PASSWORD@HOST:PORT/DATABASE` or `host=… user=…`, if the allow list names it.
    /// `authority` is a certificate (PEM) to trust beside the public ones.
    pub async fn connect(
        &self,
        allowed: &Allowed,
        address: &str,
        authority: Option<&str>,
    ) -> Result<Connection, Error> {
        let parsed = Address::parse(address)?;
        parsed.permitted(allowed)?;
        let pool = self.pool(address, parsed, authority)?;
        let client = pool.get().await.map_err(|error| match error {
            PoolError::Backend(error) => Error::Connection(explain(&error)),
            PoolError::Timeout(_) => Error::Connection(format!("no connection within {} s", PATIENCE.as_secs())),
            other => Error::Connection(other.to_string()),
        })?;
        Ok(Connection::new(client))
    }

    fn pool(&self, address: &str, parsed: Address, authority: Option<&str>) -> Result<Pool, Error> {
        // A pool is put in whole, so a panic elsewhere does not spoil the map.
        let mut pools = self.0.lock().unwrap_or_else(PoisonError::into_inner);
        let key = (address.to_owned(), authority.map(str::to_owned));
        if let Some(pool) = pools.get(&key) {
            return Ok(pool.clone());
        }
        if pools.len() >= ADDRESSES {
            return Err(Error::Connection(format!(
                "there are connections to {ADDRESSES} addresses already"
            )));
        }
        let pool = make(parsed, authority)?;
        pools.insert(key, pool.clone());
        Ok(pool)
    }
}

fn make(address: Address, authority: Option<&str>) -> Result<Pool, Error> {
    let config = address.config();
    let settings = ManagerConfig {
        // What a borrower leaves behind is cleared when it gives the connection back.
        recycling_method: RecyclingMethod::Fast,
    };
    let manager = match config.get_ssl_mode() {
        SslMode::Disable => Manager::from_config(config, NoTls, settings),
        _ => Manager::from_config(config, tls::connector(authority)?, settings),
    };
    Pool::builder(manager)
        .max_size(CONNECTIONS)
        .runtime(Runtime::Tokio1)
        .timeouts(Timeouts {
            wait: Some(PATIENCE),
            create: Some(PATIENCE),
            recycle: Some(PATIENCE),
        })
        .build()
        .map_err(|error| Error::Connection(error.to_string()))
}

/// The error and what caused it: the driver says `db error` and leaves the rest to its source. It never quotes the address.
fn explain(error: &tokio_postgres::Error) -> String {
    let mut text = error.to_string();
    let mut cause = error.source();
    while let Some(inner) = cause {
        let inner_text = inner.to_string();
        if !text.ends_with(&inner_text) {
            text += &format!(": {inner_text}");
        }
        cause = inner.source();
    }
    text
}
