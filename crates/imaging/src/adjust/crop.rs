//! Crops that look at the picture: libvips' `smartcrop`.

use fast_image_resize::FilterType;
use operations::Position;

use super::convolution::{gaussian, separable};
use super::resample::resized;
use crate::Error;
use crate::lab::{lab_of_xyz, xyz};
use crate::raster::Raster;

/// Cuts an area of `size` out of a picture that is at least as large, where `position` finds it.
pub(crate) fn crop(raster: Raster, size: (u32, u32), position: Position) -> Result<Raster, Error> {
    let size = (size.0.min(raster.width), size.1.min(raster.height));
    let (left, top) = match position {
        Position::Entropy => entropy(&raster, size),
        _ => attention(&raster, size)?,
    };
    let channels = raster.layout.channels();
    let (stride, kept) = (raster.width as usize * channels, size.0 as usize * channels);
    let mut samples = Vec::with_capacity(kept * size.1 as usize);
    for row in raster
        .samples
        .chunks_exact(stride)
        .skip(top as usize)
        .take(size.1 as usize)
    {
        samples.extend(row.iter().skip(left as usize * channels).take(kept));
    }
    Ok(Raster {
        width: size.0,
        height: size.1,
        layout: raster.layout,
        samples,
    })
}

/// Takes slices off the side whose samples are the less various, until the rest has the size.
fn entropy(raster: &Raster, size: (u32, u32)) -> (u32, u32) {
    let (mut left, mut top, mut width, mut height) = (0, 0, raster.width, raster.height);
    // Eight steps for the side that loses more.
    let slice = (width - size.0).div_ceil(8).max((height - size.1).div_ceil(8));
    while width > size.0 || height > size.1 {
        let across = slice.min(width - size.0);
        if across > 0 {
            let near = variety(raster, [left, top, across, height]);
            let far = variety(raster, [left + width - across, top, across, height]);
            width -= across;
            left += if near < far { across } else { 0 };
        }
        let down = slice.min(height - size.1);
        if down > 0 {
            let near = variety(raster, [left, top, width, down]);
            let far = variety(raster, [left, top + height - down, width, down]);
            height -= down;
            top += if near < far { down } else { 0 };
        }
    }
    (left, top)
}

/// Shannon's entropy of the levels of all channels together.
fn variety(raster: &Raster, [left, top, width, height]: [u32; 4]) -> f64 {
    let channels = raster.layout.channels();
    let mut counts = [0u32; 1024];
    let rows = raster.samples.chunks_exact(raster.width as usize * channels);
    for row in rows.skip(top as usize).take(height as usize) {
        for pixel in row.chunks_exact(channels).skip(left as usize).take(width as usize) {
            for (sample, channel) in pixel.iter().zip(0usize..) {
                counts[channel % 4 * 256 + usize::from(*sample)] += 1;
            }
        }
    }
    let total = f64::from(width) * f64::from(height) * channels as f64;
    counts
        .iter()
        .filter(|count| **count > 0)
        .map(|count| f64::from(*count) / total)
        .map(|share| -share * share.log2())
        .sum()
}

/// Side of the picture in which the point that draws the eye is looked for.
const SMALL: u32 = 32;

/// The direction of skin among colours, X, Y and Z: libvips' figures.
const SKIN: [f32; 3] = [0.78, 0.57, 0.44];

/// Puts the area's middle where edges, the colour of skin and strong colours are the most.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn attention(raster: &Raster, size: (u32, u32)) -> Result<(u32, u32), Error> {
    let small = resized(raster, (SMALL, SMALL), FilterType::Lanczos3)?;
    let side = SMALL as usize;
    let colours: Vec<[f32; 3]> = small
        .samples
        .chunks_exact(small.layout.channels())
        .map(|pixel| match *pixel {
            [red, green, blue, alpha] => {
                let over_black = |colour: u8| (u16::from(colour) * u16::from(alpha) / 255) as u8;
                xyz([red, green, blue].map(over_black))
            }
            [red, green, blue] => xyz([red, green, blue]),
            _ => [0.0; 3],
        })
        .collect();
    let light = |x: usize, y: usize| colours.get(y * side + x).map_or(0.0, |colour| colour[1]);
    let last = side - 1;
    let scores: Vec<f32> = (0..side * side)
        .map(|at| {
            let (x, y) = (at % side, at / side);
            let [lx, ly, lz] = colours.get(at).copied().unwrap_or_default();
            let around = light(x.saturating_sub(1), y)
                + light((x + 1).min(last), y)
                + light(x, y.saturating_sub(1))
                + light(x, (y + 1).min(last));
            let edge = 5.0 * (4.0 * ly - around).abs();
            if ly <= 5.0 {
                return edge;
            }
            let length = (lx * lx + ly * ly + lz * lz).sqrt();
            let colour = [lx, ly, lz];
            let off = colour.iter().zip(SKIN).map(|(c, skin)| (c / length - skin).powi(2));
            let skin = 100.0 - 100.0 * off.sum::<f32>().sqrt();
            let [_, strong, _] = lab_of_xyz([lx, ly, lz]);
            edge + skin + strong
        })
        .collect();
    let (scale_x, scale_y) = (
        f64::from(SMALL) / f64::from(raster.width),
        f64::from(SMALL) / f64::from(raster.height),
    );
    let sigma = (f64::from(size.0) * scale_x).hypot(f64::from(size.1) * scale_y) / 10.0;
    let kernel = gaussian(sigma.max(1.0), 0.2, true);
    let mut best = (f32::NEG_INFINITY, 0, 0);
    separable(&scores, side, 1, (&kernel, &kernel), |y, row| {
        for (x, score) in row.iter().enumerate() {
            if *score > best.0 {
                best = (*score, x, y);
            }
        }
    });
    let place = |at: usize, scale: f64, own: u32, side: u32| {
        // `as` drops the fraction, as libvips does.
        let middle = (at as f64 / scale) as u32;
        middle.saturating_sub(side / 2).min(own - side)
    };
    Ok((
        place(best.1, scale_x, raster.width, size.0),
        place(best.2, scale_y, raster.height, size.1),
    ))
}
