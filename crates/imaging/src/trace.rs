use jpeg::{Limits, Scale};
use watermark::{MarkKey, Payload};

use crate::encode::{Vp8Carriers, pixel_carriers, read_pixel};
use crate::{Budget, Error, SourceFormat, source};

/// Reads the invisible mark of a delivered file. `None`: no mark of this key. The mark survives copying, not re-encoding.
///
/// # Errors
/// [`Error::Unsupported`], [`Error::Malformed`] or [`Error::OverBudget`] if the file cannot be read.
pub fn trace(file: &[u8], key: &MarkKey, budget: &Budget) -> Result<Option<Payload>, Error> {
    budget.check_file(file.len())?;
    let header = source::header(file)?;
    let lossy_webp = header.probe.format == SourceFormat::WebP && file.get(12..16) == Some(b"VP8 ");
    header.check(file, Scale::Eighth, budget)?;
    let max_pixels = u64::from(header.probe.width) * u64::from(header.probe.height);
    if header.probe.format == SourceFormat::Jpeg {
        budget.check_working(header.coefficient_bytes(file))?;
        let limits = Limits {
            max_pixels,
            max_scans: budget.scans,
            max_visits: budget.visits,
        };
        let coefficients = jpeg::read(file, &limits).map_err(|error| match error {
            jpeg::Error::Unsupported(_) => Error::Unsupported,
            _ => Error::Malformed,
        })?;
        let carriers = chips::Carriers::of(&coefficients);
        return Ok(key.open(carriers.count(), |carrier| carriers.read(&coefficients, carrier)));
    }
    if lossy_webp {
        let levels = vp8::read_levels(file, &vp8::Limits { max_pixels }).map_err(|_| Error::Malformed)?;
        let carriers = Vp8Carriers::of(levels.luma.len());
        return Ok(key.open(carriers.count(), |carrier| {
            let (macroblock, block, index) = carriers.place(carrier);
            levels.parity(macroblock, block, index)
        }));
    }
    let raster = header.decode(file)?;
    Ok(key.open(pixel_carriers(&raster), |carrier| read_pixel(&raster, carrier)))
}
