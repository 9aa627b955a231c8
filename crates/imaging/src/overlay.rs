use watermark::{MAX_SIDE, Overlay};

use crate::{Error, SourceFormat, source};

/// Decodes the visible mark's PNG, any colour type and depth, sides up to [`watermark::MAX_SIDE`].
///
/// # Errors
/// [`Error::Overlay`] if it is not such a PNG, or if nothing of it is visible.
pub fn decode_overlay(png: &[u8]) -> Result<Overlay, Error> {
    let header = source::header(png).map_err(|_| Error::Overlay)?;
    let probe = header.probe;
    if probe.format != SourceFormat::Png || probe.width > MAX_SIDE || probe.height > MAX_SIDE {
        return Err(Error::Overlay);
    }
    let raster = header.decode(png).map_err(|_| Error::Overlay)?.into_rgba();
    Overlay::from_rgba(raster.width, raster.height, raster.samples).map_err(|_| Error::Overlay)
}
