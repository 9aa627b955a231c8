use crate::Error;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hkdf::Hkdf;
use sha2::Sha256;
use zeroize::{Zeroize, ZeroizeOnDrop, Zeroizing};

/// The one key a deployment keeps in a variable. It is never used itself: every purpose has a key of its own derived from it.
#[derive(Zeroize, ZeroizeOnDrop)]
pub struct MasterKey([u8; 32]);

/// What a derived key is for. One label each, so that a key for one purpose says nothing about another.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Purpose {
    /// Sealing secrets in the store (AES-256-GCM).
    Sealing,
    /// The invisible marks.
    Marking,
    /// The tokens of one-shot image URLs (HS256).
    OneShot,
    /// Access tokens of the control API (HS256).
    Access,
    /// The audit log's chains, and what components tell each other for it (HMAC-SHA-256).
    Audit,
    /// The entity tags of pictures (HMAC-SHA-256).
    EntityTag,
    /// What renditions are made of, and where they are kept (HMAC-SHA-256, SipHash).
    Rendition,
}

impl Purpose {
    fn label(self) -> &'static [u8] {
        match self {
            Purpose::Sealing => b"deckle/v1/sealing",
            Purpose::Marking => b"deckle/v1/marking",
            Purpose::OneShot => b"deckle/v1/one-shot",
            Purpose::Access => b"deckle/v1/access",
            Purpose::Audit => b"deckle/v1/audit",
            Purpose::EntityTag => b"deckle/v1/entity-tag",
            Purpose::Rendition => b"deckle/v1/rendition",
        }
    }
}

impl MasterKey {
    /// Wraps 32 random bytes.
    pub fn from_bytes(bytes: [u8; 32]) -> Result<Self, Error> {
        if bytes.iter().all(|b| *b == bytes[0]) {
            return Err(Error::WeakMasterKey);
        }
        Ok(Self(bytes))
    }

    /// Reads the base64url form (RFC 4648 section 5; padding and surrounding white space are forgiven, because people paste it).
    pub fn parse(text: &str) -> Result<Self, Error> {
        let text = text.trim().trim_end_matches('=');
        let bytes = Zeroizing::new(URL_SAFE_NO_PAD.decode(text).map_err(|_| Error::MasterKey)?);
        Self::from_bytes(bytes.as_slice().try_into().map_err(|_| Error::MasterKey)?)
    }

    /// Reads the master key before, while it is being replaced; an empty text is none.
    pub fn parse_previous(text: &str) -> Result<Option<Self>, Error> {
        (!text.is_empty()).then(|| Self::parse(text)).transpose()
    }

    /// The base64url form, 43 characters.
    pub fn to_text(&self) -> Zeroizing<String> {
        Zeroizing::new(URL_SAFE_NO_PAD.encode(self.0))
    }

    /// The 32-byte key for one purpose: HKDF-SHA-256 (RFC 5869) without salt, the purpose's label as info.
    pub fn derive(&self, purpose: Purpose) -> Zeroizing<[u8; 32]> {
        let mut key = Zeroizing::new([0; 32]);
        // 32 bytes is far below HKDF's limit of 255 blocks, so this cannot fail.
        let expanded = Hkdf::<Sha256>::new(None, &self.0).expand(purpose.label(), key.as_mut());
        debug_assert!(expanded.is_ok());
        key
    }
}

impl std::fmt::Debug for MasterKey {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn key() -> MasterKey {
        MasterKey::from_bytes(std::array::from_fn(|i| i as u8)).unwrap()
    }

    #[test]
    fn text_form_round_trips_and_forgives_padding() {
        let text = key().to_text();
        assert_eq!(text.len(), 43);
        let again = MasterKey::parse(&format!(" {}=\n", text.as_str())).unwrap();
        assert_eq!(again.0, key().0);
    }

    #[test]
    fn refuses_what_is_not_a_key() {
        for text in [
            "",
            "short",
            &"A".repeat(42),
            &"A".repeat(44),
            "not base64 at all, but long enough to be it!",
        ] {
            assert_eq!(MasterKey::parse(text).unwrap_err(), Error::MasterKey, "{text}");
        }
        assert_eq!(MasterKey::parse(&"A".repeat(43)).unwrap_err(), Error::WeakMasterKey);
    }

    #[test]
    fn purposes_have_different_keys_that_do_not_drift() {
        // Golden: RFC 5869 computed with Python's hmac module.
        for (purpose, golden) in [
            (Purpose::Sealing, "b6dfc0a185d7efd9"),
            (Purpose::Marking, "e7aa8363e4238daf"),
            (Purpose::OneShot, "a6c0c769bb9511d1"),
            (Purpose::Access, "316e893b6852d280"),
            (Purpose::Audit, "6b3eca61e42188a7"),
        ] {
            assert_eq!(hex(&key().derive(purpose)[..8]), golden, "{purpose:?}");
        }
    }

    #[test]
    fn debug_prints_nothing() {
        assert_eq!(format!("{:?}", key()), "[redacted]");
    }

    fn hex(bytes: &[u8]) -> String {
        bytes.iter().map(|b| format!("{b:02x}")).collect()
    }
}
