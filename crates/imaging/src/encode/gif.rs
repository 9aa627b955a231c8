//! GIF, still or moving, with the mark in the blue of its pixels: see `opaque`.

use gif::{DisposalMethod, Encoder, Frame, Repeat};
use watermark::Fragile;

use super::opaque::Carriers;
use super::palette::{CLEAR, Palette};
use super::spread;
use crate::Error;
use crate::raster::Raster;

/// Frames in indices, before anybody's mark.
#[derive(Debug)]
pub(crate) struct Sequence {
    width: u16,
    height: u16,
    /// How often it is shown; 0 is without end.
    plays: u16,
    tables: Vec<Vec<u8>>,
    frames: Vec<Indexed>,
}

/// A frame: for each pixel its entry in a table, or [`CLEAR`].
#[derive(Debug)]
struct Indexed {
    table: usize,
    indices: Vec<u8>,
    /// In milliseconds.
    duration: u32,
}

/// A sequence that grows.
pub(crate) struct Sequencer {
    sequence: Sequence,
    palette: Option<Palette>,
}

impl Sequencer {
    /// # Errors
    /// [`Error::Encode`] for sides that GIF does not have.
    pub fn new((width, height): (u32, u32), plays: u16) -> Result<Self, Error> {
        let side = |side: u32| u16::try_from(side).map_err(|_| Error::Encode);
        Ok(Self {
            sequence: Sequence {
                width: side(width)?,
                height: side(height)?,
                plays,
                tables: Vec::new(),
                frames: Vec::new(),
            },
            palette: None,
        })
    }

    /// Adds a frame. Colours are chosen anew only when those of the frames before do not do: what stands still stays as it is.
    pub fn push(&mut self, picture: Raster, duration: u32) {
        let picture = picture.into_rgba();
        let sequence = &mut self.sequence;
        if self.palette.as_mut().is_some_and(|palette| palette.suits(&picture)) {
            sequence.tables.pop();
        } else {
            self.palette = Some(Palette::of(&picture));
        }
        let Some(palette) = &mut self.palette else { return };
        sequence.tables.push(palette.table());
        let (indices, table) = (palette.map(&picture), sequence.tables.len().saturating_sub(1));
        match sequence.frames.last_mut() {
            Some(last) if last.table == table && last.indices == indices => {
                last.duration = last.duration.saturating_add(duration);
            }
            _ => sequence.frames.push(Indexed {
                table,
                indices,
                duration,
            }),
        }
    }

    pub fn finish(self) -> Sequence {
        self.sequence
    }
}

/// Marks every frame and writes the file.
///
/// # Errors
/// [`Error::TooSmall`], [`Error::Encode`].
pub(crate) fn encode(sequence: &Sequence, mark: &Fragile) -> Result<Vec<u8>, Error> {
    let global = sequence.tables.first().ok_or(Error::Encode)?;
    let mut file = Vec::new();
    let mut encoder = Encoder::new(&mut file, sequence.width, sequence.height, global).map_err(|_| Error::Encode)?;
    if sequence.frames.len() > 1 {
        // The file says how often it is repeated.
        let repeat = sequence.plays.checked_sub(1).map_or(Repeat::Infinite, Repeat::Finite);
        encoder.set_repeat(repeat).map_err(|_| Error::Encode)?;
    }
    let clears = sequence.frames.iter().any(|frame| frame.indices.contains(&CLEAR));
    let mut shown: Option<(usize, Vec<u8>)> = None;
    for frame in &sequence.frames {
        let indices = marked(&frame.indices, mark)?;
        let table = sequence.tables.get(frame.table).ok_or(Error::Encode)?;
        let transparent = u8::try_from((table.len() / 3).saturating_sub(1)).map_err(|_| Error::Encode)?;
        let before = shown.as_ref().filter(|(table, _)| *table == frame.table && !clears);
        let mut written = match before {
            Some((_, before)) => changes(before, &indices, sequence.width),
            None => Frame {
                width: sequence.width,
                height: sequence.height,
                buffer: indices.clone().into(),
                ..Frame::default()
            },
        };
        let buffer = written.buffer.to_mut();
        buffer
            .iter_mut()
            .filter(|index| **index == CLEAR)
            .for_each(|index| *index = transparent);
        written.transparent = buffer.contains(&transparent).then_some(transparent);
        written.palette = (frame.table > 0).then(|| table.clone());
        written.delay = u16::try_from((frame.duration + 5) / 10).unwrap_or(u16::MAX);
        written.dispose = if clears {
            DisposalMethod::Background
        } else {
            DisposalMethod::Keep
        };
        encoder.write_frame(&written).map_err(|_| Error::Encode)?;
        shown = Some((frame.table, indices));
    }
    encoder.into_inner().map_err(|_| Error::Encode)?;
    Ok(file)
}

/// Puts the mark into a frame's opaque pixels.
fn marked(indices: &[u8], mark: &Fragile) -> Result<Vec<u8>, Error> {
    let carriers = Carriers::of(indices.iter().filter(|index| **index != CLEAR).count());
    let bits = spread(mark, carriers.count())?.table();
    let mut marked = indices.to_vec();
    let opaque = marked.iter_mut().filter(|index| **index != CLEAR);
    for (at, index) in opaque.enumerate() {
        let bit = carriers
            .carrier(at)
            .and_then(|carrier| bits.get(carrier).copied().flatten());
        if let Some(bit) = bit {
            *index = *index & !1 | u8::from(bit);
        }
    }
    Ok(marked)
}

/// What a frame changes of the one before, which stays: the smallest rectangle, transparent where nothing changes. Both are
/// opaque and of one table.
fn changes(before: &[u8], after: &[u8], width: u16) -> Frame<'static> {
    let stride = usize::from(width).max(1);
    let changed = |at: &usize| before.get(*at) != after.get(*at);
    let places = || (0..after.len()).filter(changed);
    let (top, bottom) = (
        places().next().unwrap_or(0) / stride,
        places().next_back().unwrap_or(0) / stride,
    );
    let columns = || places().map(|at| at % stride);
    let (left, right) = (columns().min().unwrap_or(0), columns().max().unwrap_or(0));
    let rows = (top..=bottom).map(|row| row * stride);
    let buffer: Vec<u8> = rows
        .flat_map(|row| row + left..=row + right)
        .map(|at| {
            if changed(&at) {
                after.get(at).copied().unwrap_or(CLEAR)
            } else {
                CLEAR
            }
        })
        .collect();
    // Sides and places are below those of the picture, which fit.
    let short = |value: usize| u16::try_from(value).unwrap_or(u16::MAX);
    Frame {
        left: short(left),
        top: short(top),
        width: short(right - left + 1),
        height: short(bottom - top + 1),
        buffer: buffer.into(),
        ..Frame::default()
    }
}
