//! Scaling along one axis: area averaging when the overlay shrinks, linear interpolation when it grows.
//!
//! Both are one rule. A target pixel sees a window of the source, centred on its own place and as wide as one target
//! pixel or one source pixel, whichever is wider; every source pixel counts by how much of it lies in the window.

/// Weights add up to this, so that a flat colour stays exactly what it is.
const ONE: u32 = 1 << 16;

/// For every target pixel of one axis, the source pixels that it sees.
pub(super) struct Taps {
    spans: Vec<Span>,
}

/// The weights of consecutive source pixels from `start` on. They add up to [`ONE`].
struct Span {
    start: usize,
    weights: Vec<u32>,
}

impl Taps {
    /// From `source` pixels to `target` pixels; `source` is at least 1 and at most 2^14.
    pub(super) fn new(source: u32, target: u32) -> Self {
        Self {
            spans: (0..target)
                .map(|index| span(u64::from(source), u64::from(target), u64::from(index)))
                .collect(),
        }
    }

    /// Target row `row` from RGBA `rows` as long as `blended`, in 1/256 of a level. Leaves `blended` alone if there is
    /// no such row.
    pub(super) fn blend_rows(&self, row: usize, rows: &[u8], blended: &mut [u16]) {
        let Some(span) = self.spans.get(row) else { return };
        let rows = rows.chunks_exact(blended.len()).skip(span.start);
        let mut sums = vec![0_u32; blended.len()];
        for (source, &weight) in rows.zip(&span.weights) {
            for (sum, &value) in sums.iter_mut().zip(source) {
                *sum += u32::from(value) * weight;
            }
        }
        for (value, sum) in blended.iter_mut().zip(sums) {
            // At most 255 * ONE / 256 = 65280.
            *value = (sum >> 8) as u16;
        }
    }

    /// All target pixels of one row that [`Taps::blend_rows`] made.
    pub(super) fn blend_columns(&self, blended: &[u16], scaled: &mut [[u8; 4]]) {
        let pixels = blended.as_chunks::<4>().0;
        for (target, span) in scaled.iter_mut().zip(&self.spans) {
            // Half a level for rounding; at most 65280 * 2^16 + 2^23 < 2^32.
            let mut sums = [1_u32 << 23; 4];
            for (source, &weight) in pixels.iter().skip(span.start).zip(&span.weights) {
                for (sum, &value) in sums.iter_mut().zip(source) {
                    *sum += u32::from(value) * weight;
                }
            }
            *target = sums.map(|sum| (sum >> 24) as u8);
        }
    }
}

/// In units of 1 / (2 * target) of a source pixel every edge is a whole number.
fn span(source: u64, target: u64, index: u64) -> Span {
    let (pixel, reach) = (2 * target, source.max(target));
    let middle = (2 * index + 1) * source;
    let (low, high) = (middle.saturating_sub(reach), (middle + reach).min(source * pixel));
    let (start, end) = (low / pixel, high.div_ceil(pixel));
    let overlap = |k: u64| ((k + 1) * pixel).min(high) - (k * pixel).max(low);
    let mut weights: Vec<u32> = (start..end)
        .map(|k| (overlap(k) * u64::from(ONE) / (high - low)) as u32)
        .collect();
    // What rounding down lost goes to the heaviest.
    let lost = ONE - weights.iter().sum::<u32>();
    if let Some(heaviest) = weights.iter_mut().max() {
        *heaviest += lost;
    }
    Span {
        start: start as usize,
        weights,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    fn weights(source: u32, target: u32) -> Vec<(usize, Vec<u32>)> {
        Taps::new(source, target)
            .spans
            .into_iter()
            .map(|span| (span.start, span.weights))
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
