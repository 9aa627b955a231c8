use crate::{Error, VERSION};
use serde::{Deserialize, Serialize};

/// A signing key as stored under [`KeyRecord::name_of`]. Times are Unix seconds, durations seconds.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct KeyRecord {
    v: u8,
    /// The public half, `pk_…`.
    pub public_key: String,
    /// The secret half, sealed for this record's name (see [`KeyRecord::name`]).
    pub secret: String,
    /// The project that the key belongs to.
    pub project: ProjectRef,
    /// Who is accountable for what the key's URLs serve: the name that the invisible mark leads to.
    pub client_id: String,
    /// When it was made.
    pub created_at: u64,
    /// When it stops working.
    pub expires_at: Option<u64>,
    /// When it was revoked.
    pub revoked_at: Option<u64>,
    /// Domains that originals may come from; none: refused in production, any in development.
    pub sources: Vec<String>,
    /// Requests admitted.
    pub limits: Limits,
    /// How far ahead a URL's expiry may lie; none: any.
    pub max_lifetime: Option<u64>,
    /// Whether every URL must expire.
    pub require_exp: bool,
    /// How long a URL still works after its expiry.
    pub exp_grace: u64,
    /// Operations that its URLs may ask for, an `operations::AllowRule` each; none: any.
    #[serde(default, skip_serializing_if = "Option::is_none")]
    pub operations: Option<Vec<String>>,
}

/// A project as its keys name it.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct ProjectRef {
    /// The stable identifier.
    pub id: String,
    /// The name in URLs.
    pub slug: String,
}

/// Requests that a key is good for in one window; none: unlimited.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Limits {
    /// In one minute of the clock.
    pub per_minute: Option<u64>,
    /// In one day of UTC.
    pub per_day: Option<u64>,
}

/// Whether a key works.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum KeyState {
    /// It does.
    Live,
    /// It was revoked.
    Revoked,
    /// Its expiry has passed.
    Expired,
}

impl KeyRecord {
    /// A new key with no restrictions beyond its project.
    pub fn new(public_key: String, secret: String, project: ProjectRef, client_id: String, created_at: u64) -> Self {
        Self {
            v: VERSION,
            public_key,
            secret,
            project,
            client_id,
            created_at,
            expires_at: None,
            revoked_at: None,
            sources: Vec::new(),
            limits: Limits::default(),
            max_lifetime: None,
            require_exp: false,
            exp_grace: 0,
            operations: None,
        }
    }

    /// Start of the names of all keys.
    pub const PREFIX: &'static str = "key/";

    /// The name that a key is stored under.
    pub fn name_of(public_key: &str) -> String {
        format!("{}{public_key}", Self::PREFIX)
    }

    /// The name that this key is stored under, and that its secret is sealed for.
    pub fn name(&self) -> String {
        Self::name_of(&self.public_key)
    }

    /// Whether it works at `now`.
    pub fn state(&self, now: u64) -> KeyState {
        match (self.revoked_at, self.expires_at) {
            (Some(_), _) => KeyState::Revoked,
            (None, Some(at)) if now >= at => KeyState::Expired,
            _ => KeyState::Live,
        }
    }

    /// The stored bytes.
    pub fn to_bytes(&self) -> Vec<u8> {
        // Strings, numbers and lists of them always serialise.
        serde_json::to_vec(self).unwrap_or_default()
    }

    /// Reads what was stored for `public_key`.
    pub fn from_bytes(public_key: &str, bytes: &[u8]) -> Result<Self, Error> {
        let record: Self = serde_json::from_slice(bytes)?;
        match record.v {
            VERSION if record.public_key == public_key => Ok(record),
            VERSION => Err(Error::Name),
            other => Err(Error::Version(other)),
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn record() -> KeyRecord {
        let project = ProjectRef {
            id: "prj_1".into(),
            slug: "demo".into(),
        };
        KeyRecord {
            sources: vec!["example.com".into()],
            limits: Limits {
                per_minute: Some(60),
                per_day: None,
            },
            ..KeyRecord::new(
                "pk_one".into(),
                "v1.n.c".into(),
                project,
                "client_one".into(),
                1_700_000_000,
            )
        }
    }

    const STORED: &str = r#"{"v":1,"public_key":"pk_one","secret":"v1.n.c","project":{"id":"prj_1","slug":"demo"},"client_id":"client_one","created_at":1700000000,"expires_at":null,"revoked_at":null,"sources":["example.com"],"limits":{"per_minute":60,"per_day":null},"max_lifetime":null,"require_exp":false,"exp_grace":0}"#;

    #[test]
    fn the_stored_bytes_do_not_drift() {
        assert_eq!(String::from_utf8(record().to_bytes()).unwrap(), STORED);
        assert_eq!(KeyRecord::from_bytes("pk_one", STORED.as_bytes()).unwrap(), record());
    }

    #[test]
    fn a_restriction_is_stored_and_its_absence_is_not() {
        let key = KeyRecord {
            operations: Some(vec!["preset".into()]),
            ..record()
        };
        let stored = STORED.replace("\"exp_grace\":0", "\"exp_grace\":0,\"operations\":[\"preset\"]");
        assert_eq!(String::from_utf8(key.to_bytes()).unwrap(), stored);
        assert_eq!(KeyRecord::from_bytes("pk_one", stored.as_bytes()).unwrap(), key);
    }

    #[test]
    fn anything_not_understood_is_an_error() {
        assert!(matches!(
            KeyRecord::from_bytes("pk_two", STORED.as_bytes()),
            Err(Error::Name)
        ));
        let newer = STORED.replace("\"v\":1", "\"v\":2");
        assert!(matches!(
            KeyRecord::from_bytes("pk_one", newer.as_bytes()),
            Err(Error::Version(2))
        ));
        let restricted = STORED.replace("\"v\":1", "\"v\":1,\"only_squares\":true");
        assert!(matches!(
            KeyRecord::from_bytes("pk_one", restricted.as_bytes()),
            Err(Error::Shape(_))
        ));
        assert!(matches!(KeyRecord::from_bytes("pk_one", b""), Err(Error::Shape(_))));
    }

    #[test]
    fn revoked_wins_over_expired() {
        let mut key = record();
        assert_eq!(key.state(u64::MAX), KeyState::Live);
        key.expires_at = Some(100);
        assert_eq!((key.state(99), key.state(100)), (KeyState::Live, KeyState::Expired));
        key.revoked_at = Some(50);
        assert_eq!(key.state(200), KeyState::Revoked);
    }
}
