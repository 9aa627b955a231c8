//! Contrast-limited adaptive histogram equalisation, as libvips' `hist_local`.

use operations::Clahe;

use super::histogram::{Edge, Histogram, Window};
use crate::Error;
use crate::raster::Raster;

/// Each sample becomes its rank in the window around it, alpha too.
///
/// # Errors
/// [`Error::WindowTooLarge`]
pub(super) fn clahe(mut raster: Raster, clahe: Clahe) -> Result<Raster, Error> {
    if clahe.width > raster.width || clahe.height > raster.height {
        return Err(Error::WindowTooLarge);
    }
    let (width, height) = (raster.width as usize, raster.height as usize);
    for channel in 0..raster.layout.channels() {
        let samples = raster.channel(channel);
        let window = Window {
            samples: &samples,
            width,
            height,
            size: (clahe.width as usize, clahe.height as usize),
            edge: Edge::Mirror,
        };
        // At most 100 * 100.
        let all = (clahe.width * clahe.height).max(1);
        let equalised = window.slide(|sample, histogram| {
            let rank = rank(histogram, sample, clahe.max_slope);
            u8::try_from(255 * rank / all).unwrap_or(u8::MAX)
        });
        raster.set_channel(channel, &equalised);
    }
    Ok(raster)
}

/// How many samples of the window are no brighter, if no level counts more often than `limit`; what is above it is spread over
/// all levels.
fn rank(histogram: &Histogram, sample: u8, limit: u32) -> u32 {
    let levels = usize::from(sample) + 1;
    let below = histogram.levels.iter().take(levels);
    if limit == 0 {
        return below.sum();
    }
    let kept: u32 = below.map(|count| (*count).min(limit)).sum();
    let over: u32 = histogram.levels.iter().map(|count| count.saturating_sub(limit)).sum();
    kept + (u32::from(sample) + 1) * over / 256
}
