//! The median of a square.

use super::histogram::{Edge, Histogram, Window};
use crate::Error;
use crate::raster::Raster;

/// Each sample becomes the median of the square of `size` around it, alpha too.
///
/// # Errors
/// [`Error::WindowTooLarge`]
pub(super) fn median(mut raster: Raster, size: u32) -> Result<Raster, Error> {
    if size > raster.width || size > raster.height {
        return Err(Error::WindowTooLarge);
    }
    if size == 3 {
        return Ok(median_of_nine(&raster));
    }
    let (width, height, side) = (raster.width as usize, raster.height as usize, size as usize);
    // Half of at most 1000 squared.
    let rank = size * size / 2;
    for channel in 0..raster.layout.channels() {
        let samples = raster.channel(channel);
        let window = Window {
            samples: &samples,
            width,
            height,
            size: (side, side),
            edge: Edge::Copy,
        };
        let medians = window.slide(|_, histogram| ranked(histogram, rank));
        raster.set_channel(channel, &medians);
    }
    Ok(raster)
}

/// The level that so many others are before.
fn ranked(histogram: &Histogram, rank: u32) -> u8 {
    let mut before = 0;
    for (group, levels) in histogram
        .groups
        .iter()
        .zip(histogram.levels.chunks_exact(16).zip(0u8..))
    {
        if before + group <= rank {
            before += group;
            continue;
        }
        for (count, level) in levels.0.iter().zip(levels.1 * 16..=255) {
            before += count;
            if before > rank {
                return level;
            }
        }
    }
    u8::MAX
}

/// The median of 3 x 3, by comparisons alone (Paeth, "Median finding on a 3 x 3 grid", Graphics Gems, 1990).
pub(super) fn median_of_nine(raster: &Raster) -> Raster {
    let channels = raster.layout.channels();
    let stride = raster.width as usize * channels;
    let rows: Vec<&[u8]> = raster.samples.chunks_exact(stride.max(1)).collect();
    let mut out = Raster::zeros(raster.width, raster.height, raster.layout);
    let last = rows.len().saturating_sub(1);
    let mut columns = [vec![0; stride], vec![0; stride], vec![0; stride]];
    for (y, target) in out.samples.chunks_exact_mut(stride.max(1)).enumerate() {
        let [low, middle, high] = &mut columns;
        let (above, below) = (rows[y.saturating_sub(1)], rows[(y + 1).min(last)]);
        for (i, (a, (b, c))) in above.iter().zip(rows[y].iter().zip(below)).enumerate() {
            let (least, most) = ((*a).min(*b), (*a).max(*b));
            low[i] = least.min(*c);
            high[i] = most.max(*c);
            middle[i] = most.min(*c).max(least);
        }
        for (i, sample) in target.iter_mut().enumerate() {
            let left = i.checked_sub(channels).unwrap_or(i);
            let right = if i + channels < stride { i + channels } else { i };
            // The largest of the small, the median of the middle, the smallest of the large; and the median of these.
            let small = low[left].max(low[i]).max(low[right]);
            let large = high[left].min(high[i]).min(high[right]);
            *sample = of_three(small, of_three(middle[left], middle[i], middle[right]), large);
        }
    }
    out
}

fn of_three(a: u8, b: u8, c: u8) -> u8 {
    a.max(b).min(c).max(a.min(b))
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::raster::Layout;

    #[test]
    fn medians_are_those_of_sorted_windows() {
        let (width, height) = (11i64, 9i64);
        let samples: Vec<u8> = (0..99u32).map(|n| (n * n * 31 % 251) as u8).collect();
        let raster = Raster {
            width: 11,
            height: 9,
            layout: Layout::Grey,
            samples: samples.clone(),
        };
        for size in [1, 2, 3, 4, 5, 9] {
            let found = median(raster.clone(), size as u32).unwrap();
            for at in 0..99i64 {
                let (x, y) = (at % width - size / 2, at / width - size / 2);
                let mut window: Vec<u8> = (0..size * size)
                    .map(|n| {
                        let (column, row) = ((x + n % size).clamp(0, width - 1), (y + n / size).clamp(0, height - 1));
                        samples[(row * width + column) as usize]
                    })
                    .collect();
                window.sort_unstable();
                let expected = window[window.len() / 2];
                assert_eq!(found.samples[at as usize], expected, "size {size} at {at}");
            }
        }
        assert_eq!(median(raster, 10).map(drop), Err(Error::WindowTooLarge));
    }
}
