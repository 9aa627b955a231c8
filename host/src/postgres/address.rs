use super::{DEADLINE, Error, PATIENCE};
use crate::outbound::Allowed;
use std::time::Duration;
use tokio_postgres::Config;
use tokio_postgres::config::Host;

/// The port that an address without one means.
const PORT: u16 = 5432;
/// An open transaction whose component does nothing is ended by the server after this time: it may hold locks.
const IDLE_IN_TRANSACTION: Duration = Duration::from_secs(30);

/// Where a database is, and how to log in.
pub struct Address(Config);

impl Address {
    /// Reads an address. Every way to name a place other than host and port is refused, because no allow list covers it.
    pub fn parse(text: &str) -> Result<Self, Error> {
        // The parser's errors name the parameter, and quote only parts of the address that are no secrets.
        let config: Config = text
            .parse()
            .map_err(|error: tokio_postgres::Error| Error::Address(super::explain(&error)))?;
        if !config.get_hostaddrs().is_empty() {
            return Err(Error::Address("`hostaddr` is not offered: name the host".to_owned()));
        }
        if config.get_hosts().is_empty() {
            return Err(Error::Address("it names no host".to_owned()));
        }
        if config.get_ports().len() > 1 && config.get_ports().len() != config.get_hosts().len() {
            return Err(Error::Address("it names more ports than hosts".to_owned()));
        }
        Ok(Self(config))
    }

    /// Whether an allow list names every host of it.
    pub fn permitted(&self, allowed: &Allowed) -> Result<(), Error> {
        let ports = self.0.get_ports();
        for (index, host) in self.0.get_hosts().iter().enumerate() {
            let Host::Tcp(name) = host else {
                return Err(Error::Address("Unix sockets are not offered".to_owned()));
            };
            // One port stands for all hosts.
            let port = match ports {
                [] => PORT,
                [one] => *one,
                several => *several.get(index).unwrap_or(&PORT),
            };
            if !allowed.names("postgres", name, port) {
                return Err(Error::NotPermitted(format!("postgres://{name}:{port}")));
            }
        }
        Ok(())
    }

    /// How to connect, with bounds on everything that waits.
    pub fn config(self) -> Config {
        let mut config = self.0;
        let own = config.get_options().unwrap_or_default().to_owned();
        // Ours come first, so that the address can say otherwise.
        let options = format!(
            "-c statement_timeout={} -c idle_in_transaction_session_timeout={} {own}",
            DEADLINE.as_millis(),
            IDLE_IN_TRANSACTION.as_millis()
        );
        config
            .options(options.trim_end())
            .connect_timeout(PATIENCE)
            .tcp_user_timeout(DEADLINE + PATIENCE);
        if config.get_application_name().is_none() {
            config.application_name("deckle");
        }
        config
    }
}
