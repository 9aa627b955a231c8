//! The filters that a resize can sample with.

use std::f64::consts::PI;

use operations::Kernel;

/// A kernel as a function, and how far to each side it reaches.
pub(crate) type Curve = (fn(f64) -> f64, f64);

/// The curve of a kernel, to be widened by the scale when a picture becomes smaller, as libvips does. None for [`Kernel::Nearest`], which
/// has no width, and for the usual one, [`Lanczos3`].
pub(crate) fn filter(kernel: Kernel) -> Option<Curve> {
    Some(match kernel {
        Kernel::Nearest | Kernel::Lanczos3 => return None,
        Kernel::Linear => (|x| (1.0 - x.abs()).max(0.0), 1.0),
        Kernel::Cubic => (|x| cubic(x, 0.0, 0.5), 2.0),
        Kernel::Mitchell => (|x| cubic(x, 1.0 / 3.0, 1.0 / 3.0), 2.0),
        Kernel::Lanczos2 => (lanczos2, 2.0),
        Kernel::Mks2013 => (magic_2013, 2.5),
        Kernel::Mks2021 => (magic_2021, 4.5),
    })
}

/// Don Mitchell and Arun Netravali, "Reconstruction filters in computer graphics", 1988: their B and C.
fn cubic(x: f64, b: f64, c: f64) -> f64 {
    let x = x.abs();
    let sixfold = if x < 1.0 {
        ((12.0 - 9.0 * b - 6.0 * c) * x - 18.0 + 12.0 * b + 6.0 * c) * x * x + 6.0 - 2.0 * b
    } else if x < 2.0 {
        (((-b - 6.0 * c) * x + 6.0 * b + 30.0 * c) * x - 12.0 * b - 48.0 * c) * x + 8.0 * b + 24.0 * c
    } else {
        0.0
    };
    sixfold / 6.0
}

/// The windowed sinc of three lobes, sinc(x) sinc(x / 3) within 3 of the middle, at places one step from each other.
///
/// With s the sine of the angle a = pi x / 3 it is (3s - 4s^3) s / 3a^2. Wasm has no sine of its own: that of the place next to the
/// middle is a short series, and those of the others follow from how far they are turned from it, which is the same for every sample.
pub(crate) struct Lanczos3 {
    /// The angle of a step.
    step: f64,
    /// Steps before the first of the others.
    before: f64,
    /// Angles of so many steps, their sines and cosines.
    angles: Vec<f64>,
    sines: Vec<f64>,
    cosines: Vec<f64>,
}

impl Lanczos3 {
    /// For places `step` from each other, at most 1, of which there are so many.
    pub fn new(step: f64, count: usize) -> Self {
        let step = step * (PI / 3.0);
        // Three lobes to both sides, and what rounding may add.
        let before = (PI / step).ceil().min(count as f64) + 2.0;
        let places = (0_u32..)
            .map(f64::from)
            .take_while(|place| *place <= 2.0 * before + 4.0);
        let steps: Vec<f64> = places.map(|place| place - before).collect();
        // Turned from one to the next: the same numbers on every machine, which a library's sine does not promise.
        let [turn_sine, turn_cosine] = sine_and_cosine(step);
        let turn = |[sine, cosine]: &[f64; 2]| {
            Some([
                sine * turn_cosine + cosine * turn_sine,
                cosine * turn_cosine - sine * turn_sine,
            ])
        };
        let turned: Vec<[f64; 2]> = std::iter::successors(Some([0.0, 1.0]), turn)
            .take(steps.len())
            .collect();
        let at = |steps: &f64| turned.get(steps.abs() as usize).copied().unwrap_or_default();
        Self {
            step,
            before,
            angles: steps.iter().map(|steps| steps * step).collect(),
            sines: steps.iter().map(|steps| at(steps)[0] * steps.signum()).collect(),
            cosines: steps.iter().map(|steps| at(steps)[1]).collect(),
        }
    }

