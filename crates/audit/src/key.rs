use hmac::{Hmac, KeyInit, Mac};
use secret::{MasterKey, Purpose};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The key of the chains and of parcels. Whoever can write to the database but has not got it can damage the log, not forge it.
pub struct Key(Zeroizing<[u8; 32]>);

/// What a tag is for. It is part of what is hashed, so that no tag can stand in another's place.
#[derive(Clone, Copy)]
pub(crate) enum Label {
    Entry,
    Checkpoint,
    Parcel,
}

impl Key {
    /// The deployment's key.
    pub fn new(master: &MasterKey) -> Self {
        Self(master.derive(Purpose::Audit))
    }

    /// HMAC-SHA-256 over a label and length-prefixed parts, so that no two lists of parts are one text.
    pub(crate) fn tag(&self, label: Label, parts: &[&[u8]]) -> [u8; 32] {
        self.mac(label, parts)
            .map_or([0; 32], |mac| mac.finalize().into_bytes().into())
    }

    /// Whether `tag` is theirs, in a time that does not depend on how much of it is right.
    pub(crate) fn fits(&self, label: Label, parts: &[&[u8]], tag: &[u8]) -> bool {
        self.mac(label, parts).is_some_and(|mac| mac.verify_slice(tag).is_ok())
    }

    /// `None` cannot happen: HMAC takes keys of any length.
    fn mac(&self, label: Label, parts: &[&[u8]]) -> Option<Hmac<Sha256>> {
        let label: &[u8] = match label {
            Label::Entry => b"deckle-audit-entry-v1",
            Label::Checkpoint => b"deckle-audit-checkpoint-v1",
            Label::Parcel => b"deckle-audit-parcel-v1",
        };
        let mut mac = Hmac::<Sha256>::new_from_slice(self.0.as_ref())
            .ok()?
            .chain_update(label);
        for part in parts {
            mac.update(&(part.len() as u64).to_be_bytes());
            mac.update(part);
        }
        Some(mac)
    }
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

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    pub fn key(first: u8) -> Key {
        Key::new(&MasterKey::from_bytes(std::array::from_fn(|i| first + i as u8)).unwrap())
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
