use hmac::{Hmac, KeyInit, Mac};
use secret::{MasterKey, Purpose};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key of the chains and of parcels. Whoever can write to the database but has not got it can damage the log, not forge it.
///
/// What is new is written with the current key; what was written before the master key was replaced verifies with the one before.
pub struct Key {
    current: Secret,
    previous: Option<Secret>,
}

type Secret = Zeroizing<[u8; 32]>;

/// What a tag is for. It is part of what is hashed, so that no tag can stand in another's place.
#[derive(Clone, Copy)]
pub(crate) enum Label {
    Entry,
    Checkpoint,
    Parcel,
}

impl Key {
    /// The keys of a deployment's master key and of the one before, if it had one.
    pub fn new(current: &MasterKey, previous: Option<&MasterKey>) -> Self {
        Self {
            current: current.derive(Purpose::Audit),
            previous: previous.map(|master| master.derive(Purpose::Audit)),
        }
    }

    /// HMAC-SHA-256 over a label and length-prefixed parts, so that no two lists of parts are one text.
    pub(crate) fn tag(&self, label: Label, parts: &[&[u8]]) -> [u8; 32] {
        mac(&self.current, label, parts).map_or([0; 32], |mac| mac.finalize().into_bytes().into())
    }

    /// Whether `tag` is theirs, in a time that does not depend on how much of it is right.
    pub(crate) fn fits(&self, label: Label, parts: &[&[u8]], tag: &[u8]) -> bool {
        [Some(&self.current), self.previous.as_ref()]
            .into_iter()
            .flatten()
            .filter_map(|secret| mac(secret, label, parts))
            .any(|mac| mac.verify_slice(tag).is_ok())
    }
}

/// `None` cannot happen: HMAC takes keys of any length.
fn mac(secret: &Secret, label: Label, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
    let label: &[u8] = match label {
        Label::Entry => b"deckle-audit-entry-v1",
        Label::Checkpoint => b"deckle-audit-checkpoint-v1",
        Label::Parcel => b"deckle-audit-parcel-v1",
    };
    let mut mac = Hmac::<Sha256>::new_from_slice(secret.as_ref())
        .ok()?
        .chain_update(label);
    for part in parts {
        mac.update(&(part.len() as u64).to_be_bytes());
        mac.update(part);
    }
    Some(mac)
}

impl std::fmt::Debug for Key {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Lower-case hexadecimal.
pub(crate) fn hex(bytes: &[u8]) -> String {
    bytes.iter().fold(String::with_capacity(bytes.len() * 2), |text, byte| {
        text + &format!("{byte:02x}")
    })
}

/// Reads 64 digits of lower-case hexadecimal.
pub(crate) fn bytes(hex: &str) -> Option<Vec<u8>> {
    let digits = hex.as_bytes().chunks_exact(2);
    let whole = hex.len() == 64 && hex.bytes().all(|b| b.is_ascii_digit() || (b'a'..=b'f').contains(&b));
    whole.then(|| {
        digits
            .filter_map(|pair| u8::from_str_radix(std::str::from_utf8(pair).ok()?, 16).ok())
            .collect()
    })
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn key(first: u8) -> Key {
        Key::new(&master(first), None)
    }

    pub fn master(first: u8) -> MasterKey {
        MasterKey::from_bytes(std::array::from_fn(|i| first + i as u8)).unwrap()
    }

    #[test]
    fn parts_cannot_be_shifted_and_labels_cannot_be_swapped() {
        let key = key(0);
        let tag = key.tag(Label::Entry, &[b"ab", b"c"]);
        assert!(key.fits(Label::Entry, &[b"ab", b"c"], &tag));
        assert!(!key.fits(Label::Entry, &[b"a", b"bc"], &tag));
        assert!(!key.fits(Label::Entry, &[b"abc"], &tag));
        assert!(!key.fits(Label::Parcel, &[b"ab", b"c"], &tag));
        assert_eq!(format!("{key:?}"), "[redacted]");
    }
}
