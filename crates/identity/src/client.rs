use crate::{Error, Limits, VERSION};
use serde::{Deserialize, Serialize};

/// A client as stored under [`ClientRecord::name_of`]: what the edge has to know of who is accountable. The database of the
/// control component has the rest, and the last word.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ClientRecord {
    v: u8,
    /// The client.
    pub id: String,
    /// Whether it may ask for anything.
    pub status: ClientStatus,
    /// When it expires, in Unix seconds.
    pub expires_at: Option<u64>,
    /// What its tokens have to carry.
    pub epoch: u64,
    /// The hash of its scope.
    pub scope_hash: String,
    /// `free`, `standard` or `enterprise`.
    pub tier: String,
    /// Requests admitted.
    pub limits: Limits,
    /// Networks that it may call from; none: any.
    pub allowlist: Vec<String>,
    /// Whether its one-shot URLs are bound to an address.
    pub ip_binding: bool,
    /// Bits of an IPv4 address that have to agree.
    pub ip_prefix_v4: u8,
    /// Bits of an IPv6 address that have to agree.
    pub ip_prefix_v6: u8,
    /// Longest lifetime of a signed URL in seconds; none: any.
    pub max_lifetime: Option<u64>,
    /// Whether its pictures come in presets only.
    pub only_presets: bool,
}

/// Whether a client may ask for anything.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum ClientStatus {
    /// It may.
    Active,
    /// Not now.
    Disabled,
    /// Never again.
    Revoked,
}

impl ClientRecord {
    /// A new client without restrictions.
    pub fn new(id: String, epoch: u64, scope_hash: String, tier: String, limits: Limits) -> Self {
        Self {
            v: VERSION,
            id,
            status: ClientStatus::Active,
            expires_at: None,
            epoch,
            scope_hash,
            tier,
            limits,
            allowlist: Vec::new(),
            ip_binding: true,
            ip_prefix_v4: 32,
            ip_prefix_v6: 64,
            max_lifetime: None,
            only_presets: false,
        }
    }

    /// Start of the names of all clients.
    pub const PREFIX: &'static str = "client/";

    /// The name that a client is stored under.
    pub fn name_of(id: &str) -> String {
        format!("{}{id}", Self::PREFIX)
    }

    /// Whether it may ask for anything at `now` (Unix seconds).
    pub fn is_active(&self, now: u64) -> bool {
        self.status == ClientStatus::Active && self.expires_at.is_none_or(|at| now < at)
    }

    /// The stored bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings, numbers and lists of them always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what was stored for `id`.
    pub fn from_bytes(id: &str, bytes: &[u8]) -> Result<Self, Error> {
        let record: Self = serde_json::from_slice(bytes)?;
        match record.v {
            VERSION if record.id == id => Ok(record),
            VERSION => Err(Error::Name),
            other => Err(Error::Version(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const STORED: &str = r#"{"v":1,"id":"client_one","status":"active","expires_at":null,"epoch":3,"scope_hash":"h","tier":"standard","limits":{"per_minute":60,"per_day":10000},"allowlist":["203.0.113.0/24"],"ip_binding":true,"ip_prefix_v4":32,"ip_prefix_v6":64,"max_lifetime":null,"only_presets":false}"#;

    fn record() -> ClientRecord {
        let limits = Limits {
            per_minute: Some(60),
            per_day: Some(10_000),
        };
        ClientRecord {
            allowlist: vec!["203.0.113.0/24".into()],
            ..ClientRecord::new("client_one".into(), 3, "h".into(), "standard".into(), limits)
        }
    }

    #[test]
    fn the_stored_bytes_do_not_drift() {
        assert_eq!(String::from_utf8(record().to_bytes()).unwrap(), STORED);
        assert_eq!(
            ClientRecord::from_bytes("client_one", STORED.as_bytes()).unwrap(),
            record()
        );
    }

    #[test]
    fn a_client_is_active_until_it_is_not() {
        let mut client = record();
        assert!(client.is_active(u64::MAX));
        client.expires_at = Some(100);
        assert_eq!([99, 100].map(|now| client.is_active(now)), [true, false]);
        for status in [ClientStatus::Disabled, ClientStatus::Revoked] {
            client.status = status;
            assert!(!client.is_active(99), "{status:?}");
        }
    }

    #[test]
    fn anything_not_understood_is_an_error() {
        let read = |text: &str| ClientRecord::from_bytes("client_one", text.as_bytes());
        assert!(matches!(
            ClientRecord::from_bytes("client_two", STORED.as_bytes()),
            Err(Error::Name)
        ));
        assert!(matches!(
            read(&STORED.replace("\"v\":1", "\"v\":2")),
            Err(Error::Version(2))
        ));
        for broken in [
            STORED.replace("\"active\"", "\"paused\""),
            STORED.replace("\"epoch\":3", "\"epoch\":3,\"more\":1"),
            String::new(),
        ] {
            assert!(matches!(read(&broken), Err(Error::Shape(_))), "{broken}");
        }
    }
}
