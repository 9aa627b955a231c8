//! A rendition before anybody's mark is in it, and how to put one in.

use crate::carriers::Carriers;
use crate::cells::{CELL, SIDE};
use crate::picture::Shape;
use crate::table::Reader;
use crate::{Error, layout};
use chips::envelope::{self, ENVELOPE};
use fingerprint::Variant;
use watermark::Fragile;

/// What copies are. It says what a container begins with: its magic, and the version of the layout below.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Format {
    Png,
    WebP,
}

impl Format {
    const ALL: [Self; 2] = [Self::Png, Self::WebP];

    fn magic(self) -> [u8; 4] {
        match self {
            Self::Png => [0xDE, b'P', b'N', 1],
            Self::WebP => [0xDE, b'L', b'W', 1],
        }
    }
}

/// A file in which every symbol is 0, and what symbols change in it.
pub(crate) struct Coded {
    pub file: Vec<u8>,
    /// For each whole band the number of its chips; for each of its rows in which they change anything, how many bits each chip
    /// changes, and then the bits' places.
    pub chips: Vec<u8>,
    /// What each chip adds to the two sums of Adler-32. Nothing in a WebP.
    pub sums: Vec<[u16; 2]>,
    /// Places of the carriers' bits; in a WebP as chips have them, by the row of carriers and the one below.
    pub carriers: Vec<u8>,
}

const FIELDS: usize = 9;
/// Rows in which a WebP's carrier changes anything: its own and the one below.
const CARRIER_ROWS: usize = 2;
/// Magic, checksum, variant and the fixed fields.
const HEAD: usize = ENVELOPE + 32 + FIELDS * 4;

/// A PNG or lossless WebP in which nobody's mark is yet, with all that is needed to put one in without a codec.
///
/// It is not a picture and must never be delivered: its bytes begin with no image's signature, and only [`mark`](Self::mark)
/// makes a file of it. Layout, numbers big-endian: magic and version (4 bytes), XXH3-64 of all that follows (8), variant (32),
/// then as 32-bit numbers width, height, channels, the predicted score in thousandths, chips, and the lengths of the file, of the
/// chips' table, of what each chip adds to Adler-32 and of the carriers' table; then these.
#[derive(Clone, PartialEq, Eq)]
pub struct Container {
    bytes: Vec<u8>,
    pub(crate) format: Format,
    variant: Variant,
    pub(crate) shape: Shape,
    /// In thousandths.
    score: u32,
    chips: usize,
    /// Where the file and the tables end.
    ends: [usize; 4],
}

impl Container {
    pub(crate) fn new(
        format: Format,
        shape: Shape,
        variant: Variant,
        (chips, score): (usize, f32),
        coded: &Coded,
    ) -> Result<Self, Error> {
        let sums: Vec<[u8; 4]> = coded
            .sums
            .iter()
            .map(|[a, b]| (u32::from(*a) << 16 | u32::from(*b)).to_be_bytes())
            .collect();
        let parts = [&coded.file[..], &coded.chips, sums.as_flattened(), &coded.carriers];
        let numbers = [
            shape.width,
            shape.height,
            shape.channels,
            (score * 1000.0) as usize,
            chips,
        ];
        let mut bytes = envelope::begin(format.magic());
        bytes.reserve_exact(HEAD + parts.iter().map(|part| part.len()).sum::<usize>());
        bytes.extend(variant.0);
        for number in numbers.into_iter().chain(parts.iter().map(|part| part.len())) {
            bytes.extend(u32::try_from(number).map_err(|_| Error::Picture)?.to_be_bytes());
        }
        for part in parts {
            bytes.extend(part);
        }
        envelope::seal(&mut bytes);
        Self::read(format, bytes)
    }

    /// Reads what [`Container::as_bytes`] gave.
    ///
    /// # Errors
    /// [`Error::Container`]: foreign, of another version, or damaged.
    pub fn from_bytes(bytes: Vec<u8>) -> Result<Self, Error> {
        let format = Self::format_of(&bytes)?;
        envelope::check(&bytes, format.magic())?;
        Self::read(format, bytes)
    }

    /// The same of bytes that nobody can have changed, because a code of them was checked: their checksum is not looked at.
    ///
    /// # Errors
    /// As [`Container::from_bytes`], but for damage that makes no part longer or shorter.
    pub fn from_authentic(bytes: Vec<u8>) -> Result<Self, Error> {
        let format = Self::format_of(&bytes)?;
        envelope::look(&bytes, format.magic())?;
        Self::read(format, bytes)
    }

    fn format_of(bytes: &[u8]) -> Result<Format, Error> {
        Format::ALL
            .into_iter()
            .find(|format| bytes.starts_with(&format.magic()[..3]))
            .ok_or(Error::Container(chips::Error::Foreign))
    }

    fn read(format: Format, bytes: Vec<u8>) -> Result<Self, Error> {
        let (head, parts) = bytes
            .split_first_chunk::<HEAD>()
            .ok_or(Error::Container(chips::Error::Damaged))?;
        let variant = Variant(std::array::from_fn(|i| head[12 + i]));
        let number = |field: usize| u32::from_be_bytes(std::array::from_fn(|i| head[44 + field * 4 + i]));
        let length = |field: usize| usize::try_from(number(field)).map_err(|_| Error::Container(chips::Error::Damaged));
        let shape =
            Shape::new(number(0), number(1), length(2)?).map_err(|_| Error::Container(chips::Error::Damaged))?;
        let chips = length(4)?;
        let mut ends = [0; 4];
        let mut end = HEAD;
        for (part, place) in ends.iter_mut().enumerate() {
            end = end
                .checked_add(length(5 + part)?)
                .ok_or(Error::Container(chips::Error::Damaged))?;
            *place = end;
        }
        let sums = ends[2] - ends[1];
        let complete = end == HEAD + parts.len() && ends[0] - HEAD >= layout::BEFORE + layout::BEHIND;
        // Nobody is asked for more symbols than the container has sums, or places.
        let enough = match format {
            Format::Png => chips.checked_mul(4) == Some(sums),
            Format::WebP => sums == 0 && chips <= ends[1] - ends[0],
        };
        if !complete || !enough {
            return Err(Error::Container(chips::Error::Damaged));
        }
        Ok(Self {
            format,
            variant,
            shape,
            score: number(3),
            chips,
            ends,
            bytes,
        })
    }

