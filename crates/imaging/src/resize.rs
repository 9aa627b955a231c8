//! Resampling.

use fast_image_resize::images::{CroppedImage, Image, ImageRef};
use fast_image_resize::{MulDiv, PixelType, ResizeOptions, Resizer};

use crate::plan::Plan;
use crate::raster::{Layout, Raster};
use crate::{Error, kernel};

/// Bytes that the resize takes beside its source, at most: the crop's columns at the output's height, and the output.
pub(crate) fn scratch(plan: &Plan, layout: Layout) -> u64 {
    let columns = if plan.keeps_pixels() {
        0
    } else {
        layout.bytes(plan.crop[2], plan.scaled.1)
    };
    layout.bytes(plan.scaled.0, plan.scaled.1).saturating_add(columns)
}

/// Cuts the plan's window out of the stored picture and scales it. Colours are multiplied by alpha first, in place, so that
/// what is transparent does not bleed into what is not.
pub(crate) fn resize(mut source: Raster, plan: &Plan) -> Result<Raster, Error> {
    let (width, height) = plan.scaled;
    if plan.keeps_pixels() && (source.width, source.height) == plan.scaled {
        return Ok(source);
    }
    let pixel_type = match source.layout {
        Layout::Grey => PixelType::U8,
        Layout::GreyAlpha => PixelType::U8x2,
        Layout::Rgb => PixelType::U8x3,
        Layout::Rgba => PixelType::U8x4,
    };
    let resampled = source.layout.has_alpha() && !plan.keeps_pixels();
    if resampled {
        let mut image = Image::from_slice_u8(source.width, source.height, &mut source.samples, pixel_type)
            .map_err(|_| Error::Encode)?;
        MulDiv::new()
            .multiply_alpha_inplace(&mut image)
            .map_err(|_| Error::Encode)?;
    }
    let mut output = Image::new(width, height, pixel_type);
    let whole = ImageRef::new(source.width, source.height, &source.samples, pixel_type).map_err(|_| Error::Encode)?;
    let [left, top, crop_width, crop_height] = plan.crop;
    let crop = CroppedImage::new(&whole, left, top, crop_width, crop_height).map_err(|_| Error::Encode)?;
    let window = plan.window;
    let options = ResizeOptions::new()
        .resize_alg(kernel::algorithm(plan.kernel))
        .crop(window.left, window.top, window.width, window.height)
        .use_alpha(false);
    Resizer::new()
        .resize(&crop, &mut output, &options)
        .map_err(|_| Error::Encode)?;
    if resampled {
        MulDiv::new()
            .divide_alpha_inplace(&mut output)
            .map_err(|_| Error::Encode)?;
    }
    Ok(Raster {
        width,
        height,
        layout: source.layout,
        samples: output.into_vec(),
    })
}
