use super::Tier;
use crate::sql::{Database, Row, SqlError};
use admission::Limit;
use catalogue::Scope;
use credentials::Hash;
use identity::{ClientRecord, ClientStatus, Limits};
use netaddr::Cidr;
use std::net::IpAddr;

/// A client's row. One that cannot be read completely is an error, never a client with fewer rules.
#[derive(Debug, Clone)]
pub struct Client {
    /// Its id.
    pub id: String,
    /// What its owner calls it.
    pub name: String,
    /// What it pays for.
    pub tier: Tier,
    /// What its tokens have to carry.
    pub epoch: u64,
    /// The API key that works.
    pub key: Key,
    /// What it may see.
    pub scope: Scope,
    /// The hash of that.
    pub scope_hash: String,
    /// Limits of its own, in a minute and a day; none: those of the tier.
    pub own_limits: [Option<u64>; 2],
    /// Networks that it may call from; none: any.
    pub allowlist: Vec<Cidr>,
    /// Whether its one-shot URLs are bound to an address, and how many bits of it (IPv4, IPv6) have to agree.
    pub ip_binding: bool,
    /// Bits of an IPv4 and of an IPv6 address that have to agree.
    pub ip_prefixes: [u8; 2],
    /// Longest lifetime of a signed URL in seconds; none: any.
    pub max_lifetime: Option<u64>,
    /// Whether its pictures come in presets only.
    pub only_presets: bool,
    /// When it was made, in Unix seconds.
    pub created_at: u64,
    expires_at: Option<u64>,
    disabled_at: Option<u64>,
    revoked_at: Option<u64>,
}

/// The API key that a client's row names.
#[derive(Debug, Clone)]
pub struct Key {
    /// Its id.
    pub id: String,
    /// Whether it waits for its owner to replace it.
    pub quarantined: bool,
    /// What proves it.
    pub hash: Hash,
}

/// The row of a client, if there is one.
pub async fn find(database: &impl Database, id: &str) -> Result<Option<Client>, SqlError> {
    let select = "SELECT c.id, c.name, c.tier, c.epoch, c.key_id, c.key_quarantined_at, k.hash, c.scope, c.scope_hash, \
                  c.per_minute, c.per_day, c.allowlist, c.ip_binding, c.ip_prefix_v4, c.ip_prefix_v6, c.max_lifetime, \
                  c.only_presets, c.created_at, c.expires_at, c.disabled_at, c.revoked_at \
                  FROM clients c JOIN api_keys k ON k.id = c.key_id WHERE c.id = $1";
    let rows = database.query(select, &[id.into()]).await?;
    rows.first().map(Client::read).transpose()
}

impl Client {
    fn read(row: &Row) -> Result<Self, SqlError> {
        let allowlist: Vec<String> = parsed(row, 11, |text| serde_json::from_str(text).ok())?;
        let networks = allowlist.iter().map(|network| Cidr::parse(network).ok());
        let prefix = |column| u8::try_from(row.get::<u64>(column)?).map_err(|_| SqlError::Column(column));
        Ok(Self {
            id: row.get(0)?,
            name: row.get(1)?,
            tier: parsed(row, 2, Tier::parse)?,
            epoch: row.get(3)?,
            key: Key {
                id: row.get(4)?,
                quarantined: row.get::<Option<u64>>(5)?.is_some(),
                hash: parsed(row, 6, Hash::parse)?,
            },
            scope: parsed(row, 7, |text| Scope::from_canonical(text).ok())?,
            scope_hash: row.get(8)?,
            own_limits: [row.get(9)?, row.get(10)?],
            allowlist: networks.collect::<Option<_>>().ok_or(SqlError::Column(11))?,
            ip_binding: row.get(12)?,
            ip_prefixes: [prefix(13)?, prefix(14)?],
            max_lifetime: row.get(15)?,
            only_presets: row.get(16)?,
            created_at: row.get(17)?,
            expires_at: row.get(18)?,
            disabled_at: row.get(19)?,
            revoked_at: row.get(20)?,
        })
    }

    /// Whether it may ask for anything at `now` (Unix seconds).
    pub fn is_active(&self, now: u64) -> bool {
        self.status() == ClientStatus::Active && self.expires_at.is_none_or(|at| now < at)
    }

    /// Whether it was disabled or revoked.
    pub fn status(&self) -> ClientStatus {
        match (self.revoked_at, self.disabled_at) {
            (Some(_), _) => ClientStatus::Revoked,
            (None, Some(_)) => ClientStatus::Disabled,
            (None, None) => ClientStatus::Active,
        }
    }

    /// Whether it may call from an address. Where there is a list and the address is not known, it may not.
    pub fn admits(&self, address: Option<IpAddr>) -> bool {
        self.allowlist.is_empty()
            || address.is_some_and(|address| self.allowlist.iter().any(|network| network.contains(address)))
    }

    /// Requests admitted.
    pub fn limits(&self) -> Vec<Limit> {
        let [minute, day] = self.own_limits;
        self.tier.limits(minute, day)
    }

    /// What the edge has to know.
    pub fn record(&self) -> ClientRecord {
        let limit = |wanted| {
            let limits = self.limits();
            limits
                .into_iter()
                .find(|(window, _)| *window == wanted)
                .map(|(_, limit)| limit)
        };
        let limits = Limits {
            per_minute: limit(admission::Window::Minute),
            per_day: limit(admission::Window::Day),
        };
        let (id, tier) = (self.id.clone(), self.tier.name().to_owned());
        let mut record = ClientRecord::new(id, self.epoch, self.scope_hash.clone(), tier, limits);
        record.status = self.status();
        record.expires_at = self.expires_at;
        record.allowlist = self.allowlist.iter().map(Cidr::to_string).collect();
        record.ip_binding = self.ip_binding;
        [record.ip_prefix_v4, record.ip_prefix_v6] = self.ip_prefixes;
        record.max_lifetime = self.max_lifetime;
        record.only_presets = self.only_presets;
        record
    }
}

fn parsed<T>(row: &Row, column: usize, parse: impl FnOnce(&str) -> Option<T>) -> Result<T, SqlError> {
    parse(&row.get::<String>(column)?).ok_or(SqlError::Column(column))
}