    /// The bytes to keep. They are not a picture.
    #[must_use]
    pub fn as_bytes(&self) -> &[u8] {
        &self.bytes
    }

    /// Columns and rows of the picture.
    #[must_use]
    pub fn sides(&self) -> (u32, u32) {
        // They were 32-bit numbers.
        (self.shape.width as u32, self.shape.height as u32)
    }

    /// Channels of the picture, alpha included.
    #[must_use]
    pub fn channels(&self) -> usize {
        self.shape.channels
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

    /// The score, in standard deviations of an innocent's, that the detector can expect after a recompression as a JPEG of quality
    /// 30.
    #[must_use]
    pub fn predicted_score(&self) -> f32 {
        self.score as f32 / 1000.0
    }

    /// Whether a copy can be expected to name its client after an ordinary attack. If not, only the untouched file can.
    #[must_use]
    pub fn is_traceable(&self) -> bool {
        chips::traceable(self.chips, self.predicted_score())
    }

    /// Length of every copy in bytes.
    #[must_use]
    pub fn length(&self) -> usize {
        self.ends[0].saturating_sub(HEAD)
    }

    /// A client's copy: a copy of the file with the bits of his symbols, one for each chip, and of the fragile mark changed.
    ///
    /// # Errors
    /// [`Error::Container`]: not a symbol for each chip, no room for the fragile mark, or a damaged container.
    pub fn mark(&self, symbols: &[bool], fragile: &Fragile) -> Result<Vec<u8>, Error> {
        let carriers = Carriers::among(self.shape).count();
        let bits = fragile
            .spread(carriers)
            .map_err(|_| Error::Container(chips::Error::TooSmall))?
            .bits();
        self.copy(symbols, bits.into_iter())
    }

    /// A copy with these bits in its carriers.
    pub(crate) fn copy(&self, symbols: &[bool], carriers: impl Iterator<Item = bool>) -> Result<Vec<u8>, Error> {
        if symbols.len() != self.chips {
            let (symbols, chips) = (symbols.len(), self.chips);
            return Err(chips::Error::Symbols { symbols, chips }.into());
        }
        let part = |n: usize| {
            let start = if n == 0 { Some(&HEAD) } else { self.ends.get(n - 1) };
            start
                .zip(self.ends.get(n))
                .and_then(|(&start, &end)| self.bytes.get(start..end))
                .unwrap_or_default()
        };
        let mut file = part(0).to_vec();
        if self.format == Format::WebP {
            let bits: Vec<bool> = carriers.take(Carriers::among(self.shape).count()).collect();
            let chips = Reader::new(part(1)).invert_bands(symbols, SIDE, &mut file);
            let carriers = Reader::new(part(3)).invert_bands(&bits, CARRIER_ROWS, &mut file);
            return chips
                .and(carriers)
                .map(|()| file)
                .ok_or(Error::Container(chips::Error::Damaged));
        }
        let chips = Reader::new(part(1)).invert_bands(symbols, CELL, &mut file);
        chips.ok_or(Error::Container(chips::Error::Damaged))?;
        let [first, second] = self
            .carrier_bits(part(3), carriers, &mut file)
            .ok_or(Error::Container(chips::Error::Damaged))?;
        let mut growth = [first, second];
        for (sums, _) in part(2)
            .as_chunks::<4>()
            .0
            .iter()
            .zip(symbols)
            .filter(|(_, symbol)| **symbol)
        {
            let [a, b, c, d] = *sums;
            growth[0] += u64::from(u16::from_be_bytes([a, b]));
            growth[1] += u64::from(u16::from_be_bytes([c, d]));
        }
        let sealed = layout::adler(&file).and_then(|adler| layout::seal(&mut file, layout::grown(adler, growth)));
        sealed.map(|()| file).ok_or(Error::Container(chips::Error::Damaged))
    }

    /// Inverts the carriers' bits; what both sums of Adler-32 grow by.
    fn carrier_bits(&self, table: &[u8], bits: impl Iterator<Item = bool>, file: &mut [u8]) -> Option<[u64; 2]> {
        let carriers = Carriers::among(self.shape);
        let mut places = Reader::new(table);
        let mut sums = [0_u64; 2];
        for (carrier, bit) in bits.take(carriers.count()).enumerate() {
            places.invert(bit, file)?;
            if carriers.on_grid() {
                places.invert(bit, file)?;
                sums[1] += if bit { self.shape.channels as u64 } else { 0 };
            } else if bit {
                let (x, y, channel) = carriers.place(carrier)?;
                let before = y * (self.shape.row() + 1) + 1 + x * self.shape.channels + channel;
                sums[0] += 1;
                sums[1] = sums[1].checked_add(self.shape.filtered().checked_sub(before as u64)?)?;
            }
        }
        Some(sums)
    }
}

impl std::fmt::Debug for Container {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Container({} bytes, {} chips)", self.bytes.len(), self.chips)
    }
}
