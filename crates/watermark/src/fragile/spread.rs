//! Where the bits of a codeword go among a picture's carriers.
//!
//! The `i`-th assignment puts bit `i mod 448` of the codeword on carrier `(offset + i * step) mod n`. Offset and step
//! depend on the key and on the number of carriers `n`; as the step has no factor in common with `n`, no carrier is
//! assigned twice. Every bit is repeated as often as fits, at most [`MAX_REPEATS`] times: more would change more of the
//! picture and make nothing safer. A reader that knows the key and `n` finds every copy of every bit.
//!
//! This hides the copies from a glance, not from an attacker with several marked pictures; what keeps a mark from
//! being forged is its MAC.

use super::code::CODEWORD;
use crate::Error;
use hmac::{Hmac, KeyInit as _, Mac as _};
use sha2::Sha256;

/// Carriers that hold every bit of the codeword once, the least that a picture must offer.
pub const MIN_CARRIERS: usize = CODEWORD * 8;
/// Copies of a codeword bit, at most. With 64, and 35 % of the carriers flipped, fewer than one bit in a hundred loses
/// its vote, which the code corrects.
const MAX_REPEATS: usize = 64;
/// Draws before giving up on a well-scattered step. At least a tenth of all draws are good, so that this is not reached.
const MAX_DRAWS: u8 = 255;

/// A codeword laid out over the carriers of one picture.
#[derive(Clone)]
pub struct Spread {
    codeword: [u8; CODEWORD],
    layout: Layout,
}

impl Spread {
    pub(super) fn new(codeword: [u8; CODEWORD], layout: Layout) -> Self {
        Self { codeword, layout }
    }

    /// Each carrier that must be set, once, with the bit it must hold. Carriers that do not appear stay as they are.
    pub fn assignments(&self) -> impl Iterator<Item = (usize, bool)> {
        self.layout
            .positions()
            .map(|(bit, carrier)| (carrier, self.codeword[bit / 8] >> (7 - bit % 8) & 1 == 1))
    }

    /// The same by carrier: as many entries as the picture has carriers, `None` for one that stays as it is.
    #[must_use]
    pub fn table(&self) -> Vec<Option<bool>> {
        let mut table = vec![None; self.layout.carriers];
        for (carrier, bit) in self.assignments() {
            table[carrier] = Some(bit);
        }
        table
    }

    /// The same where a carrier that stays as it is holds 0.
    #[must_use]
    pub fn bits(&self) -> Vec<bool> {
        let mut codeword = [false; MIN_CARRIERS];
        for (bits, byte) in codeword.as_chunks_mut().0.iter_mut().zip(self.codeword) {
            *bits = [7, 6, 5, 4, 3, 2, 1, 0].map(|place| byte >> place & 1 == 1);
        }
        let mut bits = vec![false; self.layout.carriers];
        let mut carrier = self.layout.offset;
        for _ in 0..self.layout.repeats {
            for bit in codeword {
                if let Some(place) = bits.get_mut(carrier) {
                    *place = bit;
                }
                carrier = self.layout.after(carrier);
            }
        }
        bits
    }
}

/// The assignment of codeword bits to carriers, without the bits.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) struct Layout {
    carriers: usize,
    offset: usize,
    step: usize,
    repeats: usize,
}

impl Layout {
    /// # Errors
    /// [`Error::TooFewCarriers`] below [`MIN_CARRIERS`].
    pub(super) fn new(key: &[u8; 32], carriers: usize) -> Result<Self, Error> {
        if carriers < MIN_CARRIERS {
            return Err(Error::TooFewCarriers {
                carriers,
                needed: MIN_CARRIERS,
            });
        }
        let repeats = (carriers / MIN_CARRIERS).min(MAX_REPEATS);
        let mut layout = Self {
            carriers,
            offset: 0,
            step: 1,
            repeats,
        };
        let keyed = keyed(key);
        for draw in 0..=MAX_DRAWS {
            let (offset, step) = draw_affine(keyed.clone(), carriers, draw);
            layout.offset = offset;
            if coprime(step, carriers) && scattered(step, carriers, repeats) {
                layout.step = step;
                break;
            }
        }
        Ok(layout)
    }

    /// Pairs of a codeword bit and a carrier, in order of assignment.
    pub(super) fn positions(self) -> impl Iterator<Item = (usize, usize)> {
        let carriers = std::iter::successors(Some(self.offset), move |carrier| Some(self.after(*carrier)));
        (0..self.repeats).flat_map(|_| 0..MIN_CARRIERS).zip(carriers)
    }

    /// The carrier that is assigned after another. Added modulo n without ever exceeding n, so that no number of carriers overflows.
    fn after(&self, carrier: usize) -> usize {
        let room = self.carriers - self.step;
        if carrier >= room {
            carrier - room
        } else {
            carrier + self.step
        }
    }
}

