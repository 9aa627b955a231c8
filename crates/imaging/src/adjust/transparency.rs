//! Steps that make pixels transparent.

use operations::Colour;

use crate::colour::flatten;
use crate::light::rounded;
use crate::raster::Raster;

/// Makes pure white transparent.
pub(super) fn unflatten(raster: Raster) -> Raster {
    let mut raster = raster.into_rgba();
    for pixel in raster.samples.chunks_exact_mut(4) {
        if let [255, 255, 255, alpha] = pixel {
            *alpha = 0;
        }
    }
    raster
}

/// Multiplies alpha; with a background, blends into it and stays opaque.
pub(super) fn fade(raster: Raster, opacity: f64, background: Option<Colour>) -> Raster {
    let mut raster = raster.into_rgba();
    let opacity = opacity as f32;
    for pixel in raster.samples.chunks_exact_mut(4) {
        if let [.., alpha] = pixel {
            *alpha = rounded(f32::from(*alpha) * opacity);
        }
    }
    match background {
        Some(background) => flatten(raster, background),
        None => raster,
    }
}

/// Rounds the corners off: what lies outside the quarter circles is transparent, or shows the background if there is one.
/// The radius is at most half of the shorter side.
pub(super) fn round(raster: Raster, radius: u32, background: Option<Colour>) -> Raster {
    let radius = (radius as f32).min(raster.width.min(raster.height) as f32 / 2.0);
    let mut raster = raster.into_rgba();
    let (width, height) = (raster.width, raster.height);
    // How far a pixel's centre lies inside the square that the corner's circle is drawn in.
    let depth = |at: u32, side: u32| {
        let centre = at as f32 + 0.5;
        (radius - centre).max(radius - (side as f32 - centre)).max(0.0)
    };
    let under = background.unwrap_or(Colour {
        alpha: 0,
        ..Colour::BLACK
    });
    for (row, y) in raster.samples.chunks_exact_mut(width as usize * 4).zip(0..) {
        let dy = depth(y, height);
        for (pixel, x) in row.chunks_exact_mut(4).zip(0..) {
            let dx = depth(x, width);
            // Half a pixel inside the circle is all in, half a pixel outside is all out.
            let cover = (radius - dx.hypot(dy) + 0.5).clamp(0.0, 1.0);
            if dx > 0.0 && dy > 0.0 && cover < 1.0 {
                blend(pixel, cover, under);
            }
        }
    }
    raster
}

/// Keeps so much of a pixel, and lets the background through for the rest.
fn blend(pixel: &mut [u8], cover: f32, under: Colour) {
    let [red, green, blue, alpha] = pixel else { return };
    let (kept, through) = (f32::from(*alpha) * cover, f32::from(under.alpha) * (1.0 - cover));
    let whole = kept + through;
    if whole > 0.0 {
        for (colour, under) in [(red, under.red), (green, under.green), (blue, under.blue)] {
            *colour = rounded((f32::from(*colour) * kept + f32::from(under) * through) / whole);
        }
    }
    *alpha = rounded(whole);
}
