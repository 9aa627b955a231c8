use jpeg::{Limits, Scale};
use watermark::{MarkKey, Payload};

use crate::encode::{opaque, pixel_carriers, read_pixel};
use crate::raster::Raster;
use crate::source::animation::{Frames, Motion};
use crate::source::{self, webp_frames};
use crate::{Budget, Error, SourceFormat, moving};

/// Reads the invisible mark of a delivered file. `None`: no mark of this key. The mark survives copying, not re-encoding.
///
/// # Errors
/// [`Error::Unsupported`], [`Error::Malformed`] or [`Error::OverBudget`] if the file cannot be read.
pub fn trace(file: &[u8], key: &MarkKey, budget: &Budget) -> Result<Option<Payload>, Error> {
    budget.check_file(file.len())?;
    let header = source::header(file)?;
    let lossy_webp = header.probe.format == SourceFormat::WebP && file.get(12..16) == Some(b"VP8 ");
    header.check(file, Scale::Eighth, budget)?;
    if let Some(motion) = &header.motion {
        return frames(file, &header, motion, key, budget);
    }
    let max_pixels = u64::from(header.probe.width) * u64::from(header.probe.height);
    if header.probe.format == SourceFormat::Jpeg {
        budget.check_working(header.coefficient_bytes(file))?;
        let limits = Limits {
            max_pixels,
            max_scans: budget.scans,
            max_visits: budget.visits,
        };
        let coefficients = jpeg::read(file, &limits).map_err(source::jpeg::undecoded)?;
        return Ok(chips::read_fragile(&coefficients, key));
    }
    if lossy_webp {
        return chips::webp::read_fragile(file, key).map_err(|_| Error::Malformed);
    }
    let raster = header.decode(file)?;
    let dense = || {
        let carriers = pixel_carriers(&raster)?;
        key.open(carriers.count(), |carrier| read_pixel(&raster, &carriers, carrier))
    };
    // What was saved from a GIF has its mark, in whatever lossless format.
    Ok(sparse(&raster, key).or_else(dense))
}

/// The mark of the first frame that has one.
fn frames(
    file: &[u8],
    header: &source::Header,
    motion: &Motion,
    key: &MarkKey,
    budget: &Budget,
) -> Result<Option<Payload>, Error> {
    moving::check_reading(motion, &header.probe, budget)?;
    if header.probe.format == SourceFormat::WebP {
        let mut frames = webp_frames::Frames::new(file, budget);
        while let Some(frame) = frames.stored() {
            let still = frame?.file().ok_or(Error::Malformed)?;
            let found = trace(&still, key, budget)?;
            if found.is_some() {
                return Ok(found);
            }
        }
        return Ok(None);
    }
    for frame in Frames::new(file, header, budget)? {
        let found = sparse(&frame?.picture, key);
        if found.is_some() {
            return Ok(found);
        }
    }
    Ok(None)
}

/// The mark of a picture as GIF carries it.
fn sparse(raster: &Raster, key: &MarkKey) -> Option<Payload> {
    let bits = opaque::bits(raster);
    key.open(bits.len(), |carrier| bits.get(carrier).copied())
}
