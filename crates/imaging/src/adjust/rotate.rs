//! Rotation by any angle.

use operations::{Colour, Decimal};

use crate::light::rounded;
use crate::raster::{Layout, Raster};

/// The sides of a picture that is turned by an angle in degrees: those of the rectangle around it.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn turned_sides((width, height): (u32, u32), angle: Decimal) -> (u64, u64) {
    let (sine, cosine) = angle.value().to_radians().sin_cos();
    let (sine, cosine) = (sine.abs(), cosine.abs());
    let (width, height) = (f64::from(width), f64::from(height));
    let side = |side: f64| side.round().max(1.0) as u64;
    (
        side(width * cosine + height * sine),
        side(width * sine + height * cosine),
    )
}

/// Turns clockwise. Each pixel is interpolated between its four nearest; the corners show the background, which gives an RGB
/// picture an alpha channel if it is not opaque and `alpha` allows one. `size` is what [`turned_sides`] says.
pub(crate) fn rotate(raster: Raster, angle: Decimal, size: (u32, u32), background: Colour, alpha: bool) -> Raster {
    let raster = if alpha && background.alpha != 255 {
        raster.into_rgba()
    } else {
        raster
    };
    match raster.layout {
        Layout::Rgba => interpolated::<4>(&raster, angle, size, background),
        _ => interpolated::<3>(&raster, angle, size, background),
    }
}

fn interpolated<const N: usize>(raster: &Raster, angle: Decimal, size: (u32, u32), background: Colour) -> Raster {
    let under = premultiplied([background.red, background.green, background.blue, background.alpha]);
    let (pixels, _) = raster.samples.as_chunks::<N>();
    let (width, height) = (i64::from(raster.width), i64::from(raster.height));
    let at = |x: i64, y: i64| -> [f32; 4] {
        let inside = (0..width).contains(&x) && (0..height).contains(&y);
        let place = usize::try_from(y * width + x).ok().filter(|_| inside);
        match place.and_then(|place| pixels.get(place)) {
            Some(pixel) => premultiplied(std::array::from_fn(|n| pixel.get(n).copied().unwrap_or(255))),
            None => under,
        }
    };
    let (sine, cosine) = angle.value().to_radians().sin_cos();
    // Where the turned picture's left and top edges are, the picture's own corner being at 0: in whole pixels, as libvips
    // has it.
    let edge = |a: f64, b: f64| [0.0, a, b, a + b].into_iter().fold(0.0, f64::min).round();
    let (wide, high) = (f64::from(raster.width), f64::from(raster.height));
    let (left, top) = (edge(wide * cosine, -high * sine), edge(wide * sine, high * cosine));
    let mut out = Raster::zeros(size.0, size.1, raster.layout);
    let (targets, _) = out.samples.as_chunks_mut::<N>();
    for (row, y) in targets.chunks_exact_mut(size.0 as usize).zip(0..size.1) {
        for (target, x) in row.iter_mut().zip(0..size.0) {
            let (x, y) = (f64::from(x) + left, f64::from(y) + top);
            let (from_x, from_y) = (x * cosine + y * sine, y * cosine - x * sine);
            let pixel = between(from_x, from_y, at);
            target.iter_mut().zip(straight(pixel)).for_each(|(to, from)| *to = from);
        }
    }
    out
}

/// Bilinear interpolation.
#[allow(clippy::cast_possible_truncation)]
fn between(x: f64, y: f64, at: impl Fn(i64, i64) -> [f32; 4]) -> [f32; 4] {
    let (left, top) = (x.floor(), y.floor());
    let (right_share, lower_share) = ((x - left) as f32, (y - top) as f32);
    let (left, top) = (left as i64, top as i64);
    let mix = |a: [f32; 4], b: [f32; 4], share: f32| std::array::from_fn(|n| a[n] + (b[n] - a[n]) * share);
    let upper = mix(at(left, top), at(left + 1, top), right_share);
    let lower = mix(at(left, top + 1), at(left + 1, top + 1), right_share);
    mix(upper, lower, lower_share)
}

/// Colours times alpha, which is 255 where there is none.
fn premultiplied([red, green, blue, alpha]: [u8; 4]) -> [f32; 4] {
    let share = f32::from(alpha) / 255.0;
    let [red, green, blue] = [red, green, blue].map(|colour| f32::from(colour) * share);
    [red, green, blue, f32::from(alpha)]
}

fn straight([red, green, blue, alpha]: [f32; 4]) -> [u8; 4] {
    if alpha <= 0.0 {
        return [0; 4];
    }
    let share = 255.0 / alpha;
    [
        rounded(red * share),
        rounded(green * share),
        rounded(blue * share),
        rounded(alpha),
    ]
}
