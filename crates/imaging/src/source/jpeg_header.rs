//! A JPEG's marker segments up to its first scan (ITU-T T.81 annex B).

use super::exif;
use crate::Error;

/// What the segments before the first scan say.
#[derive(Debug, Clone, Default)]
pub(crate) struct JpegHeader<'a> {
    pub width: u16,
    pub height: u16,
    pub progressive: bool,
    /// Sampling factors (horizontal, vertical) of the components; 1, 3 or 4 of them.
    pub sampling: Vec<(u8, u8)>,
    /// EXIF orientation, 1..=8.
    pub orientation: u8,
    /// Whether Adobe's APP14 is there: it stores CMYK inverted.
    pub adobe: bool,
    /// Chunks of the colour profile with their sequence numbers.
    pub profile: Vec<(u8, &'a [u8])>,
}

impl<'a> JpegHeader<'a> {
    /// Walks the segments of a file that starts with SOI.
    ///
    /// # Errors
    /// [`Error::Malformed`] without a frame before the first scan, [`Error::Unsupported`] for frames other than baseline,
    /// extended and progressive Huffman of 8 bits, or without a height (DNL).
    pub fn read(file: &'a [u8]) -> Result<Self, Error> {
        let mut header = Self {
            orientation: 1,
            ..Self::default()
        };
        let (mut exif_seen, mut frame_seen) = (false, false);
        let mut at = BEHIND_START;
        loop {
            let (marker, segment) = next_segment(file, &mut at).ok_or(Error::Malformed)?;
            match marker {
                0xC0..=0xC2 => {
                    if frame_seen {
                        return Err(Error::Malformed);
                    }
                    frame_seen = true;
                    header.progressive = marker == 0xC2;
                    header.frame(segment)?;
                }
                0xC3 | 0xC5..=0xC7 | 0xC9..=0xCB | 0xCD..=0xCF => return Err(Error::Unsupported),
                0xD9 => return Err(Error::Malformed),
                0xE1 if !exif_seen => {
                    if let Some(tiff) = segment.strip_prefix(b"Exif\0\0") {
                        exif_seen = true;
                        header.orientation = exif::orientation(tiff);
                    }
                }
                0xE2 => {
                    if let Some([number, _count, chunk @ ..]) = segment.strip_prefix(b"ICC_PROFILE\0") {
                        header.profile.push((*number, chunk));
                    }
                }
                0xEE if segment.starts_with(b"Adobe") => header.adobe = true,
                0xDA if frame_seen && !segment.is_empty() => return Ok(header),
                0xDA => return Err(Error::Malformed),
                _ => {}
            }
        }
    }

    fn frame(&mut self, segment: &[u8]) -> Result<(), Error> {
        let [precision, h1, h0, w1, w0, count, components @ ..] = segment else {
            return Err(Error::Malformed);
        };
        (self.height, self.width) = (u16::from_be_bytes([*h1, *h0]), u16::from_be_bytes([*w1, *w0]));
        if *precision != 8 || self.height == 0 || !matches!(count, 1 | 3 | 4) {
            return Err(Error::Unsupported);
        }
        let (components, rest) = components.as_chunks::<3>();
        if components.len() != usize::from(*count) || !rest.is_empty() {
            return Err(Error::Malformed);
        }
        self.sampling = components
            .iter()
            .map(|[_, factors, _]| (factors >> 4, factors & 15))
            .collect();
        if self
            .sampling
            .iter()
            .any(|(h, v)| !(1..=4).contains(h) || !(1..=4).contains(v))
        {
            return Err(Error::Malformed);
        }
        Ok(())
    }

    /// Coefficients of the whole picture, padded to whole MCUs.
    pub fn coefficients(&self) -> u64 {
        (0..self.sampling.len()).map(|index| self.blocks(index)).sum::<u64>() * 64
    }

