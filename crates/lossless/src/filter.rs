//! How rows are filtered: by which neighbours each sample is predicted (PNG section 9.2).

use crate::carriers::BAND;
use crate::picture::Picture;

/// A filter type. Of the five, those under which a stretch of pixels that is a level brighter changes few residuals, and those by a
/// level.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Filter {
    None = 0,
    /// By the left neighbour.
    Sub = 1,
    /// By the upper neighbour.
    Up = 2,
    /// By the mean of both, rounded down.
    Average = 3,
}

/// A filter for each row: where `cells` lie, the first row of each band and the last one, whose lowest bits change for
/// themselves, are predicted by themselves alone; every other row by what leaves least.
pub(crate) fn choose(picture: &Picture, cells: bool) -> Vec<Filter> {
    let row = picture.shape.row().max(1);
    let rows: Vec<&[u8]> = picture.samples.chunks_exact(row).collect();
    let of_row = |y: usize| {
        if !cells {
            return Filter::None;
        }
        if y.is_multiple_of(BAND) || y % BAND == BAND - 1 {
            return Filter::Sub;
        }
        let (Some(above), Some(own)) = (y.checked_sub(1).and_then(|y| rows.get(y)), rows.get(y)) else {
            return Filter::Sub;
        };
        let sums = sums(picture.shape.channels, above, own);
        let all = [Filter::Average, Filter::Sub, Filter::Up].into_iter().zip(sums);
        all.min_by_key(|(_, sum)| *sum)
            .map_or(Filter::Sub, |(filter, _)| filter)
    };
    (0..rows.len()).map(of_row).collect()
}

/// Samples whose magnitudes are added up side by side, and how many of each until there might be too many for 16 bits.
const LANES: usize = 16;
const MOST: usize = 1 << 8;

/// Sums of the residuals' magnitudes that are left by the mean, the left neighbour and the upper one.
fn sums(channels: usize, above: &[u8], own: &[u8]) -> [u32; 3] {
    let behind = own.get(channels..).unwrap_or_default().chunks(LANES * MOST);
    let above = above.get(channels..).unwrap_or_default().chunks(LANES * MOST);
    let mut sums = [0; 3];
    for ((own, left), above) in behind.zip(own.chunks(LANES * MOST)).zip(above) {
        let mut lanes = [[0_u16; LANES]; 3];
        let neighbours = left.as_chunks::<LANES>().0.iter().zip(above.as_chunks::<LANES>().0);
        for (own, (left, above)) in own.as_chunks::<LANES>().0.iter().zip(neighbours) {
            for i in 0..LANES {
                lanes[0][i] += u16::from(magnitude(own[i].wrapping_sub(mean(left[i], above[i]))));
                lanes[1][i] += u16::from(magnitude(own[i].wrapping_sub(left[i])));
                lanes[2][i] += u16::from(magnitude(own[i].wrapping_sub(above[i])));
            }
        }
        let neighbours = left.iter().zip(above).skip(own.len() / LANES * LANES);
        for (own, (left, above)) in own.as_chunks::<LANES>().1.iter().zip(neighbours) {
            lanes[0][0] += u16::from(magnitude(own.wrapping_sub(mean(*left, *above))));
            lanes[1][0] += u16::from(magnitude(own.wrapping_sub(*left)));
            lanes[2][0] += u16::from(magnitude(own.wrapping_sub(*above)));
        }
        for (sum, lanes) in sums.iter_mut().zip(lanes) {
            *sum += lanes.iter().map(|lane| u32::from(*lane)).sum::<u32>();
        }
    }
    sums
}

#[inline(always)]
fn magnitude(residual: u8) -> u8 {
    residual.min(residual.wrapping_neg())
}

/// The mean, rounded down.
#[inline(always)]
pub(crate) fn mean(a: u8, b: u8) -> u8 {
    (a & b) + ((a ^ b) >> 1)
}

impl Filter {
    /// The residuals of a row, behind the filter's own byte. `own` and `above` have the row's length, `line` one byte more.
    pub fn apply(self, channels: usize, above: &[u8], own: &[u8], line: &mut [u8]) {
        let Some((filter, line)) = line.split_first_mut() else {
            return;
        };
        *filter = self as u8;
        line.copy_from_slice(own);
        let behind = line.get_mut(channels..).unwrap_or_default().iter_mut();
        let above_behind = above.get(channels..).unwrap_or_default();
        match self {
            Self::None => {}
            Self::Sub => behind.zip(own).for_each(|(out, left)| *out = out.wrapping_sub(*left)),
            Self::Up => line
                .iter_mut()
                .zip(above)
                .for_each(|(out, above)| *out = out.wrapping_sub(*above)),
            Self::Average => {
                let neighbours = own.iter().zip(above_behind);
                behind
                    .zip(neighbours)
                    .for_each(|(out, (left, above))| *out = out.wrapping_sub(mean(*left, *above)));
                let first = line.iter_mut().zip(above).take(channels);
                first.for_each(|(out, above)| *out = out.wrapping_sub(above / 2));
            }
        }
    }
}
