//! A rendition that is kept, and its bytes in the store.

use super::recipe::{Fingerprint, Recipe};
use imaging::Unmarked;
use siphasher::sip128::{Hash128, SipHasher24};

/// Longest value in bytes. What is longer is made again for each request: it is rare, and stores hold values whole.
const MAX_LENGTH: usize = 2 << 20;

const READ_LENGTH: usize = 8;
const ORIGINAL_LENGTH: usize = 8;
const CODE_LENGTH: usize = 16;

/// A rendition in which nobody's mark is yet, and what is known of its original.
///
/// Only a type without a client's mark has a place in it: a copy that was marked cannot be kept.
pub struct Kept {
    /// The rendition.
    pub unmarked: Unmarked,
    /// Which original it was made of.
    pub original: Fingerprint,
    /// When that was read, in Unix seconds.
    pub read: u64,
}

/// The bytes are not what this deployment kept under this recipe.
#[derive(Debug, PartialEq, Eq)]
pub struct Damaged;

impl Kept {
    /// The bytes to store: the rendition, the original's fingerprint, the time, and a code of all of them under a key of the
    /// recipe. `None` where the format cannot be kept, or where it is too long.
    ///
    /// The code is SipHash-2-4 with 128 bits, a pseudorandom function and so a code for authentication (Aumasson and Bernstein,
    /// "SipHash: a fast short-input PRF", 2012), because HMAC-SHA-256 takes many times as long as marking the copy. It holds off
    /// who can write to the store: he can guess at 128 bits, and move no value to another name, whose key is another.
    pub fn to_bytes(&self, recipe: &Recipe) -> Option<Vec<u8>> {
        let mut bytes = self.unmarked.to_bytes().filter(|bytes| bytes.len() <= MAX_LENGTH)?;
        bytes.reserve_exact(ORIGINAL_LENGTH + READ_LENGTH + CODE_LENGTH);
        bytes.extend(self.original);
        bytes.extend(self.read.to_be_bytes());
        let code = code(recipe, &bytes);
        bytes.extend(code.as_u128().to_be_bytes());
        Some(bytes)
    }

    /// Reads what [`Kept::to_bytes`] gave under the same recipe.
    pub fn from_bytes(recipe: &Recipe, mut bytes: Vec<u8>) -> Result<Self, Damaged> {
        let (rest, stored) = bytes.split_last_chunk::<CODE_LENGTH>().ok_or(Damaged)?;
        // Codes are compared in constant time.
        if code(recipe, rest) != Hash128::from(u128::from_be_bytes(*stored)) {
            return Err(Damaged);
        }
        let (rest, read) = rest.split_last_chunk::<READ_LENGTH>().ok_or(Damaged)?;
        let (rest, original) = rest.split_last_chunk::<ORIGINAL_LENGTH>().ok_or(Damaged)?;
        let (length, original, read) = (rest.len(), *original, u64::from_be_bytes(*read));
        bytes.truncate(length);
        Ok(Self {
            unmarked: Unmarked::from_authentic(bytes).map_err(|_| Damaged)?,
            original,
            read,
        })
    }
}

fn code(recipe: &Recipe, bytes: &[u8]) -> Hash128 {
    SipHasher24::new_with_key(&recipe.derive(b"kept")).hash(bytes)
}
