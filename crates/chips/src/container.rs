//! A rendition before anybody's mark is in it, and how to put one in.

use fingerprint::Variant;
use watermark::Fragile;

use crate::envelope::{self, ENVELOPE};
use crate::predict::{Prediction, traceable};
use crate::splice::Spliced;
use crate::{Error, table};

/// "Deckle rendition", and the version of the layout below.
const MAGIC: [u8; 4] = [0xDE, b'R', b'N', 4];
/// Magic, checksum and nine fixed fields.
const HEAD: usize = ENVELOPE + 32 + 8 * 4;

/// A JPEG in which nobody's mark is yet, with all that is needed to put one in without a codec.
///
/// It is not a picture and must never be delivered: its bytes begin with no image's signature, and only [`mark`](Self::mark)
/// makes a file of it. Layout, numbers big-endian: magic and version (4 bytes), XXH3-64 of all that follows (8), variant (32),
/// then as 32-bit numbers the predicted score in thousandths, chips on averages, chips on textures, carriers, and the lengths of
/// the file and of the three tables; then these.
#[derive(Clone, PartialEq, Eq)]
pub struct Container {
    bytes: Vec<u8>,
    variant: Variant,
    /// In thousandths.
    score: u32,
    chips: [usize; 2],
    pub(crate) carriers: usize,
    /// Where the file and the tables end.
    ends: [usize; 4],
}

impl Container {
    pub(crate) fn new(
        variant: Variant,
        prediction: &Prediction,
        carriers: usize,
        spliced: &Spliced,
    ) -> Result<Self, Error> {
        let parts = [&spliced.file, &spliced.averages, &spliced.textures, &spliced.carriers];
        let score = (prediction.score() * 1000.0) as usize;
        let numbers = [score, spliced.chips[0], spliced.chips[1], carriers];
        let mut bytes = envelope::begin(MAGIC);
        bytes.reserve_exact(HEAD + parts.iter().map(|part| part.len()).sum::<usize>());
        bytes.extend(variant.0);
        for number in numbers.into_iter().chain(parts.iter().map(|part| part.len())) {
            bytes.extend(u32::try_from(number).map_err(|_| Error::Damaged)?.to_be_bytes());
        }
        for part in parts {
            bytes.extend(part);
        }
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
        let (head, _) = bytes.split_first_chunk::<HEAD>().ok_or(Error::Foreign)?;
        envelope::look(&bytes, MAGIC)?;
        let variant = Variant(std::array::from_fn(|i| head[12 + i]));
        let number = |field: usize| u32::from_be_bytes(std::array::from_fn(|i| head[44 + field * 4 + i]));
        let count = |field: usize| usize::try_from(number(field)).map_err(|_| Error::Damaged);
        let (chips, carriers) = ([count(1)?, count(2)?], count(3)?);
        let mut ends = [0; 4];
        let mut end = HEAD;
        for (part, place) in ends.iter_mut().enumerate() {
            let length = count(4 + part)?;
            // A symbol takes a byte at least, an average two, so that nobody is asked for more symbols than the container has bytes.
            // Only carriers that were given up at the end have none.
            let symbols = [0, chips[0].saturating_mul(2), chips[1], carriers / 2];
            end = end.checked_add(length).ok_or(Error::Damaged)?;
            if symbols[part] > length {
                return Err(Error::Damaged);
            }
            *place = end;
        }
        if end != bytes.len() {
            return Err(Error::Damaged);
        }
        Ok(Self {
            variant,
            score: number(0),
            chips,
            carriers,
            ends,
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
        self.chips[0].saturating_add(self.chips[1])
    }

    /// The score, in standard deviations of an innocent's, that the detector can expect after a recompression at quality 30.
    #[must_use]
    pub fn predicted_score(&self) -> f32 {
        self.score as f32 / 1000.0
    }

    /// Whether a copy can be expected to name its client after an ordinary attack. If not, only the untouched file can.
    #[must_use]
    pub fn is_traceable(&self) -> bool {
        traceable(self.chips(), self.predicted_score())
    }

    /// Length of every copy in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.ends[0].saturating_sub(HEAD)
    }

    /// A client's copy: a copy of the file with the bits of his symbols, one for each chip, and of the fragile mark changed.
    ///
    /// # Errors
    /// [`Error::Symbols`]; [`Error::TooSmall`] if there is no room for the fragile mark; [`Error::Damaged`].
    pub fn mark(&self, symbols: &[bool], fragile: &Fragile) -> Result<Vec<u8>, Error> {
        let spread = fragile.spread(self.carriers).map_err(|_| Error::TooSmall)?;
        self.copy(symbols, &spread.bits())
    }

    /// A copy without the fragile mark, for whoever wants to know what the chips do.
    pub(crate) fn copy(&self, symbols: &[bool], carriers: &[bool]) -> Result<Vec<u8>, Error> {
        let chips = self.chips();
        let (averages, textures) = symbols
            .split_at_checked(self.chips[0])
            .filter(|(_, textures)| textures.len() == self.chips[1])
            .ok_or(Error::Symbols {
                symbols: symbols.len(),
                chips,
            })?;
        let part = |n: usize| {
            let start = if n == 0 { Some(&HEAD) } else { self.ends.get(n - 1) };
            start
                .zip(self.ends.get(n))
                .and_then(|(&start, &end)| self.bytes.get(start..end))
                .unwrap_or_default()
        };
        let mut file = part(0).to_vec();
        let done = table::apply::<2>(part(1), averages, &mut file)
            .and_then(|()| table::apply::<1>(part(2), textures, &mut file))
            .and_then(|()| table::apply::<1>(part(3), carriers, &mut file));
        done.map(|()| file).ok_or(Error::Damaged)
    }
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Container({} bytes, {} chips)", self.bytes.len(), self.chips())
    }
}
