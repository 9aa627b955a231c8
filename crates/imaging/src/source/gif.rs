//! GIF originals: the first frame, on its canvas.

use gif::{ColorOutput, DecodeOptions, Decoder, Frame, MemoryLimit};

use super::{Header, Probe};
use crate::raster::{Layout, Raster};
use crate::{Error, SourceFormat};

/// Bytes that the decoder may take for code tables, rows and extensions. Pixels go to our own buffer.
const DECODER_BYTES: u64 = 4 << 20;

pub(crate) fn header(file: &[u8]) -> Result<Header, Error> {
    let mut decoder = decoder(file)?;
    let canvas = (decoder.width(), decoder.height());
    let frame = decoder
        .next_frame_info()
        .map_err(|_| Error::Malformed)?
        .ok_or(Error::Malformed)?;
    let layout = if frame.transparent.is_some() || !covers(frame, canvas) {
        Layout::Rgba
    } else {
        Layout::Rgb
    };
    let indices = u64::from(frame.width) * u64::from(frame.height);
    Ok(Header {
        probe: Probe {
            format: SourceFormat::Gif,
            width: u32::from(canvas.0),
            height: u32::from(canvas.1),
            alpha: layout.has_alpha(),
            orientation: 1,
        },
        layout,
        scratch: indices + DECODER_BYTES,
        scans: 1,
        visits: 0,
    })
}

pub(crate) fn decode(file: &[u8], raster: &mut Raster) -> Result<(), Error> {
    let mut decoder = decoder(file)?;
    let global = decoder.global_palette().map(<[u8]>::to_vec);
    let frame = decoder
        .read_next_frame()
        .map_err(|_| Error::Malformed)?
        .ok_or(Error::Malformed)?;
    let palette = frame.palette.as_deref().or(global.as_deref()).ok_or(Error::Malformed)?;
    let colours = palette.as_chunks::<3>().0;
    let (width, channels) = (raster.width as usize, raster.layout.channels());
    let (left, top, wide) = (
        usize::from(frame.left),
        usize::from(frame.top),
        usize::from(frame.width),
    );
    // What reaches outside the canvas is not shown; what no frame covers stays transparent.
    let seen = wide.min(width.saturating_sub(left));
    let rows = raster.samples.chunks_exact_mut((width * channels).max(1)).skip(top);
    for (row, indices) in rows.zip(frame.buffer.chunks_exact(wide.max(1))) {
        let pixels = row.chunks_exact_mut(channels).skip(left);
        for (pixel, index) in pixels.zip(indices.iter().take(seen)) {
            if frame.transparent == Some(*index) {
                continue;
            }
            // An index beyond the palette is black, as browsers show it.
            let colour = colours.get(usize::from(*index)).copied().unwrap_or_default();
            if let Some((rgb, alpha)) = pixel.split_at_mut_checked(3) {
                rgb.copy_from_slice(&colour);
                alpha.fill(255);
            }
        }
    }
    Ok(())
}

fn decoder(file: &[u8]) -> Result<Decoder<&[u8]>, Error> {
    let mut options = DecodeOptions::new();
    options.set_color_output(ColorOutput::Indexed);
    // A frame may be larger than its canvas; its indices are in the header's scratch, which is held against the budget.
    options.set_memory_limit(MemoryLimit::Unlimited);
    options.read_info(file).map_err(|_| Error::Malformed)
}

fn covers(frame: &Frame<'_>, (width, height): (u16, u16)) -> bool {
    (frame.left, frame.top) == (0, 0) && frame.width >= width && frame.height >= height
}
