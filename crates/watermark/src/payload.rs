//! What the invisible mark says: to whom, by which key, for which request, when.

use sha2::{Digest as _, Sha256};

/// The layout of [`Payload::to_bytes`]; a reader refuses any other.
const VERSION: u8 = 1;
/// The last second that five bytes can hold, in the year 36812.
const MAX_TIME: u64 = (1 << 40) - 1;
/// Length of a payload in bytes.
pub(crate) const LENGTH: usize = 30;

/// How the picture was asked for, which decides what [`Payload::reference`] and [`Payload::time`] mean.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub enum Kind {
    /// A signed URL, whose bytes are the same for everybody who holds it: the reference names the URL, the time is its
    /// expiry.
    SignedUrl,
    /// An answer made for one request: the reference names the request, the time is that of delivery.
    OneShot,
}

/// Names a client: the first 8 bytes of SHA-256 of its id. Unlike the id it has a fixed length and tells a stranger
/// nothing.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Subject(pub [u8; 8]);

/// Names a public key: the first 8 bytes of SHA-256 of its text.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct KeyTag(pub [u8; 8]);

/// What the invisible mark says.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash)]
pub struct Payload {
    /// How the picture was asked for.
    pub kind: Kind,
    /// The client it was served to.
    pub subject: Subject,
    /// The key that the client used.
    pub key: KeyTag,
    /// The URL or the request, by `kind`.
    pub reference: [u8; 8],
    /// Unix time in seconds, 0 for none. A time beyond 2^40 - 1 is written as 2^40 - 1.
    pub time: u64,
}

impl Subject {
    /// The subject that stands for a client.
    #[must_use]
    pub fn of(client_id: &str) -> Self {
        Self(fingerprint(client_id))
    }
}

impl KeyTag {
    /// The tag that stands for a public key.
    #[must_use]
    pub fn of(public_key: &str) -> Self {
        Self(fingerprint(public_key))
    }
}

impl Kind {
    fn code(self) -> u8 {
        match self {
            Self::SignedUrl => 1,
            Self::OneShot => 2,
        }
    }

    fn from_code(code: u8) -> Option<Self> {
        [Self::SignedUrl, Self::OneShot]
            .into_iter()
            .find(|kind| kind.code() == code)
    }
}

impl Payload {
    /// Version and kind (1 byte, a nibble each), subject (8), key (8), reference (8), time (5, big-endian).
    pub(crate) fn to_bytes(self) -> [u8; LENGTH] {
        let mut bytes = [0; LENGTH];
        bytes[0] = VERSION << 4 | self.kind.code();
        bytes[1..9].copy_from_slice(&self.subject.0);
        bytes[9..17].copy_from_slice(&self.key.0);
        bytes[17..25].copy_from_slice(&self.reference);
        bytes[25..].copy_from_slice(&self.time.min(MAX_TIME).to_be_bytes()[3..]);
        bytes
    }

    /// The inverse of [`Payload::to_bytes`]; `None` for a version or kind that this code does not know.
    pub(crate) fn from_bytes(bytes: &[u8; LENGTH]) -> Option<Self> {
        if bytes[0] >> 4 != VERSION {
            return None;
        }
        let kind = Kind::from_code(bytes[0] & 15)?;
        let eight = |start: usize| std::array::from_fn(|i| bytes[start + i]);
        let time = bytes[25..].iter().fold(0, |time, &byte| time << 8 | u64::from(byte));
        Some(Self {
            kind,
            subject: Subject(eight(1)),
            key: KeyTag(eight(9)),
            reference: eight(17),
            time,
        })
    }
}

fn fingerprint(text: &str) -> [u8; 8] {
    let digest = Sha256::digest(text.as_bytes());
    std::array::from_fn(|i| digest[i])
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;
    use proptest::prelude::*;

    pub(crate) fn any_payload() -> impl Strategy<Value = Payload> {
        (
            any::<bool>(),
            any::<[u8; 8]>(),
            any::<[u8; 8]>(),
            any::<[u8; 8]>(),
            0..=MAX_TIME,
        )
            .prop_map(|(one_shot, subject, key, reference, time)| Payload {
                kind: if one_shot { Kind::OneShot } else { Kind::SignedUrl },
                subject: Subject(subject),
                key: KeyTag(key),
                reference,
                time,
            })
    }

    proptest! {
        #[test]
        fn bytes_give_the_payload_back(payload in any_payload()) {
            prop_assert_eq!(Payload::from_bytes(&payload.to_bytes()), Some(payload));
        }

        #[test]
        fn bytes_are_canonical(bytes: [u8; LENGTH]) {
            if let Some(payload) = Payload::from_bytes(&bytes) {
                prop_assert_eq!(payload.to_bytes(), bytes);
            }
        }
    }

    #[test]
    fn unknown_versions_and_kinds_are_refused() {
        for first in 0..=255 {
            let mut bytes = [0; LENGTH];
            bytes[0] = first;
            assert_eq!(
                Payload::from_bytes(&bytes).is_some(),
                matches!(first, 0x11 | 0x12),
                "{first:#x}"
            );
        }
    }

    #[test]
    fn a_time_too_late_is_clamped_and_touches_nothing_else() {
        let payload = Payload {
            kind: Kind::OneShot,
            subject: Subject([1; 8]),
            key: KeyTag([2; 8]),
            reference: [3; 8],
            time: u64::MAX,
        };
        assert_eq!(
            Payload::from_bytes(&payload.to_bytes()),
            Some(Payload {
                time: MAX_TIME,
                ..payload
            })
        );
    }

    #[test]
    fn a_subject_is_the_head_of_the_digest() {
        // SHA-256 of "abc", FIPS 180-4.
        let expected = [0xba, 0x78, 0x16, 0xbf, 0x8f, 0x01, 0xcf, 0xea];
        assert_eq!(Subject::of("abc").0, expected);
        assert_eq!(KeyTag::of("abc").0, expected);
    }
}
