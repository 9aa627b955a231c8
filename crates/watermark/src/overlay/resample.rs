//! Scaling along one axis: area averaging when the overlay shrinks, linear interpolation when it grows.
//!
//! Both are one rule. A target pixel sees a window of the source, centred on its own place and as wide as one target
//! pixel or one source pixel, whichever is wider; every source pixel counts by how much of it lies in the window.

use super::lanes::U32x4;

/// Weights add up to this, so that a flat colour stays exactly what it is.
const ONE: u32 = 1 << 16;

/// For every target pixel of one axis, the source pixels that it sees.
pub(super) struct Taps {
    /// The first of them, for each.
    starts: Vec<usize>,
    /// For each the weights of `most` consecutive ones, zeros among them. They add up to [`ONE`].
    weights: Vec<u32>,
    most: usize,
}

impl Taps {
    /// From `source` pixels to `target` pixels; `source` is at least 1 and at most 2^14.
    pub(super) fn new(source: u32, target: u32) -> Self {
        let spans = (0..target).map(|index| Span::new(source.into(), target.into(), index.into()));
        let most = spans.clone().map(|span| span.end - span.start).max().unwrap_or(1) as usize;
        let mut taps = Self {
            starts: Vec::with_capacity(target as usize),
            weights: vec![0; target as usize * most],
            most,
        };
        for (span, weights) in spans.zip(taps.weights.chunks_exact_mut(most)) {
            // All of them are inside of the source.
            let start = (span.start as usize).min(source as usize - most);
            taps.starts.push(start);
            span.weigh(weights.get_mut(span.start as usize - start..).unwrap_or_default());
        }
        taps
    }

    /// Target row `row` from RGBA `rows` as long as `blended`, in 1/256 of a level. Leaves `blended` alone if there is
    /// no such row.
    pub(super) fn blend_rows(&self, row: usize, rows: &[u8], blended: &mut [u16]) {
        let Some(&start) = self.starts.get(row) else { return };
        let (width, first) = (blended.len(), row * self.most);
        let weights = self.weights.get(first..first + self.most).unwrap_or_default();
        let rows = rows.chunks_exact(width.max(1)).skip(start).zip(weights);
        let rows: Vec<_> = rows
            .filter(|(_, weight)| **weight > 0)
            .map(|(row, &weight)| (row, weight))
            .collect();
        // Of so few each has its place in the loop.
        match *rows.as_slice() {
            [one] => blend_whole_rows(&[one], blended),
            [one, two] => blend_whole_rows(&[one, two], blended),
            [one, two, three] => blend_whole_rows(&[one, two, three], blended),
            _ => blend_whole_rows(&rows, blended),
        }
    }

    /// All target pixels of one row that [`Taps::blend_rows`] made.
    pub(super) fn blend_columns(&self, blended: &[u16], scaled: &mut [[u8; 4]]) {
        match self.most {
            1 => self.blend_few::<1>(blended, scaled),
            2 => self.blend_few::<2>(blended, scaled),
            3 => self.blend_few::<3>(blended, scaled),
            4 => self.blend_few::<4>(blended, scaled),
            _ => self.blend_many(blended, scaled),
        }
    }

    fn blend_few<const N: usize>(&self, blended: &[u16], scaled: &mut [[u8; 4]]) {
        let pixels = blended.as_chunks::<4>().0;
        let weights = self.weights.as_chunks::<N>().0;
        for ((target, &start), weights) in scaled.iter_mut().zip(&self.starts).zip(weights) {
            let Some(source) = pixels.get(start..).and_then(|from| from.first_chunk::<N>()) else {
                return;
            };
            *target = blend(source, weights);
        }
    }

    fn blend_many(&self, blended: &[u16], scaled: &mut [[u8; 4]]) {
        let pixels = blended.as_chunks::<4>().0;
        for ((target, &start), weights) in scaled.iter_mut().zip(&self.starts).zip(self.weights.chunks(self.most)) {
            *target = blend(pixels.get(start..).unwrap_or_default(), weights);
        }
    }
}

