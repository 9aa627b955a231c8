//! The fragile layer: an authenticated message in the least-significant bits, exact as long as the file is untouched.
//!
//! | bytes | content |
//! |---|---|
//! | 30 | the payload: version and kind 1, subject 8, key 8, reference 8, time 5 |
//! | 10 | HMAC-SHA-256 of the payload, truncated to 80 bits |
//! | 16 | Reed-Solomon parity of the 40 bytes above |
//!
//! The 56 bytes are XORed with a keyed stream, so that they look random whatever they say, and spread over the carriers.

mod code;
mod field;
mod spread;

pub use spread::{MIN_CARRIERS, Spread};

use crate::{Error, MarkKey, Payload, key::expand, payload};
use code::{CODEWORD, MESSAGE, PARITY};
use hkdf::Hkdf;
use hmac::Mac as _;
use sha2::Sha256;
use spread::{Layout, keyed};
use std::fmt;
use subtle::ConstantTimeEq as _;
use zeroize::ZeroizeOnDrop;

/// Length of the truncated MAC in bytes: 80 bits, the least that RFC 2104 section 5 names. Its other advice, half of the
/// hash, gives way to room in small pictures: only whoever holds the key can tell a right tag from a wrong one, so a
/// forger cannot try tags out.
const TAG: usize = MESSAGE - payload::LENGTH;

/// A sealed codeword: what one delivery hides, ready to be spread over any number of carriers.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Fragile {
    codeword: [u8; CODEWORD],
    spread: [u8; 32],
}

impl Fragile {
    /// Lays the codeword out over a picture's carriers.
    ///
    /// # Errors
    /// [`Error::TooFewCarriers`] if there are fewer than [`MIN_CARRIERS`].
    pub fn spread(&self, carriers: usize) -> Result<Spread, Error> {
        Ok(Spread::new(self.codeword, Layout::new(&self.spread, carriers)?))
    }
}

impl fmt::Debug for Fragile {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Fragile(redacted)")
    }
}

impl MarkKey {
    /// Seals a payload into the codeword that a picture will carry. The same payload gives the same codeword.
    #[must_use]
    pub fn seal(&self, payload: &Payload) -> Fragile {
        let payload = payload.to_bytes();
        let mut message = [0; MESSAGE];
        message[..payload::LENGTH].copy_from_slice(&payload);
        message[payload::LENGTH..].copy_from_slice(&self.fragile.tag(&payload));
        Fragile {
            codeword: self.fragile.whiten(code::encode(&message)),
            spread: self.fragile.spread,
        }
    }

    /// Reads the payload back from a picture's carriers, numbered as they were when it was marked. `read` gives the bit
    /// of a carrier, or `None` where it cannot be read.
    ///
    /// `None` means that there is no mark of this key. A picture without one is taken for marked with a probability
    /// below 2^-76 (nine attempts at an 80-bit MAC), and so is a mark that somebody without the key altered.
    #[must_use]
    pub fn open(&self, carriers: usize, read: impl Fn(usize) -> Option<bool>) -> Option<Payload> {
        let layout = Layout::new(&self.fragile.spread, carriers).ok()?;
        let mut votes = [0_i32; CODEWORD * 8];
        for (bit, carrier) in layout.positions() {
            votes[bit] += match read(carrier) {
                Some(true) => 1,
                Some(false) => -1,
                None => 0,
            };
        }
        let mut word = [0; CODEWORD];
        for (bit, &vote) in votes.iter().enumerate() {
            word[bit / 8] |= u8::from(vote > 0) << (7 - bit % 8);
        }
        let word = self.fragile.whiten(word);
        // Generalised minimum distance decoding (Forney 1966): the bytes whose votes were closest are dropped, two more
        // at each attempt, and the MAC says which attempt is right. A tie or an unread bit is dropped first.
        let doubtful = by_doubt(&votes);
        (0..=PARITY)
            .step_by(2)
            .find_map(|erased| self.fragile.accept(&code::decode(&word, &doubtful[..erased])?))
    }
}

/// What the fragile layer derives from the [`MarkKey`].
#[derive(Clone, ZeroizeOnDrop)]
pub(crate) struct Keys {
    mac: [u8; 32],
    whitening: [u8; CODEWORD],
    spread: [u8; 32],
}

impl Keys {
    pub(crate) fn derive(root: &Hkdf<Sha256>) -> Self {
        Self {
            mac: expand(root, "deckle mark fragile v1 mac"),
            whitening: expand(root, "deckle mark fragile v1 whitening"),
            spread: expand(root, "deckle mark fragile v1 spread"),
        }
    }

    /// Its own inverse.
    fn whiten(&self, codeword: [u8; CODEWORD]) -> [u8; CODEWORD] {
        std::array::from_fn(|i| codeword[i] ^ self.whitening[i])
    }

    fn tag(&self, payload: &[u8; payload::LENGTH]) -> [u8; TAG] {
        let mut mac = keyed(&self.mac);
        mac.update(payload);
        let digest = mac.finalize().into_bytes();
        std::array::from_fn(|i| digest[i])
    }

    /// The payload of a message whose MAC is right.
    fn accept(&self, message: &[u8; MESSAGE]) -> Option<Payload> {
        let payload = std::array::from_fn(|i| message[i]);
        let genuine: bool = self.tag(&payload).as_slice().ct_eq(&message[payload::LENGTH..]).into();
        if genuine { Payload::from_bytes(&payload) } else { None }
    }
}

/// Byte positions of the codeword, the least certain first. A byte is as certain as its closest vote.
fn by_doubt(votes: &[i32; CODEWORD * 8]) -> [usize; CODEWORD] {
    let mut order = std::array::from_fn(|i| i);
    order.sort_by_key(|&byte: &usize| votes[byte * 8..][..8].iter().map(|vote| vote.abs()).min());
    order
}

#[cfg(test)]
mod tests;