    /// For the places from `first` on, each by its middle, where the kernel's middle is at `centre`, which is among them, but for the last
    /// three at most.
    #[inline]
    pub fn fill(&self, centre: f64, first: usize, to: &mut [[f64; 4]]) {
        let nearest = centre.floor();
        let offset = (nearest + 0.5 - centre) * self.step;
        // Taylor's series, nested, for at most a sixth of a half turn: the next terms are below 1e-12.
        let square = offset * offset;
        let nested = |steps: [f64; 5]| steps.into_iter().fold(1.0, |sum, step| 1.0 - square * step * sum);
        let sine = offset * nested([1.0 / 110.0, 1.0 / 72.0, 1.0 / 42.0, 1.0 / 20.0, 1.0 / 6.0]);
        let cosine = nested([1.0 / 90.0, 1.0 / 56.0, 1.0 / 30.0, 1.0 / 12.0, 1.0 / 2.0]);
        // `as` saturates.
        #[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
        let start = (first as f64 - nearest + self.before) as usize;
        let end = start.saturating_add(4 * to.len());
        let (Some(angles), Some(sines), Some(cosines)) = (
            self.angles.get(start..end),
            self.sines.get(start..end),
            self.cosines.get(start..end),
        ) else {
            return to.fill([1.0; 4]);
        };
        let (sines, cosines) = (sines.as_chunks::<4>().0, cosines.as_chunks::<4>().0);
        let turns = angles.as_chunks::<4>().0.iter().zip(sines).zip(cosines);
        for (to, ((angles, sines), cosines)) in to.iter_mut().zip(turns) {
            *to = std::array::from_fn(|n| {
                let angle = (offset + angles[n]).abs();
                let sine: f64 = sine * cosines[n] + cosine * sines[n];
                let square = sine * sine;
                let value = (3.0 - 4.0 * square) * square / (3.0 * angle * angle);
                let value = if angle < 1e-6 { 1.0 } else { value };
                if angle < PI { value } else { 0.0 }
            });
        }
    }
}

/// Of an angle up to a third of a half turn, by Taylor's series, nested: the next terms are below 1e-18.
fn sine_and_cosine(angle: f64) -> [f64; 2] {
    let square = angle * angle;
    let series = |first: f64| {
        let terms = (0..10).rev().map(|term| first + 2.0 * f64::from(term));
        terms.fold(1.0, |sum, term| 1.0 - square / (term * (term + 1.0)) * sum)
    };
    [angle * series(2.0), series(1.0)]
}

fn lanczos2(x: f64) -> f64 {
    let sinc = |x: f64| {
        let x = x * PI;
        if x == 0.0 { 1.0 } else { x.sin() / x }
    };
    if x.abs() < 2.0 { sinc(x) * sinc(x / 2.0) } else { 0.0 }
}

/// John Costella, "The magic kernel", 2013: quadratic pieces.
fn magic_2013(x: f64) -> f64 {
    let x = x.abs();
    if x <= 0.5 {
        17.0 / 16.0 - 7.0 / 4.0 * x * x
    } else if x <= 1.5 {
        (4.0 * x * x - 11.0 * x + 7.0) / 4.0
    } else if x <= 2.5 {
        -(x - 2.5) * (x - 2.5) / 8.0
    } else {
        0.0
    }
}

/// The same author's, 2021: sharper at the first and flatter at the last frequencies.
fn magic_2021(x: f64) -> f64 {
    let x = x.abs();
    if x <= 0.5 {
        577.0 / 576.0 - 239.0 / 144.0 * x * x
    } else if x <= 1.5 {
        (140.0 * x * x - 379.0 * x + 239.0) / 144.0
    } else if x <= 2.5 {
        -(24.0 * x * x - 113.0 * x + 130.0) / 144.0
    } else if x <= 3.5 {
        (4.0 * x * x - 27.0 * x + 45.0) / 144.0
    } else if x <= 4.5 {
        -(4.0 * x * x - 36.0 * x + 81.0) / 1152.0
    } else {
        0.0
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_filter_is_lanczos() {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
        for scale in [1.0, 1.53, 2.0, 7.3, 200.0] {
            let lanczos = Lanczos3::new(1.0 / scale, 2000);
            for centre in (0..100).map(|n| 700.0 + f64::from(n) / 50.0) {
                let first = (centre - 3.0 * scale - 0.5).ceil() as usize;
                let count = (6.0 * scale) as usize + 2;
                let mut found = vec![[0.0; 4]; count.div_ceil(4)];
                lanczos.fill(centre, first, &mut found);
                for (place, &value) in (first..).zip(found.as_flattened()).take(count) {
                    let x = (place as f64 + 0.5 - centre) / scale;
                    let exact = if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 };
                    assert!((value - exact).abs() < 1e-10, "{x}: {value} {exact}");
                }
            }
        }
    }

    /// Pieces meet, and samples one apart add up to 1.
    #[test]
    fn kernels_are_smooth_and_keep_what_is_flat() {
        let (catmull_rom, mitchell) = (|x| cubic(x, 0.0, 0.5), |x| cubic(x, 1.0 / 3.0, 1.0 / 3.0));
        for kernel in [magic_2013, magic_2021, catmull_rom, mitchell] {
            for n in 0..100 {
                let x = f64::from(n) / 100.0;
                let sum: f64 = (-6..6).map(|shift| kernel(x + f64::from(shift))).sum();
                assert!((sum - 1.0).abs() < 1e-9, "{x}: {sum}");
            }
            for n in 0..500 {
                let x = f64::from(n) / 100.0;
                assert!((kernel(x) - kernel(x + 1e-6)).abs() < 1e-5, "{x}");
            }
        }
        assert!(lanczos2(0.0) == 1.0 && lanczos2(1.0).abs() < 1e-9 && lanczos2(2.0) == 0.0);
    }
}
