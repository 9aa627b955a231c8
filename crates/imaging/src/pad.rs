//! `contain`: a picture on a larger canvas.

use operations::Colour;

use crate::plan::Padding;
use crate::raster::{Layout, Raster};

/// Lays an RGB or RGBA picture on a canvas of the background's colour. A background that is not opaque gives an RGB picture
/// an alpha channel if `alpha` allows one.
pub(crate) fn pad(raster: Raster, canvas: (u32, u32), place: Padding, background: Colour, alpha: bool) -> Raster {
    let raster = if alpha && background.alpha != 255 {
        raster.into_rgba()
    } else {
        raster
    };
    let Colour {
        red,
        green,
        blue,
        alpha,
    } = background;
    let pixel = [red, green, blue, alpha];
    let channels = raster.layout.channels();
    let mut padded = Raster::zeros(
        canvas.0,
        canvas.1,
        if channels == 4 { Layout::Rgba } else { Layout::Rgb },
    );
    for target in padded.samples.chunks_exact_mut(channels) {
        target.copy_from_slice(&pixel[..channels]);
    }
    let (stride, width) = (canvas.0 as usize * channels, raster.width as usize * channels);
    let rows = padded.samples.chunks_exact_mut(stride).skip(place.top as usize);
    for (target, source) in rows.zip(raster.samples.chunks_exact(width)) {
        if let Some(target) = target
            .get_mut(place.left as usize * channels..)
            .and_then(|row| row.get_mut(..width))
        {
            target.copy_from_slice(source);
        }
    }
    padded
}
