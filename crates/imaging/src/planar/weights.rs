//! What each sample of a resampled side is made of.

use operations::Kernel;

use crate::kernel;

/// Fixed-point bits of a weight; all of one sample add up to one.
pub(super) const BITS: u32 = 14;

/// Weights come in groups of so many, the last filled up with zeros.
pub(super) const GROUP: usize = 8;

/// The samples of a side and their weights.
pub(crate) struct Weights {
    count: usize,
    /// The first sample of the input that any of them needs.
    first: usize,
    /// For each sample of the output the first one that counts, from there on. The last stands there up to a multiple of four.
    starts: Vec<u32>,
    /// As many for each of them: the most that any has.
    weights: Vec<[i16; GROUP]>,
    /// Groups for each.
    groups: usize,
}

impl Weights {
    /// Of a kernel: `count` samples of what begins at a place and is so long, of a side of `side` samples.
    pub fn of_kernel(kernel: Kernel, side: usize, span: (f64, f64), count: u32) -> Self {
        let count = count as usize;
        if kernel == Kernel::Lanczos3 {
            let lanczos = kernel::Lanczos3::new(1.0 / scale(span.1, count), side);
            return Self::filled(3.0, side, span, count, |centre, first, to| {
                lanczos.fill(centre, first, to);
            });
        }
        match kernel::filter(kernel) {
            Some(filter) => Self::new(filter, side, span, count),
            None => Self::nearest(side, span, count),
        }
    }

    /// Of a kernel that reaches `support` to both sides: `count` samples of what begins at `start` and is `length` long, of a side of
    /// `side` samples. Where the side becomes smaller, the kernel is widened; nothing outside it counts (as Pillow and libvips do).
    pub fn new((kernel, support): (impl Fn(f64) -> f64, f64), side: usize, span: (f64, f64), count: usize) -> Self {
        let narrowing = 1.0 / scale(span.1, count);
        Self::filled(support, side, span, count, |centre, first, to| {
            for (to, sample) in to.as_flattened_mut().iter_mut().zip(first..) {
                *to = kernel((sample as f64 + 0.5 - centre) * narrowing);
            }
        })
    }

    /// The same, with what writes a kernel's values: for a centre those of samples from one on, and up to three that do not count.
    fn filled(
        support: f64,
        side: usize,
        (start, length): (f64, f64),
        count: usize,
        fill: impl Fn(f64, usize, &mut [[f64; 4]]),
    ) -> Self {
        let step = length / count.max(1) as f64;
        let reach = support * scale(length, count);
        let spans = (0..count).map(|place| {
            let centre = start + (place as f64 + 0.5) * step;
            let first = whole(centre - reach + 0.5).min(side.saturating_sub(1));
            let end = whole(centre + reach + 0.5).min(side).max(first + 1);
            (centre, first, end)
        });
        let most = spans.clone().map(|(_, first, end)| end - first).max().unwrap_or(1);
        let groups = most.div_ceil(GROUP);
        let (mut firsts, mut weights) = (Vec::with_capacity(count), vec![[0; GROUP]; count * groups]);
        let mut exact = vec![[0.0; 4]; most.div_ceil(4)];
        for ((centre, first, end), weights) in spans.zip(weights.chunks_exact_mut(groups)) {
            let taps = end - first;
            let Some(exact) = exact.get_mut(..taps.div_ceil(4)) else {
                break;
            };
            fill(centre, first, exact);
            firsts.push(first);
            let exact = exact.as_flattened().get(..taps).unwrap_or_default();
            fixed(exact, weights.as_flattened_mut());
        }
        Self::from(&firsts, weights, groups)
    }

    /// The sample that lies in the middle, alone.
    pub fn nearest(side: usize, (start, length): (f64, f64), count: usize) -> Self {
        let step = length / count.max(1) as f64;
        let nearest = |place| whole(start + (f64::from(place) + 0.5) * step).min(side.saturating_sub(1));
        let firsts: Vec<usize> = (0u32..).take(count).map(nearest).collect();
        let mut one = [0; GROUP];
        one[0] = 1 << BITS;
        Self::from(&firsts, vec![one; count], 1)
    }

    fn from(firsts: &[usize], mut weights: Vec<[i16; GROUP]>, groups: usize) -> Self {
        let first = firsts.iter().min().copied().unwrap_or(0);
        let fours = firsts.len().next_multiple_of(4);
        let last = firsts.last().copied().unwrap_or(first);
        let starts = firsts.iter().chain(std::iter::repeat_n(&last, fours - firsts.len()));
        weights.resize(fours * groups, [0; GROUP]);
        Self {
            count: firsts.len(),
            first,
            starts: starts
                .map(|&place| u32::try_from(place - first).unwrap_or(u32::MAX))
                .collect(),
            weights,
            groups,
        }
    }

