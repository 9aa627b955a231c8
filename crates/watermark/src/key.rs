//! The key from which every invisible layer takes its own.

use crate::fragile;
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use zeroize::{Zeroize as _, ZeroizeOnDrop};

/// The secret behind the invisible marks. Each layer derives its own keys from it under its own label, so that what
/// one layer gives away tells nothing about another.
///
/// Who holds it can read every mark and name any client in one. It is wiped from memory when dropped.
#[derive(Clone, ZeroizeOnDrop)]
pub struct MarkKey {
    pub(crate) fragile: fragile::Keys,
    tracing: [u8; 32],
}

impl MarkKey {
    /// Takes 32 uniformly random bytes, for example an output of HKDF that serves no other purpose.
    #[must_use]
    pub fn new(mut bytes: [u8; 32]) -> Self {
        let root = Hkdf::new(None, &bytes);
        bytes.zeroize();
        Self {
            fragile: fragile::Keys::derive(&root),
            tracing: expand(&root, "deckle mark tracing v1"),
        }
    }

    /// The secret from which the tracing code of every rendition is derived, by HKDF-Expand.
    #[must_use]
    pub fn tracing(&self) -> &[u8; 32] {
        &self.tracing
    }
}

impl fmt::Debug for MarkKey {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("MarkKey(redacted)")
    }
}

/// `N` bytes for the purpose that `label` names, by HKDF-Expand (RFC 5869 section 2.3).
#[expect(
    clippy::expect_used,
    reason = "expanding fails only beyond 255 * 32 bytes, which N cannot reach"
)]
pub(crate) fn expand<const N: usize>(root: &Hkdf<Sha256>, label: &str) -> [u8; N] {
    const { assert!(N <= 255 * 32) };
    let mut output = [0; N];
    root.expand(label.as_bytes(), &mut output)
        .expect("a length that HKDF allows");
    output
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_shows_nothing_of_the_key() {
        assert_eq!(format!("{:?}", MarkKey::new([0xab; 32])), "MarkKey(redacted)");
        assert_eq!(format!("{:#?}", MarkKey::new([0xab; 32])), "MarkKey(redacted)");
    }
}
