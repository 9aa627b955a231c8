//! Cutting a plain border away.

use super::median::median_of_nine;
use crate::raster::Raster;
use crate::turn::Turn;

/// Cuts away what differs from the top left pixel of the upright picture by no more than `threshold` levels in every channel,
/// alpha too, once single pixels of noise are gone. `upright` says where the stored picture's top left is. A picture that would
/// be cut away whole, or is smaller than 3 x 3, stays.
pub(crate) fn trim(raster: Raster, threshold: f64, upright: Turn) -> Raster {
    let channels = raster.layout.channels();
    let (width, height) = (raster.width as usize, raster.height as usize);
    if width < 3 && height < 3 {
        return raster;
    }
    // The corner in the stored frame that becomes the top left one.
    let (mirrored_x, mirrored_y) = if upright.transpose {
        (upright.flip, upright.flop)
    } else {
        (upright.flop, upright.flip)
    };
    let x = if mirrored_x { width - 1 } else { 0 };
    let y = if mirrored_y { height - 1 } else { 0 };
    let corner = (y * width + x) * channels;
    let Some(background) = raster.samples.get(corner..corner + channels).map(<[u8]>::to_vec) else {
        return raster;
    };
    let smooth = median_of_nine(&raster);
    let differs = |pixel: &[u8]| {
        let mut pairs = pixel.iter().zip(&background);
        pairs.any(|(sample, under)| f64::from(sample.abs_diff(*under)) > threshold)
    };
    let (mut rows, mut columns) = (None, None);
    for (y, row) in smooth.samples.chunks_exact(width * channels).enumerate() {
        let mut pixels = row.chunks_exact(channels);
        let Some(first) = pixels.position(differs) else {
            continue;
        };
        let last = row.chunks_exact(channels).rposition(differs).unwrap_or(first);
        rows = Some((rows.map_or(y, |(top, _)| top), y));
        columns = Some(columns.map_or((first, last), |(left, right): (usize, usize)| {
            (left.min(first), right.max(last))
        }));
    }
    match (columns, rows) {
        (Some((left, right)), Some((top, bottom))) => cut(raster, [left, top, right, bottom]),
        _ => raster,
    }
}

/// Keeps the columns and rows from the first to the last, in the picture's own memory.
fn cut(mut raster: Raster, [left, top, right, bottom]: [usize; 4]) -> Raster {
    let channels = raster.layout.channels();
    let stride = raster.width as usize * channels;
    let kept = (right + 1 - left) * channels;
    for (to, row) in (top..=bottom).enumerate() {
        let from = row * stride + left * channels;
        raster.samples.copy_within(from..from + kept, to * kept);
    }
    raster.samples.truncate(kept * (bottom + 1 - top));
    // Inside the picture, whose sides are u32.
    raster.width = u32::try_from(right + 1 - left).unwrap_or(raster.width);
    raster.height = u32::try_from(bottom + 1 - top).unwrap_or(raster.height);
    raster
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Layout;

    /// 12 x 10, white, with a dark rectangle and one stray pixel.
    fn framed() -> Raster {
        let mut raster = Raster {
            width: 12,
            height: 10,
            layout: Layout::Grey,
            samples: vec![250; 120],
        };
        for (x, y) in (3..9).flat_map(|x| (4..8).map(move |y| (x, y))) {
            raster.samples[y * 12 + x] = 10;
        }
        raster.samples[12 + 1] = 0;
        raster
    }

    #[test]
    fn the_border_goes_whichever_way_the_picture_lies() {
        for orientation in 1..=8 {
            let trimmed = trim(framed(), 10.0, Turn::from_exif(orientation));
            assert_eq!((trimmed.width, trimmed.height), (6, 4));
            assert_eq!(trimmed.samples.len(), 24);
        }
        let mut split = framed();
        split.samples[0] = 10;
        split.samples.iter_mut().take(12 * 4).for_each(|sample| *sample = 10);
        let turned = |orientation| trim(split.clone(), 10.0, Turn::from_exif(orientation)).height;
        assert_eq!((turned(1), turned(3)), (6, 8));
    }

    #[test]
    fn plain_pictures_stay() {
        let mut plain = framed();
        plain.samples.fill(7);
        assert_eq!(trim(plain.clone(), 0.0, Turn::default()), plain);
        assert_eq!(trim(framed(), 255.0, Turn::default()), framed());
    }
}