    /// Samples of the output.
    pub fn count(&self) -> usize {
        self.count
    }

    /// Groups of weights that each of them has.
    pub fn groups(&self) -> usize {
        self.groups
    }

    /// The weights of a sample, by groups.
    pub fn of(&self, place: usize) -> &[[i16; GROUP]] {
        let start = place * self.groups;
        self.weights.get(start..start + self.groups).unwrap_or_default()
    }

    /// The first sample of the input that counts for this one.
    pub fn first(&self, place: usize) -> usize {
        self.first + self.start(place)
    }

    /// The same, from the first that any needs.
    pub fn start(&self, place: usize) -> usize {
        self.starts.get(place).map_or(0, |&start| start as usize)
    }

    /// [`Weights::start`] and weights of four samples at a time. `N` is the length of their groups together.
    pub fn fours<const N: usize>(&self) -> (&[[u32; 4]], &[[[i16; N]; 4]]) {
        let weights = self.weights.as_flattened().as_chunks().0.as_chunks().0;
        (self.starts.as_chunks().0, weights)
    }

    /// Samples of the input that any needs: from the first to behind the last group.
    pub fn span(&self) -> (usize, usize) {
        let last = self.starts.iter().max().map_or(0, |&start| start as usize);
        (self.first, self.first + last + self.groups * GROUP)
    }
}

/// Whole part, or 0 of what is negative; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole(value: f64) -> usize {
    value as usize
}

/// By how much a side shrinks: the width of a kernel in samples of the input, whose own is 1.
fn scale(length: f64, count: usize) -> f64 {
    (length / count.max(1) as f64).max(1.0)
}

/// The weights in fixed point; what is behind them stays zero. What rounding leaves over goes to the largest, so that flat areas stay
/// what they are.
fn fixed(exact: &[f64], fixed: &mut [i16]) {
    let sum: f64 = exact.iter().sum();
    let one = f64::from(1 << BITS) / sum;
    for (to, weight) in fixed.iter_mut().zip(exact) {
        *to = rounded(weight * one);
    }
    let mut left = 1 << BITS;
    let (mut largest, mut place) = (0, 0);
    for (n, &weight) in fixed.iter().enumerate().take(exact.len()) {
        left -= i32::from(weight);
        if weight > largest {
            (largest, place) = (weight, n);
        }
    }
    if let Some(to) = fixed.get_mut(place) {
        *to = to.saturating_add(left as i16);
    }
}

/// The nearest integer, of ties the greater, of what is within 16 bits. Wasm can round down by itself, but not away from zero, and
/// takes several steps to make an integer.
fn rounded(number: f64) -> i16 {
    // Adding 1.5 * 2^52 leaves a sum no fraction bits, and those of the integer at its low end.
    const LARGE: f64 = 6_755_399_441_055_744.0;
    ((number + 0.5).floor() + LARGE).to_bits() as i16
}

#[cfg(test)]
mod tests {
    use super::*;

    fn tent(x: f64) -> f64 {
        (1.0 - x.abs()).max(0.0)
    }

    #[test]
    fn weights_add_up_to_one_and_stay_inside() {
        for (side, start, length, count) in [
            (100, 0.0, 100.0, 37),
            (100, 10.5, 33.0, 80),
            (1, 0.0, 1.0, 5),
            (7, 0.0, 7.0, 7),
        ] {
            let weights = Weights::new((tent, 1.0), side, (start, length), count);
            for place in 0..count {
                let of = weights.of(place).as_flattened();
                assert_eq!(of.iter().map(|&weight| i32::from(weight)).sum::<i32>(), 1 << BITS);
                let last = of.iter().rposition(|&weight| weight != 0).unwrap();
                assert!(weights.first(place) + last < side);
            }
        }
    }

    #[test]
    fn a_side_that_keeps_its_length_is_kept() {
        let weights = Weights::new((tent, 1.0), 20, (0.0, 20.0), 20);
        for place in 0..20 {
            let one = weights
                .of(place)
                .as_flattened()
                .iter()
                .position(|&weight| weight == 1 << BITS);
            assert_eq!(one.map(|at| weights.first(place) + at), Some(place));
        }
    }
}
