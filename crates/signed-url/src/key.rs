use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secret::SecretText;

/// Random bytes in a public key.
pub const PUBLIC_KEY_BYTES: usize = 16;
/// Random bytes in a secret key: as many as the hash has, so that the key is never the weak side of the MAC.
pub const SECRET_KEY_BYTES: usize = 32;

/// The public half of a signing key: `pk_` and base64url of 16 bytes (longer and shorter ones up to 64 characters are read,
/// because deployments bring their own). It names a key and proves nothing.
#[derive(Debug, Clone, PartialEq, Eq, Hash)]
pub struct PublicKey(String);

impl PublicKey {
    /// Checks the form: `pk_` and 1 to 64 base64url characters.
    pub fn parse(text: &str) -> Option<Self> {
        let name = text.strip_prefix("pk_")?;
        let plain = name
            .bytes()
            .all(|b| b.is_ascii_alphanumeric() || b == b'-' || b == b'_');
        (plain && (1..=64).contains(&name.len())).then(|| Self(text.to_owned()))
    }

    /// The text, with its `pk_`.
    pub fn as_str(&self) -> &str {
        &self.0
    }
}

/// A new key pair from random bytes, in the forms of the specification: `pk_` + 22 and `sk_` + 43 characters.
pub fn key_pair(public: [u8; PUBLIC_KEY_BYTES], secret: [u8; SECRET_KEY_BYTES]) -> (PublicKey, SecretText) {
    let public = PublicKey(format!("pk_{}", URL_SAFE_NO_PAD.encode(public)));
    (
        public,
        SecretText::new(format!("sk_{}", URL_SAFE_NO_PAD.encode(secret))),
    )
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_new_pair_has_the_specified_form() {
        let (public, secret) = key_pair([0xff; 16], [0xfe; 32]);
        assert_eq!(public.as_str().len(), 3 + 22);
        assert_eq!(secret.expose().len(), 3 + 43);
        assert!(secret.expose().starts_with("sk_"));
        assert_eq!(PublicKey::parse(public.as_str()), Some(public));
    }

    #[test]
    fn what_is_not_a_public_key() {
        for text in [
            "",
            "pk_",
            "sk_abc",
            "pk_a/b",
            "pk_a b",
            "PK_abc",
            "pk_ä",
            &format!("pk_{}", "a".repeat(65)),
        ] {
            assert_eq!(PublicKey::parse(text), None, "{text}");
        }
    }
}
