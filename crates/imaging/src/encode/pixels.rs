//! The mark in pixels, for lossless formats: the least-significant bits of red, green and blue. Alpha is left alone; fully
//! transparent pixels carry bits like all others, because lossless formats keep their colours.

use watermark::Fragile;

use super::spread;
use crate::Error;
use crate::raster::{Layout, Raster};

/// Carriers of a picture: its colour samples, row by row.
pub(crate) fn carriers(raster: &Raster) -> usize {
    raster.width as usize * raster.height as usize * 3
}

/// The bit of a carrier; `None` for a picture that is not RGB or RGBA, which we never write.
pub(crate) fn read(raster: &Raster, carrier: usize) -> Option<bool> {
    let sample = raster.samples.get(place(raster.layout, carrier)?)?;
    Some(sample & 1 == 1)
}

pub(crate) fn marked(mut raster: Raster, mark: &Fragile) -> Result<Raster, Error> {
    for (carrier, bit) in spread(mark, carriers(&raster))?.assignments() {
        let place = place(raster.layout, carrier).ok_or(Error::Encode)?;
        let sample = raster.samples.get_mut(place).ok_or(Error::Encode)?;
        *sample = *sample & !1 | u8::from(bit);
    }
    Ok(raster)
}

/// Where a carrier's sample lies.
fn place(layout: Layout, carrier: usize) -> Option<usize> {
    match layout {
        Layout::Rgb => Some(carrier),
        Layout::Rgba => Some(carrier / 3 * 4 + carrier % 3),
        Layout::Grey | Layout::GreyAlpha => None,
    }
}
