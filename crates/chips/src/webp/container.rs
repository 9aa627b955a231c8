//! A rendition in lossy WebP before anybody's mark is in it.

use fingerprint::Variant;
use vp8::{SPARE, Spliced};
use watermark::{Fragile, MIN_CARRIERS};

use super::table;
use crate::Error;
use crate::envelope::{self, ENVELOPE};

/// "Deckle rendition, WebP", and the version of the layout below.
const MAGIC: [u8; 4] = [0xDE, b'R', b'W', 1];
/// Magic, checksum, variant, four numbers, and the spare bytes' places.
const HEAD: usize = ENVELOPE + 32 + 4 * 4 + SPARE * 4;

/// Chips below which nobody should rely on a picture naming its client after an attack, and the predicted score below which the
/// same holds. A JPEG needs twice the chips: there few of them survive recompression, here nearly all.
const ENOUGH_CHIPS: usize = 750;
const ENOUGH_SCORE: f32 = 18.0;

/// A lossy WebP in which nobody's mark is yet, with all that is needed to put one in without a codec.
///
/// It is not a picture and must never be delivered: its bytes begin with no image's signature, and only [`mark`](Self::mark)
/// makes a file of it. Layout, numbers big-endian: magic and version (4 bytes), XXH3-64 of all that follows (8), variant (32),
/// then as 32-bit numbers the predicted score in thousandths, chips, and the lengths of the file and of the table; for each
/// spare byte its offset and unit (16 bits each); then file and table.
#[derive(Clone, PartialEq, Eq)]
pub struct Container {
    bytes: Vec<u8>,
    variant: Variant,
    /// In thousandths.
    score: u32,
    chips: usize,
    /// Where the file ends and the table begins.
    end: usize,
}

impl Container {
    pub(super) fn new(
        variant: Variant,
        score: f32,
        chips: usize,
        spliced: &Spliced,
        table: &[u8],
    ) -> Result<Self, Error> {
        let mut bytes = envelope::begin(MAGIC);
        bytes.reserve_exact(HEAD + spliced.file.len() + table.len());
        bytes.extend(variant.0);
        for number in [(score * 1000.0) as usize, chips, spliced.file.len(), table.len()] {
            bytes.extend(u32::try_from(number).map_err(|_| Error::Damaged)?.to_be_bytes());
        }
        for (offset, unit) in &spliced.spare {
            bytes.extend(u16::try_from(*offset).map_err(|_| Error::Damaged)?.to_be_bytes());
            bytes.extend(unit.to_be_bytes());
        }
        bytes.extend(&spliced.file);
        bytes.extend(table);
        envelope::seal(&mut bytes);
        Self::from_authentic(bytes)
    }

    /// Reads what [`Container::as_bytes`] gave.
    ///
    /// # Errors
    /// [`Error::Foreign`], [`Error::Version`], [`Error::Damaged`].
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        envelope::check(&bytes, MAGIC)?;
        Self::from_authentic(bytes)
    }

    /// The same of bytes that nobody can have changed, because a code of them was checked: their checksum is not looked at.
    ///
    /// # Errors
    /// As [`Container::from_bytes`], but for damage that makes no part longer or shorter.
    pub fn from_authentic(bytes: Vec<u8>) -> Result<Self, Error> {
        let (head, rest) = bytes.split_first_chunk::<HEAD>().ok_or(Error::Foreign)?;
        envelope::look(&bytes, MAGIC)?;
        let number = |field: usize| u32::from_be_bytes(std::array::from_fn(|i| head[44 + field * 4 + i]));
        let count = |field: usize| usize::try_from(number(field)).map_err(|_| Error::Damaged);
        let (chips, file, table) = (count(1)?, count(2)?, count(3)?);
        // An entry takes two bytes at least, so that nobody is asked for more symbols than the container has bytes.
        if file.checked_add(table) != Some(rest.len()) || chips > table / 2 {
            return Err(Error::Damaged);
        }
        Ok(Self {
            variant: Variant(std::array::from_fn(|i| head[12 + i])),
            score: number(0),
            chips,
            end: HEAD + file,
            bytes,
        })
    }

    /// The bytes to keep. They are not a picture.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Names the rendition: what its tracing code is derived from.
    #[must_use]
    pub fn variant(&self) -> Variant {
        self.variant
    }

    /// How many symbols a codeword has.
    #[must_use]
    pub fn chips(&self) -> usize {
        self.chips
    }

    /// The score, in standard deviations of an innocent's, that the detector can expect after a recompression at quality 30.
    #[must_use]
    pub fn predicted_score(&self) -> f32 {
        self.score as f32 / 1000.0
    }

    /// Whether a copy can be expected to name its client after an ordinary attack. If not, only the untouched file can.
    #[must_use]
    pub fn is_traceable(&self) -> bool {
        self.chips >= ENOUGH_CHIPS && self.predicted_score() >= ENOUGH_SCORE
    }

    /// Length of every copy in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.end.saturating_sub(HEAD)
    }

    /// A client's copy: a copy of the file with what his symbols, one for each chip, and the fragile mark add to it.
    ///
    /// # Errors
    /// [`Error::Symbols`]; [`Error::Damaged`].
    pub fn mark(&self, symbols: &[bool], fragile: &Fragile) -> Result<Vec<u8>, Error> {
        let mut spare = [0_u8; SPARE];
        let spread = fragile.spread(MIN_CARRIERS).map_err(|_| Error::TooSmall)?;
        for (byte, bits) in spare.iter_mut().zip(spread.bits().chunks(8)) {
            *byte = bits.iter().fold(0, |byte, bit| byte << 1 | u8::from(*bit));
        }
        self.copy(symbols, &spare)
    }

    /// A copy with some spare bytes.
    pub(super) fn copy(&self, symbols: &[bool], spare: &[u8; SPARE]) -> Result<Vec<u8>, Error> {
        if symbols.len() != self.chips {
            return Err(Error::Symbols {
                symbols: symbols.len(),
                chips: self.chips,
            });
        }
        let mut file = self.bytes.get(HEAD..self.end).unwrap_or_default().to_vec();
        let table = self.bytes.get(self.end..).unwrap_or_default();
        table::apply(table, symbols, &mut file).ok_or(Error::Damaged)?;
        let places = self.bytes.get(HEAD - SPARE * 4..HEAD).unwrap_or_default();
        for (&[a, b, c, d], &value) in places.as_chunks::<4>().0.iter().zip(spare) {
            let offset = usize::from(u16::from_be_bytes([a, b]));
            let product = u32::from(u16::from_be_bytes([c, d])) * u32::from(value);
            // Three bytes, the last one first.
            table::add(&mut file, offset + 1, product as u16).ok_or(Error::Damaged)?;
            table::add(&mut file, offset, (product >> 8 & 0xFF00) as u16).ok_or(Error::Damaged)?;
        }
        Ok(file)
    }
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Container({} bytes, {} chips)", self.bytes.len(), self.chips)
    }
}