/// The sum of rows, each with its weight, without the lowest 8 bits.
#[inline(always)]
fn blend_whole_rows<'a, R>(rows: &R, blended: &mut [u16])
where
    R: AsRef<[(&'a [u8], u32)]> + ?Sized,
{
    let rows = rows.as_ref();
    let (blocks, rest) = blended.as_chunks_mut::<16>();
    let behind = blocks.len() * 16;
    for (n, to) in blocks.iter_mut().enumerate() {
        let mut sums = [U32x4::splat(0); 4];
        for (row, weight) in rows {
            let Some(values) = row.as_chunks::<16>().0.get(n) else {
                return;
            };
            let values = U32x4::bytes(values);
            sums = std::array::from_fn(|lane| sums[lane].plus(values[lane], *weight));
        }
        // At most 255 * ONE / 256 = 65280.
        for (to, sum) in to.as_chunks_mut::<4>().0.iter_mut().zip(sums) {
            *to = sum.high_words();
        }
    }
    for (n, to) in rest.iter_mut().enumerate() {
        let product = |(row, weight): &(&[u8], u32)| row.get(behind + n).map_or(0, |&value| u32::from(value) * weight);
        *to = (rows.iter().map(product).sum::<u32>() >> 8) as u16;
    }
}

#[inline(always)]
fn blend(source: &[[u16; 4]], weights: &[u32]) -> [u8; 4] {
    // Half a level for rounding; at most 65280 * 2^16 + 2^23 < 2^32.
    let half = U32x4::splat(1 << 23);
    let sum = source
        .iter()
        .zip(weights)
        .fold(half, |sum, (&pixel, &weight)| sum.plus(U32x4::words(pixel), weight));
    sum.high_bytes()
}

/// What a target pixel sees. In units of 1 / (2 * target) of a source pixel every edge is a whole number.
#[derive(Clone, Copy)]
struct Span {
    pixel: u64,
    low: u64,
    high: u64,
    /// Source pixels.
    start: u64,
    end: u64,
}

impl Span {
    fn new(source: u64, target: u64, index: u64) -> Self {
        let (pixel, reach) = (2 * target, source.max(target));
        let middle = (2 * index + 1) * source;
        let (low, high) = (middle.saturating_sub(reach), (middle + reach).min(source * pixel));
        Self {
            pixel,
            low,
            high,
            start: low / pixel,
            end: high.div_ceil(pixel),
        }
    }

    fn weigh(self, weights: &mut [u32]) {
        let Self { pixel, low, high, .. } = self;
        let overlap = |k: u64| ((k + 1) * pixel).min(high) - (k * pixel).max(low);
        let mut lost = ONE;
        for (weight, k) in weights.iter_mut().zip(self.start..self.end) {
            *weight = (overlap(k) * u64::from(ONE) / (high - low)) as u32;
            lost -= *weight;
        }
        // What rounding down lost goes to the heaviest.
        if let Some(heaviest) = weights.iter_mut().max() {
            *heaviest += lost;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn weights(source: u32, target: u32) -> Vec<(usize, Vec<u32>)> {
        let taps = Taps::new(source, target);
        let weights = taps.weights.chunks_exact(taps.most).map(|weights| {
            let first = weights.iter().position(|&weight| weight > 0).unwrap();
            let last = weights.iter().rposition(|&weight| weight > 0).unwrap();
            (first, weights[first..=last].to_vec())
        });
        let starts = taps.starts.iter();
        weights
            .zip(starts)
            .map(|((first, weights), start)| (start + first, weights))
            .collect()
    }

    #[test]
    fn the_same_size_copies() {
        assert_eq!(weights(3, 3), [(0, vec![ONE]), (1, vec![ONE]), (2, vec![ONE])]);
    }

    #[test]
    fn shrinking_averages_areas() {
        let (third, two_thirds) = (ONE / 3, ONE / 3 * 2 + 1);
        assert_eq!(weights(4, 2), [(0, vec![ONE / 2; 2]), (2, vec![ONE / 2; 2])]);
        assert_eq!(
            weights(3, 2),
            [(0, vec![two_thirds, third]), (1, vec![third, two_thirds])]
        );
    }

    #[test]
    fn growing_interpolates() {
        let (quarter, three_quarters) = (ONE / 4, ONE / 4 * 3);
        let expected = [
            (0, vec![ONE]),
            (0, vec![three_quarters, quarter]),
            (0, vec![quarter, three_quarters]),
            (1, vec![ONE]),
        ];
        assert_eq!(weights(2, 4), expected);
    }

    proptest! {
        #[test]
        fn weights_add_up_and_stay_inside(source in 1_u32..=4096, target in 1_u32..3000) {
            for (start, weights) in weights(source, target) {
                prop_assert_eq!(weights.iter().sum::<u32>(), ONE);
                prop_assert!(start + weights.len() <= source as usize);
            }
        }

        #[test]
        fn a_flat_colour_stays_what_it_is(source in 1_u32..50, target in 1_u32..200, pixel: [u8; 4]) {
            let rows = pixel.repeat((source * source) as usize);
            let taps = Taps::new(source, target);
            let mut blended = vec![0; source as usize * 4];
            let mut scaled = vec![[0; 4]; target as usize];
            for row in 0..target as usize {
                taps.blend_rows(row, &rows, &mut blended);
                taps.blend_columns(&blended, &mut scaled);
                prop_assert!(scaled.iter().all(|&scaled| scaled == pixel));
            }
        }
    }
}
