//! The mark in pixels, for lossless formats: the least-significant bits of some samples of red, green and blue. Alpha is left alone;
//! fully transparent pixels carry bits like all others, because lossless formats keep their colours.

use lossless::Carriers;
use watermark::Fragile;

use crate::Error;
use crate::raster::Raster;

/// Carriers of a picture; `None` for one larger than any that we write.
pub(crate) fn carriers(raster: &Raster) -> Option<Carriers> {
    Carriers::of(raster.width, raster.height, raster.layout.channels())
}

/// The bit of a carrier.
pub(crate) fn read(raster: &Raster, carriers: &Carriers, carrier: usize) -> Option<bool> {
    let sample = raster.samples.get(carriers.sample(carrier)?)?;
    Some(sample & 1 == 1)
}

pub(crate) fn marked(mut raster: Raster, mark: &Fragile) -> Result<Raster, Error> {
    let carriers = carriers(&raster).ok_or(Error::Encode)?;
    let spread = mark.spread(carriers.count()).map_err(|_| Error::TooSmall)?;
    for (carrier, bit) in spread.assignments() {
        let place = carriers.sample(carrier).ok_or(Error::Encode)?;
        let sample = raster.samples.get_mut(place).ok_or(Error::Encode)?;
        *sample = *sample & !1 | u8::from(bit);
    }
    Ok(raster)
}
