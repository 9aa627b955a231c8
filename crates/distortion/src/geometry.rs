use crate::{Error, Picture};
use fast_image_resize::images::{Image, ImageRef};
use fast_image_resize::{FilterType, PixelType, ResizeAlg, ResizeOptions, Resizer};
use rayon::prelude::*;

/// Scaled to a size, bicubic.
pub(crate) fn resize(picture: &Picture, width: usize, height: usize) -> Result<Picture, Error> {
    let side = |side: usize| u32::try_from(side).map_err(|_| Error::Sides);
    let source = ImageRef::new(
        side(picture.width)?,
        side(picture.height)?,
        &picture.rgb,
        PixelType::U8x3,
    )
    .map_err(|_| Error::Sides)?;
    let mut output = Image::new(side(width.max(1))?, side(height.max(1))?, PixelType::U8x3);
    let options = ResizeOptions::new().resize_alg(ResizeAlg::Convolution(FilterType::CatmullRom));
    Resizer::new()
        .resize(&source, &mut output, &options)
        .map_err(|_| Error::Sides)?;
    Picture::new(width.max(1), height.max(1), output.into_vec())
}

/// Scaled by a factor, sides rounded.
pub(crate) fn scale(picture: &Picture, factor: f64) -> Result<Picture, Error> {
    let side = |side: usize| (side as f64 * factor).round() as usize;
    resize(picture, side(picture.width), side(picture.height))
}

/// A window of the picture's proportions with `keep` of its area, at a place that depends on `keep` alone.
pub(crate) fn crop(picture: &Picture, keep: f64) -> Picture {
    let side = |side: usize| ((side as f64 * keep.sqrt()).round() as usize).clamp(1, side);
    let (width, height) = (side(picture.width), side(picture.height));
    // Odd shares of what is cut off, so that no edge falls on a block's.
    let left = ((picture.width - width) as f64 * 0.37) as usize | 1;
    let top = ((picture.height - height) as f64 * 0.58) as usize | 1;
    window(
        picture,
        left.min(picture.width - width),
        top.min(picture.height - height),
        width,
        height,
    )
}

pub(crate) fn window(picture: &Picture, left: usize, top: usize, width: usize, height: usize) -> Picture {
    Picture::drawn(width, height, |x, y| {
        picture.at((left + x).cast_signed(), (top + y).cast_signed())
    })
}

/// Turned around its middle, corners cut off, what was outside black.
pub(crate) fn rotate(picture: &Picture, degrees: f64) -> Picture {
    let (sin, cos) = degrees.to_radians().sin_cos();
    let (middle_x, middle_y) = ((picture.width - 1) as f64 / 2.0, (picture.height - 1) as f64 / 2.0);
    warp(picture, |x, y| {
        let (x, y) = (x - middle_x, y - middle_y);
        (cos * x - sin * y + middle_x, sin * x + cos * y + middle_y)
    })
}

/// Without the given share of each side.
pub(crate) fn trimmed(picture: &Picture, share: f64) -> Picture {
    let cut = |side: usize| (side as f64 * share) as usize;
    let (left, top) = (cut(picture.width), cut(picture.height));
    window(picture, left, top, picture.width - 2 * left, picture.height - 2 * top)
}

/// Seen at an angle: each corner moved by up to `share` of the sides.
pub(crate) fn perspective(picture: &Picture, share: f64) -> Picture {
    let (w, h) = (picture.width as f64, picture.height as f64);
    // What the corners (0, 0), (1, 0), (1, 1), (0, 1) of the unit square come from (Heckbert 1989).
    let corners = [
        (-share, -share * 0.5),
        (1.0 + share * 0.6, -share),
        (1.0 + share * 0.2, 1.0 + share),
        (-share * 0.8, 1.0 + share * 0.3),
    ]
    .map(|(x, y)| (x * w, y * h));
    let [(x0, y0), (x1, y1), (x2, y2), (x3, y3)] = corners;
    let (sx, sy) = (x0 - x1 + x2 - x3, y0 - y1 + y2 - y3);
    let (dx1, dx2, dy1, dy2) = (x1 - x2, x3 - x2, y1 - y2, y3 - y2);
    let determinant = dx1 * dy2 - dx2 * dy1;
    let (g, k) = ((sx * dy2 - dx2 * sy) / determinant, (dx1 * sy - sx * dy1) / determinant);
    warp(picture, |x, y| {
        let (u, v) = (x / w, y / h);
        let z = g * u + k * v + 1.0;
        (
            ((x1 - x0 + g * x1) * u + (x3 - x0 + k * x3) * v + x0) / z,
            ((y1 - y0 + g * y1) * u + (y3 - y0 + k * y3) * v + y0) / z,
        )
    })
}

pub(crate) fn flip(picture: &Picture) -> Picture {
    Picture::drawn(picture.width, picture.height, |x, y| {
        picture.at((picture.width - 1 - x).cast_signed(), y.cast_signed())
    })
}

/// A picture in the middle of a page, at eight tenths of its size.
pub(crate) fn screenshot(picture: &Picture) -> Result<Picture, Error> {
    let small = scale(picture, 0.8)?;
    Ok(Picture::drawn(small.width + 220, small.height + 150, |x, y| {
        if (83..83 + small.width).contains(&x) && (97..97 + small.height).contains(&y) {
            small.at((x - 83).cast_signed(), (y - 97).cast_signed())
        } else if y < 60 {
            [40; 3]
        } else {
            [245; 3]
        }
    }))
}

/// A picture of the same size; `source` says where a pixel comes from. Bicubic (Keys 1981).
fn warp(picture: &Picture, source: impl Fn(f64, f64) -> (f64, f64) + Sync) -> Picture {
    let mut rgb = vec![0; picture.rgb.len()];
    rgb.par_chunks_exact_mut(picture.width * 3)
        .enumerate()
        .for_each(|(y, row)| {
            for (x, pixel) in row.as_chunks_mut::<3>().0.iter_mut().enumerate() {
                let (u, v) = source(x as f64, y as f64);
                let inside = u > -0.5 && v > -0.5 && u < picture.width as f64 - 0.5 && v < picture.height as f64 - 0.5;
                if inside {
                    *pixel = cubic(picture, u, v);
                }
            }
        });
    Picture { rgb, ..*picture }
}

fn cubic(picture: &Picture, x: f64, y: f64) -> [u8; 3] {
    let weights = |t: f64| {
        let (t2, t3) = (t * t, t * t * t);
        [
            -0.5 * t3 + t2 - 0.5 * t,
            1.5 * t3 - 2.5 * t2 + 1.0,
            -1.5 * t3 + 2.0 * t2 + 0.5 * t,
            0.5 * t3 - 0.5 * t2,
        ]
    };
    let (columns, rows) = (weights(x - x.floor()), weights(y - y.floor()));
    let mut sums = [0.0; 3];
    for (row, by_row) in (-1..).zip(rows) {
        for (column, by_column) in (-1..).zip(columns) {
            let pixel = picture.at(x.floor() as isize + column, y.floor() as isize + row);
            for (sum, value) in sums.iter_mut().zip(pixel) {
                *sum += by_row * by_column * f64::from(value);
            }
        }
    }
    sums.map(|sum| sum.round().clamp(0.0, 255.0) as u8)
}