/// An offset in 0..n and a step in 1..n from HMAC-SHA-256 of n and the number of the draw.
fn draw_affine(mut mac: Hmac<Sha256>, carriers: usize, draw: u8) -> (usize, usize) {
    let n = carriers as u64;
    mac.update(&n.to_be_bytes());
    mac.update(&[draw]);
    let block = mac.finalize().into_bytes();
    let word = |start: usize| u64::from_be_bytes(std::array::from_fn(|i| block[start + i]));
    // Both are below n, which is a usize.
    ((word(0) % n) as usize, (1 + word(8) % (n - 1)) as usize)
}

/// HMAC-SHA-256 under a 32-byte key. Padding the key with zeros to the block size is HMAC's own first step (RFC 2104),
/// and a key of that size cannot be refused.
pub(super) fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    let mut block = [0; 64];
    block[..32].copy_from_slice(key);
    Hmac::new(&block.into())
}

/// Whether the copies of a bit reach over at least half of the picture: neighbouring copies are 448 steps apart, and if
/// that came close to a multiple of n, all copies would lie together and be lost together.
fn scattered(step: usize, carriers: usize, repeats: usize) -> bool {
    let n = carriers as u128;
    let stride = step as u128 * MIN_CARRIERS as u128 % n;
    repeats == 1 || stride.min(n - stride) * 2 * repeats as u128 >= n
}

fn coprime(mut a: usize, mut b: usize) -> bool {
    while b != 0 {
        (a, b) = (b, a % b);
    }
    a == 1
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: [u8; 32] = [3; 32];

    fn spread(carriers: usize) -> Spread {
        Spread::new(
            std::array::from_fn(|i| (i * 37) as u8),
            Layout::new(&KEY, carriers).unwrap(),
        )
    }

    #[test]
    fn too_few_carriers_are_refused() {
        for carriers in [0, 1, MIN_CARRIERS - 1] {
            assert_eq!(
                Layout::new(&KEY, carriers),
                Err(Error::TooFewCarriers {
                    carriers,
                    needed: MIN_CARRIERS
                })
            );
        }
        assert!(Layout::new(&KEY, MIN_CARRIERS).is_ok());
    }

    #[test]
    fn as_many_copies_as_fit_and_no_more_than_the_cap() {
        for (carriers, copies) in [
            (448, 1),
            (895, 1),
            (896, 2),
            (28_671, 63),
            (28_672, 64),
            (1_000_000, 64),
        ] {
            assert_eq!(
                spread(carriers).assignments().count(),
                copies * MIN_CARRIERS,
                "{carriers}"
            );
        }
    }

    #[test]
    fn the_table_says_what_the_assignments_say() {
        let spread = spread(5_003);
        let table = spread.table();
        assert_eq!(table.len(), 5_003);
        assert_eq!(table.iter().flatten().count(), spread.assignments().count());
        assert!(spread.assignments().all(|(carrier, bit)| table[carrier] == Some(bit)));
        let bits: Vec<bool> = table.into_iter().map(|bit| bit == Some(true)).collect();
        assert_eq!(spread.bits(), bits);
    }

    #[test]
    fn the_largest_number_of_carriers_does_not_overflow() {
        for carriers in [u32::MAX as usize, usize::MAX] {
            assert!(spread(carriers).assignments().all(|(carrier, _)| carrier < carriers));
        }
    }

    #[test]
    fn key_and_size_decide_the_layout() {
        let layout = Layout::new(&KEY, 100_000).unwrap();
        assert_ne!(Layout::new(&[4; 32], 100_000).unwrap(), layout);
        let other = Layout::new(&KEY, 100_001).unwrap();
        assert_ne!((other.offset, other.step), (layout.offset, layout.step));
    }

    proptest! {
        #[test]
        fn no_carrier_is_used_twice(key: [u8; 32], carriers in MIN_CARRIERS..60_000) {
            let layout = Layout::new(&key, carriers).unwrap();
            let mut used = vec![false; carriers];
            for (bit, carrier) in layout.positions() {
                prop_assert!(bit < MIN_CARRIERS);
                prop_assert!(!std::mem::replace(&mut used[carrier], true), "carrier {} twice", carrier);
            }
        }

        #[test]
        fn copies_reach_over_half_of_the_picture(key: [u8; 32], carriers in 10 * MIN_CARRIERS..4_000_000) {
            let layout = Layout::new(&key, carriers).unwrap();
            prop_assert!(scattered(layout.step, carriers, layout.repeats));
            let mut copies: Vec<_> = layout.positions().filter(|(bit, _)| *bit == 0).map(|(_, carrier)| carrier).collect();
            copies.sort_unstable();
            let gaps = copies.windows(2).map(|pair| pair[1] - pair[0]);
            let around = copies[0] + carriers - copies[copies.len() - 1];
            prop_assert!(gaps.chain([around]).max().unwrap() <= carriers * 11 / 20);
        }
    }
}
