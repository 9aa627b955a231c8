//! GIF originals: the first frame on its canvas, or all of them.

use gif::{ColorOutput, DecodeOptions, Decoder, DisposalMethod, Frame, MemoryLimit, Repeat};

use super::animation::Motion;
use super::canvas::{Area, Canvas, Disposal};
use super::{Header, Probe};
use crate::raster::{Layout, Raster};
use crate::{Error, SourceFormat};

/// Bytes that the decoder may take for code tables, rows and extensions. Pixels go to our own buffer.
const DECODER_BYTES: u64 = 4 << 20;

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let mut decoder = decoder(file, Pixels::Skip)?;
    let canvas = (decoder.width(), decoder.height());
    let first = decoder
        .next_frame_info()
        .map_err(|_| Error::Malformed)?
        .ok_or(Error::Malformed)?;
    let mut alpha = first.transparent.is_some() || !covers(first, canvas);
    let (first, mut clears) = (indices(first), is_cleared(first));
    let (mut frames, mut largest, mut pixels) = (1u32, first, first);
    // What comes after the first frame may be damaged: then it is not there.
    while let Ok(Some(frame)) = decoder.next_frame_info() {
        // A canvas that is cleared before a frame shows through around it.
        alpha |= clears;
        clears = is_cleared(frame);
        largest = largest.max(indices(frame));
        pixels = pixels.saturating_add(indices(frame));
        frames = frames.saturating_add(1);
    }
    let seen = Layout::Rgba.bytes(u32::from(canvas.0), u32::from(canvas.1));
    let layout = if alpha { Layout::Rgba } else { Layout::Rgb };
    Ok(Header {
        probe: Probe {
            format: SourceFormat::Gif,
            width: u32::from(canvas.0),
            height: u32::from(canvas.1),
            alpha,
            orientation: 1,
            frames,
        },
        layout,
        scratch: first + seen + DECODER_BYTES,
        motion: (frames > 1).then(|| Motion {
            frames,
            pixels,
            scratch: largest + DECODER_BYTES,
            plays: match decoder.repeat() {
                Repeat::Infinite => 0,
                // The file says how often it is repeated.
                Repeat::Finite(times) => times.saturating_add(1),
            },
        }),
    })
}

pub(crate) fn decode(file: &[u8], raster: &mut Raster) -> Result<(), Error> {
    raster.samples = Vec::new();
    let mut canvas = Canvas::new(raster.width, raster.height);
    Frames::new(file)?.show(&mut canvas)?.ok_or(Error::Malformed)?;
    *raster = canvas.into_picture(raster.layout);
    Ok(())
}

/// Frames that are still to be shown.
pub(crate) struct Frames<'a> {
    decoder: Decoder<&'a [u8]>,
}

impl<'a> Frames<'a> {
    pub fn new(file: &'a [u8]) -> Result<Self, Error> {
        Ok(Self {
            decoder: decoder(file, Pixels::Decode)?,
        })
    }

    /// Shows the next frame and says for how long, in milliseconds.
    pub fn show(&mut self, canvas: &mut Canvas) -> Result<Option<u32>, Error> {
        let global = self.decoder.global_palette().map(<[u8]>::to_vec);
        let Some(frame) = self.decoder.read_next_frame().map_err(|_| Error::Malformed)? else {
            return Ok(None);
        };
        let palette = frame.palette.as_deref().or(global.as_deref()).ok_or(Error::Malformed)?;
        let colours = palette.as_chunks::<3>().0;
        let area = Area {
            left: u32::from(frame.left),
            top: u32::from(frame.top),
            width: u32::from(frame.width),
            height: u32::from(frame.height),
        };
        let disposal = match frame.dispose {
            DisposalMethod::Any | DisposalMethod::Keep => Disposal::Keep,
            DisposalMethod::Background => Disposal::Clear,
            DisposalMethod::Previous => Disposal::Restore,
        };
        canvas.show(area, disposal, true, |at| match frame.buffer.get(at) {
            Some(index) if frame.transparent != Some(*index) => {
                // An index beyond the palette is black, as browsers show it.
                let [red, green, blue] = colours.get(usize::from(*index)).copied().unwrap_or_default();
                [red, green, blue, 255]
            }
            _ => [0; 4],
        });
        Ok(Some(u32::from(frame.delay) * 10))
    }
}

/// Whether frames are decompressed.
#[derive(Clone, Copy, PartialEq, Eq)]
enum Pixels {
    Decode,
    Skip,
}

fn decoder(file: &[u8], pixels: Pixels) -> Result<Decoder<&[u8]>, Error> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    options.skip_frame_decoding(pixels == Pixels::Skip);
    // A frame may be larger than its canvas; its indices are in the header's scratch, which is held against the budget.
    options.set_memory_limit(MemoryLimit::Unlimited);
    options.read_info(file).map_err(|_| Error::Malformed)
}

fn indices(frame: &Frame<'_>) -> u64 {
    u64::from(frame.width) * u64::from(frame.height)
}

fn is_cleared(frame: &Frame<'_>) -> bool {
    frame.dispose == DisposalMethod::Background
}

fn covers(frame: &Frame<'_>, (width, height): (u16, u16)) -> bool {
    (frame.left, frame.top) == (0, 0) && frame.width >= width && frame.height >= height
}
