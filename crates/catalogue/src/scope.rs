use crate::{Barcode, Error, Label};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use serde::{Deserialize, Serialize};
use sha2::{Digest, Sha256};
use std::collections::BTreeSet;

const MAX_LABELS: usize = 200;
const MAX_LIST: usize = 2000;
/// Bytes of the digest that make a scope's hash.
const HASH_BYTES: usize = 16;

/// Which products a client may see.
///
/// As JSON: `"full"`, `{"brands":["Acme"]}`, `{"categories":["Snacks"]}` or `{"list":["017000161563"]}`.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "snake_case")]
pub enum Scope {
    /// All of them.
    Full,
    /// Those of these brands, by [`Label::key`].
    Brands(BTreeSet<String>),
    /// Those in these categories, by [`Label::key`].
    Categories(BTreeSet<String>),
    /// These.
    List(BTreeSet<Barcode>),
}

impl Scope {
    /// Reads a scope from its JSON value. Spellings of one brand or category become one.
    pub fn parse(json: &serde_json::Value) -> Result<Self, Error> {
        let scope: Self = Deserialize::deserialize(json).map_err(|_| Error::Scope)?;
        match scope {
            Self::Full => Ok(Self::Full),
            Self::Brands(brands) => Ok(Self::Brands(keys(&brands)?)),
            Self::Categories(categories) => Ok(Self::Categories(keys(&categories)?)),
            Self::List(list) if (1..=MAX_LIST).contains(&list.len()) => Ok(Self::List(list)),
            Self::List(_) => Err(Error::Scope),
        }
    }

    /// Reads what [`Scope::canonical`] wrote.
    pub fn from_canonical(text: &str) -> Result<Self, Error> {
        Self::parse(&serde_json::from_str(text).map_err(|_| Error::Scope)?)
    }

    /// The one spelling of this scope: how it is stored and hashed.
    pub fn canonical(&self) -> String {
        // Names and sorted lists of strings always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// What an access token says in `scope_hash`: base64url of the first 16 bytes of SHA-256 over a label and the canonical
    /// form. A token whose hash is no longer that of its client's scope was made for another scope.
    pub fn hash(&self) -> String {
        let digest = Sha256::new()
            .chain_update("deckle-scope-v1\n")
            .chain_update(self.canonical())
            .finalize();
        URL_SAFE_NO_PAD.encode(&digest[..HASH_BYTES])
    }
}

fn keys(names: &BTreeSet<String>) -> Result<BTreeSet<String>, Error> {
    if !(1..=MAX_LABELS).contains(&names.len()) {
        return Err(Error::Scope);
    }
    let key = |name: &String| Some(Label::parse(name)?.key().to_owned());
    names.iter().map(key).collect::<Option<_>>().ok_or(Error::Scope)
}

#[cfg(test)]
mod tests {
    use super::*;
    use serde_json::json;

    fn parse(json: serde_json::Value) -> Result<Scope, Error> {
        Scope::parse(&json)
    }

    #[test]
    fn one_scope_has_one_spelling_and_one_hash() {
        let one = parse(json!({"brands": ["Globex", "ACME ", "acme"]})).unwrap();
        let other = parse(json!({"brands": ["acme", "globex"]})).unwrap();
        assert_eq!(one, other);
        assert_eq!(one.canonical(), r#"{"brands":["acme","globex"]}"#);
        assert_eq!(one.hash(), other.hash());
        assert_eq!(parse(json!("full")).unwrap().canonical(), r#""full""#);
        let scopes = [
            json!("full"),
            json!({"brands": ["a"]}),
            json!({"categories": ["a"]}),
            json!({"list": ["12345678"]}),
            json!({"list": ["123456789"]}),
        ];
        let hashes: BTreeSet<_> = scopes.map(|scope| parse(scope).unwrap().hash()).into();
        assert_eq!(hashes.len(), 5);
        assert!(hashes.iter().all(|hash| hash.len() == 22));
    }

    #[test]
    fn the_hash_does_not_drift() {
        assert_eq!(Scope::Full.hash(), "PhJsTR_y6bIhTkChAAzfZA");
    }

    #[test]
    fn what_is_stored_is_read_again() {
        for scope in [
            json!("full"),
            json!({"categories": ["Tea", "Rice"]}),
            json!({"list": ["12345678"]}),
        ] {
            let scope = parse(scope).unwrap();
            assert_eq!(Scope::from_canonical(&scope.canonical()), Ok(scope));
        }
    }

    #[test]
    fn a_scope_that_is_not_understood_is_none() {
        let many: Vec<_> = (0..201).map(|n| n.to_string()).collect();
        let long: Vec<_> = (10_000_000..10_002_001).map(|n| n.to_string()).collect();
        for scope in [
            json!("Full"),
            json!("all"),
            json!(null),
            json!([]),
            json!({}),
            json!({"brands": []}),
            json!({"brands": "acme"}),
            json!({"brands": [""]}),
            json!({"brands": ["a"], "categories": ["b"]}),
            json!({"list": ["1234567"]}),
            json!({"list": [12_345_678]}),
            json!({"full": null, "list": []}),
            json!({"brands": many}),
            json!({"list": long}),
        ] {
            assert_eq!(parse(scope.clone()), Err(Error::Scope), "{scope}");
        }
    }
}
