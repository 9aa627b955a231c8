//! Pictures at another size, for steps that look at or work on a smaller one.

use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, MulDiv, PixelType, ResizeAlg, ResizeOptions, Resizer};

use crate::Error;
use crate::raster::{Layout, Raster};

/// The picture at another size. Its colours count as they are, whatever its alpha.
pub(super) fn resized(raster: &Raster, (width, height): (u32, u32), filter: FilterType) -> Result<Raster, Error> {
    let pixel_type = pixel_type(raster.layout);
    let mut image = Image::new(width, height, pixel_type);
    let source = ImageRef::new(raster.width, raster.height, &raster.samples, pixel_type).map_err(|_| Error::Encode)?;
    let options = ResizeOptions::new()
        .resize_alg(ResizeAlg::Convolution(filter))
        .use_alpha(false);
    Resizer::new()
        .resize(&source, &mut image, &options)
        .map_err(|_| Error::Encode)?;
    Ok(Raster {
        width,
        height,
        layout: raster.layout,
        samples: image.into_vec(),
    })
}

/// Multiplies colours by alpha, if there is one.
pub(super) fn multiply_by_alpha(raster: &mut Raster) -> Result<(), Error> {
    if !raster.layout.has_alpha() {
        return Ok(());
    }
    MulDiv::new()
        .multiply_alpha_inplace(&mut view(raster)?)
        .map_err(|_| Error::Encode)
}

/// Divides colours by alpha, if there is one.
pub(super) fn divide_by_alpha(raster: &mut Raster) -> Result<(), Error> {
    if !raster.layout.has_alpha() {
        return Ok(());
    }
    MulDiv::new()
        .divide_alpha_inplace(&mut view(raster)?)
        .map_err(|_| Error::Encode)
}

fn view(raster: &mut Raster) -> Result<Image<'_>, Error> {
    let pixel_type = pixel_type(raster.layout);
    Image::from_slice_u8(raster.width, raster.height, &mut raster.samples, pixel_type).map_err(|_| Error::Encode)
}

fn pixel_type(layout: Layout) -> PixelType {
    match layout {
        Layout::Grey => PixelType::U8,
        Layout::GreyAlpha => PixelType::U8x2,
        Layout::Rgb => PixelType::U8x3,
        Layout::Rgba => PixelType::U8x4,
    }
}
