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

/// Sums of the residuals' magnitudes that are left by the mean, the left neighbour and the upper one.
fn sums(channels: usize, above: &[u8], own: &[u8]) -> [u32; 3] {
    let behind = own.get(channels..).unwrap_or_default().iter();
    let neighbours = own.iter().zip(above.get(channels..).unwrap_or_default());
    let mut sums = [0_u32; 3];
    for (&own, (&left, &above)) in behind.zip(neighbours) {
        sums[0] += u32::from(magnitude(own.wrapping_sub(mean(left, above))));
        sums[1] += u32::from(magnitude(own.wrapping_sub(left)));
        sums[2] += u32::from(magnitude(own.wrapping_sub(above)));
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
