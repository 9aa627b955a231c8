//! What a deployment configures, read once per instance.

use crate::catalogue::terms::Terms;
use anyhow::{Context, bail};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use netaddr::Cidr;
use secret::{MasterKey, SealingKeys, SecretText};
use token::{AccessRing, KeyRing};
use zeroize::Zeroizing;

/// Shortest operator credential in bytes, before it is written as base64url.
const OPERATOR_BYTES: usize = 32;

/// Settings of one deployment.
pub struct Settings {
    sealing: SealingKeys,
    tokens: KeyRing,
    /// How pictures are delivered.
    pub terms: Terms,
    access: AccessRing,
    /// The key of the audit log.
    pub audit: audit::Key,
    /// Whether confirmed abuse disables a client, or is only reported.
    pub disables: bool,
    /// The credential of the operator, if the deployment has one.
    pub operator: Option<SecretText>,
    /// Proxies whose `X-Forwarded-For` is believed.
    pub trusted_proxies: Vec<Cidr>,
    /// Where a PostgreSQL database is; none: the embedded SQLite.
    pub postgres: Option<SecretText>,
}

/// The texts that [`Settings::read`] parses.
pub struct Variables {
    /// Base64url of 32 random bytes.
    pub master_key: String,
    /// The master key before, or empty.
    pub master_key_previous: String,
    /// Empty, or `postgres://…`.
    pub database_url: String,
    /// Empty, or base64url of at least 32 random bytes.
    pub operator_token: String,
    /// Networks of trusted proxies, separated by commas or spaces; empty: none.
    pub trusted_proxies: String,
    /// `production` or `development`.
    pub environment: String,
    /// Where the originals are, as the edge has it.
    pub origin: String,
    /// Where the deployment is reached; empty: URLs in answers are relative.
    pub public_url: String,
    /// What is done with each variant: see [`Terms::read`].
    pub product_operations: String,
    /// `disable` or `report`: what confirmed abuse leads to.
    pub anomalies: String,
}

impl Settings {
    /// Parses the variables. No mistake prints a value.
    pub fn read(variables: &Variables) -> anyhow::Result<Self> {
        let master = MasterKey::parse(&variables.master_key).context("variable master_key")?;
        let previous =
            MasterKey::parse_previous(&variables.master_key_previous).context("variable master_key_previous")?;
        let development = match variables.environment.as_str() {
            "production" => false,
            "development" => true,
            _ => bail!("variable environment is production or development"),
        };
        let (url, operations) = (&variables.public_url, &variables.product_operations);
        Ok(Self {
            tokens: KeyRing::new(&master, previous.as_ref()),
            terms: Terms::read(url, &variables.origin, development, operations)?,
            trusted_proxies: Cidr::parse_list(&variables.trusted_proxies).context("variable trusted_proxies")?,
            audit: audit::Key::new(&master, previous.as_ref()),
            disables: match variables.anomalies.as_str() {
                "disable" => true,
                "report" => false,
                _ => bail!("variable anomalies is disable or report"),
            },
            sealing: SealingKeys::new(&master, previous.as_ref()),
            access: AccessRing::new(&master, previous.as_ref()),
            operator: operator(&variables.operator_token)?,
            postgres: postgres(&variables.database_url)?,
        })
    }

    /// The keys that one-shot tokens are made with.
    pub fn tokens(&self) -> &KeyRing {
        &self.tokens
    }

    /// The keys of access tokens.
    pub fn access(&self) -> &AccessRing {
        &self.access
    }

    /// The keys that stored secrets are sealed with.
    pub fn sealing(&self) -> &SealingKeys {
        &self.sealing
    }
}

fn operator(token: &str) -> anyhow::Result<Option<SecretText>> {
    if token.is_empty() {
        return Ok(None);
    }
    let random = URL_SAFE_NO_PAD.decode(token).map(Zeroizing::new);
    let long = random.is_ok_and(|bytes| bytes.len() >= OPERATOR_BYTES && bytes.iter().any(|b| *b != bytes[0]));
    if !long {
        bail!("variable operator_token must be at least 32 random bytes as base64url, or empty");
    }
    Ok(Some(SecretText::new(token.to_owned())))
}

fn postgres(url: &str) -> anyhow::Result<Option<SecretText>> {
    match url {
        "" => Ok(None),
        url if url.starts_with("postgres://") || url.starts_with("postgresql://") => {
            Ok(Some(SecretText::new(url.to_owned())))
        }
        _ => bail!("variable database_url must be empty or start with postgres://"),
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn read(change: impl FnOnce(&mut Variables)) -> anyhow::Result<Settings> {
        let mut variables = Variables {
            master_key: "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".into(),
            master_key_previous: String::new(),
            database_url: String::new(),
            operator_token: String::new(),
            trusted_proxies: String::new(),
            environment: "production".into(),
            origin: "https://images.example.com".into(),
            public_url: String::new(),
            product_operations: String::new(),
            anomalies: "disable".into(),
        };
        change(&mut variables);
        Settings::read(&variables)
    }

    #[test]
    fn j11_an_operator_credential_is_random_and_long() {
        assert!(read(|_| {}).unwrap().operator.is_none());
        let good = "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8";
        assert!(read(|v| v.operator_token = good.into()).unwrap().operator.is_some());
        for token in [
            "secret",
            &good[..42],
            "correct horse battery staple correct horse!",
            &"A".repeat(43),
        ] {
            assert!(read(|v| v.operator_token = token.into()).is_err(), "{token}");
        }
    }

    #[test]
    fn a_mistake_names_its_variable_and_not_its_value() {
        let mistake = read(|v| v.database_url = "mysql://user:password@host/db".into())
            .err()
            .unwrap();
        let text = format!("{mistake:#}");
        assert!(text.contains("database_url") && !text.contains("password"), "{text}");
        assert!(
            read(|v| v.database_url = "postgres://host/db".into())
                .unwrap()
                .postgres
                .is_some()
        );
    }
}
