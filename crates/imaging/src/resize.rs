//! Resampling.

use fast_image_resize::images::Image;
use fast_image_resize::{MulDiv, PixelType};
use operations::Kernel;

use crate::Error;
use crate::plan::Plan;
use crate::planar::{Crop, Weights, resampled_pixels};
use crate::raster::{Layout, Raster};

/// Bytes that the resize takes beside its source, at most: the output, a row between the two passes, and the weights.
pub(crate) fn scratch(plan: &Plan, layout: Layout) -> u64 {
    let sides = [plan.scaled.0, plan.scaled.1, plan.crop[2], plan.crop[3]];
    let sides: u64 = sides.map(u64::from).iter().sum();
    layout
        .bytes(plan.scaled.0, plan.scaled.1)
        .saturating_add(sides.saturating_mul(96))
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
    let transparent = source.layout.has_alpha() && !plan.keeps_pixels();
    if transparent {
        let mut image = Image::from_slice_u8(source.width, source.height, &mut source.samples, pixel_type)
            .map_err(|_| Error::Encode)?;
        MulDiv::new()
            .multiply_alpha_inplace(&mut image)
            .map_err(|_| Error::Encode)?;
    }
    let [left, top, crop_width, crop_height] = plan.crop.map(|side| side as usize);
    let crop = Crop {
        left,
        top,
        width: crop_width,
        height: crop_height,
    };
    // What keeps its length is not resampled, whatever the kernel: some of them blur.
    let weights = |side: usize, (start, length): (f64, f64), count: u32| {
        let kept = start == 0.0 && length == side as f64 && count as usize == side;
        let kernel = if kept { Kernel::Nearest } else { plan.kernel };
        Weights::of_kernel(kernel, side, (start, length), count)
    };
    let window = plan.window;
    let weights = [
        weights(crop.width, (window.left, window.width), width),
        weights(crop.height, (window.top, window.height), height),
    ];
    let pixels = (source.samples, source.width as usize);
    let mut samples = resampled_pixels(source.layout.channels(), pixels, &crop, &weights);
    if transparent {
        let mut image = Image::from_slice_u8(width, height, &mut samples, pixel_type).map_err(|_| Error::Encode)?;
        MulDiv::new()
            .divide_alpha_inplace(&mut image)
            .map_err(|_| Error::Encode)?;
    }
    Ok(Raster {
        width,
        height,
        layout: source.layout,
        samples,
    })
}