    /// Samples of all planes when each side is divided.
    pub fn samples(&self, divisor: u64) -> u64 {
        let (most_h, most_v) = self.densest();
        let side = |pixels: u16, factor: u8, most: u8| {
            (u64::from(pixels) * u64::from(factor)).div_ceil(u64::from(most) * divisor.max(1))
        };
        let planes = self.sampling.iter();
        planes
            .map(|(h, v)| side(self.width, *h, most_h) * side(self.height, *v, most_v))
            .sum()
    }

    /// Blocks of a component, padded to whole MCUs.
    fn blocks(&self, component: usize) -> u64 {
        let (most_h, most_v) = self.densest();
        let mcus = |side: u16, factor: u8| u64::from(side).div_ceil(8 * u64::from(factor));
        let (h, v) = self.sampling.get(component).copied().unwrap_or((1, 1));
        mcus(self.width, most_h) * mcus(self.height, most_v) * u64::from(h) * u64::from(v)
    }

    /// The largest sampling factors.
    fn densest(&self) -> (u8, u8) {
        self.sampling
            .iter()
            .fold((1, 1), |(h, v), (ch, cv)| (h.max(*ch), v.max(*cv)))
    }

    /// The colour profile, put together in the order of its chunks' numbers; `None` if one is missing or double.
    pub fn assembled_profile(&mut self) -> Option<Vec<u8>> {
        self.profile.sort_by_key(|(number, _)| *number);
        let in_order = self
            .profile
            .iter()
            .enumerate()
            .all(|(index, (number, _))| usize::from(*number) == index + 1);
        (in_order && !self.profile.is_empty())
            .then(|| self.profile.iter().flat_map(|(_, chunk)| *chunk).copied().collect())
    }
}

/// Looks for the end of a header in a file that arrives. What it has passed is not looked at again.
#[derive(Debug)]
pub(crate) struct End(usize);

impl End {
    /// In a file that starts with SOI.
    pub fn new() -> Self {
        Self(BEHIND_START)
    }

    /// How far it has come.
    #[cfg(test)]
    pub fn passed(&self) -> usize {
        self.0
    }

    /// The length of the header, the first scan's own segment included, once all of it is there. Where EOI comes first it ends there.
    pub fn find(&mut self, file: &[u8]) -> Option<usize> {
        while let Some((marker, _)) = next_segment(file, &mut self.0) {
            if matches!(marker, 0xD9 | 0xDA) {
                return Some(self.0);
            }
        }
        None
    }
}

const BEHIND_START: usize = 2;

/// The next segment: its marker's code, and the bytes after its length. `None` if it is not there as a whole; then `at` has
/// moved to its marker.
fn next_segment<'a>(file: &'a [u8], at: &mut usize) -> Option<(u8, &'a [u8])> {
    loop {
        let (marker, behind) = next_marker(file, at)?;
        // Markers without a segment: TEM, RSTn and SOI may stray here; EOI ends the file.
        match marker {
            0x01 | 0xD0..=0xD8 => *at = behind,
            0xD9 => {
                *at = behind;
                return Some((marker, &[]));
            }
            _ => {
                let rest = file.get(behind..)?;
                let length = usize::from(u16::from_be_bytes(*rest.first_chunk::<2>()?));
                let segment = rest.get(2..length)?;
                *at = behind + length;
                return Some((marker, segment));
            }
        }
    }
}

/// The next marker's code, and where it ends. Bytes before its 0xFF and fill bytes are skipped, as decoders do, and `at` has moved
/// behind them.
fn next_marker(file: &[u8], at: &mut usize) -> Option<(u8, usize)> {
    let rest = file.get(*at..)?;
    match rest
        .windows(2)
        .position(|pair| pair[0] == 0xFF && !matches!(pair[1], 0 | 0xFF))
    {
        Some(start) => {
            *at += start;
            Some((*rest.get(start + 1)?, *at + 2))
        }
        // The last byte may be half of a marker.
        None => {
            *at += rest.len().saturating_sub(1);
            None
        }
    }
}
