//! The filters that a resize can sample with.

use operations::Kernel;

/// A kernel as a function, and how far to each side it reaches.
pub(crate) type Curve = (fn(f64) -> f64, f64);

/// The curve of a kernel, to be widened by the scale when a picture becomes smaller, as libvips does. None for [`Kernel::Nearest`], which has no width.
pub(crate) fn filter(kernel: Kernel) -> Option<Curve> {
    Some(match kernel {
        Kernel::Nearest => return None,
        Kernel::Linear => (|x| (1.0 - x.abs()).max(0.0), 1.0),
        Kernel::Cubic => (|x| cubic(x, 0.0, 0.5), 2.0),
        Kernel::Mitchell => (|x| cubic(x, 1.0 / 3.0, 1.0 / 3.0), 2.0),
        Kernel::Lanczos2 => (lanczos2, 2.0),
        Kernel::Lanczos3 => (lanczos3, 3.0),
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

/// The windowed sinc of three lobes: sinc(x) sinc(x / 3) within 3 of the middle. With s the sine of the angle a = pi x / 3 it is
/// (3s - 4s^3) s / 3a^2, so one sine is enough. Its polynomial saves a tenth of a small resize: Wasm has no sine of its own.
#[inline(always)]
pub(crate) fn lanczos3(x: f64) -> f64 {
    let angle = (x * (std::f64::consts::PI / 3.0)).abs();
    if angle >= std::f64::consts::PI {
        return 0.0;
    }
    if angle < 1e-6 {
        return 1.0;
    }
    // The sine of what lies beyond a right angle is that of what is missing to two.
    let rest = std::f64::consts::PI - angle;
    // `f64::min` is a call in Wasm.
    let a = if angle < rest { angle } else { rest };
    let square = a * a;
    // Taylor's series, nested: the next term is below 1e-9.
    const STEPS: [f64; 6] = [1.0 / 156.0, 1.0 / 110.0, 1.0 / 72.0, 1.0 / 42.0, 1.0 / 20.0, 1.0 / 6.0];
    let sine = a * STEPS.iter().fold(1.0, |sum, step| 1.0 - square * step * sum);
    (3.0 - 4.0 * sine * sine) * sine * sine / (3.0 * angle * angle)
}

fn lanczos2(x: f64) -> f64 {
    let sinc = |x: f64| {
        let x = x * std::f64::consts::PI;
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
    use std::f64::consts::PI;

    #[test]
    fn the_filter_is_lanczos() {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { (PI * x).sin() / (PI * x) };
        for step in -3100..=3100 {
            let x = f64::from(step) / 1000.0;
            let exact = if x.abs() < 3.0 { sinc(x) * sinc(x / 3.0) } else { 0.0 };
            assert!((lanczos3(x) - exact).abs() < 1e-7, "{x}: {} {exact}", lanczos3(x));
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
