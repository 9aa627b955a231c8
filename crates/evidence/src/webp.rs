//! Leaks that are lossy WebP files: read by what the file says of its encoder's decisions.
//!
//! A coarse file's pixels are mostly what was predicted and what was rounded away. But the file also says what was predicted of each
//! block and into which interval each coefficient of the rest fell (RFC 6386), and the rendition tells where in or near that interval it
//! was but for the symbols. So a chip is asked of every coefficient that its pattern reaches, as [`lattice`](crate::lattice) does
//! for JPEG: those near a border tell, all others say nothing. What other chips add to a coefficient is noise; to estimate it, too, in
//! rounds of belief propagation, was tried and gained nothing.

use crate::blocks::{Block, Blocks, SIDE};
use crate::lattice::{OUTLIERS, logistic};
use crate::rendition::{Symbols, Term};
use rayon::prelude::*;
use registration::{Homography, Plane};
use vp8::{Limits, Macroblock, Reconstruction};

/// Side of a macroblock and of its blocks in pixels.
const WIDE: usize = 16;
const NARROW: usize = 4;
/// Coefficients of a macroblock.
const COUNT: usize = WIDE * WIDE;
/// Grey levels of limited range for one of full range.
const RANGE: f32 = 219.0 / 255.0;
const BLACK: f32 = 16.0;
/// The share of a pattern's greatest part that a smaller one must have to be followed.
const NEGLIGIBLE: f32 = 0.05;
/// Shares of a step at which magnitudes become the next level, by how much an encoder saves bits.
const BORDERS: [f32; 6] = [0.5, 0.55, 0.6, 0.65, 0.7, 0.8];
/// Standard deviations of what else happened to coefficients, in units of the orthonormal transform.
const SPREADS: [f32; 7] = [0.3, 0.5, 1.0, 2.0, 4.0, 8.0, 16.0];
/// One in so many coefficients is asked for border and spread.
const EVERY: usize = 5;
/// Kinds of coefficients, each with a border and a spread of its own.
const KINDS: usize = 3;

/// A coefficient as the file has it: the interval it fell into, and where in it or beside it the rendition is.
#[derive(Clone, Copy, Debug)]
struct Coefficient {
    kind: usize,
    level: f32,
    step: f32,
    /// The rendition's, less what was predicted. Not finite where the leak shows what the rendition does not.
    source: f32,
    /// Variance of what symbols add.
    variance: f32,
}

/// How the encoder rounds one kind of coefficients.
#[derive(Clone, Copy, Debug, PartialEq)]
struct Rounding {
    border: f32,
    spread: f32,
}

/// A chip's part in a coefficient, half of what symbol 1 has there more than symbol 0.
#[derive(Clone, Copy, Debug)]
struct Part {
    coefficient: usize,
    amplitude: f32,
}

/// What a leaked file says beyond its pixels: how its encoder came to them. Of lossy WebP so far; what JPEG does shows in the pixels.
#[derive(Clone, Debug)]
pub struct Coded(Reconstruction);

impl Coded {
    /// Reads a file of at most `max_pixels`. `None` if there is nothing of the kind in it.
    #[must_use]
    pub fn of(file: &[u8], max_pixels: u64) -> Option<Self> {
        Reconstruction::of(file, &Limits { max_pixels }).ok().map(Self)
    }
}

/// For each chip half the log likelihood ratio of symbol 1. `toned` is the rendition in the leak's tones, whose pixels the map takes to
/// the leak's; `slopes` how much those move with the rendition's, by block. `None` unless the leak has the rendition's own pixels.
pub(crate) fn read(
    Coded(file): &Coded,
    (leak, map): &(Plane, Homography),
    toned: &Plane,
    symbols: &[Symbols],
    slopes: &[f32],
) -> Option<Vec<f32>> {
    let shift = shift(map).filter(|_| (leak.width(), leak.height()) == (file.width, file.height))?;
    let mut coefficients = coefficients(file, toned, shift);
    let wide = toned.width().div_ceil(SIDE);
    let parts: Vec<Vec<Part>> = symbols
        .par_iter()
        .map(|symbols| parts(file, symbols, wide, shift, slopes[symbols.block] * RANGE))
        .collect();
    for part in parts.iter().flatten() {
        coefficients[part.coefficient].variance += part.amplitude * part.amplitude;
    }
    let roundings: [Rounding; KINDS] = std::array::from_fn(|kind| Rounding::of(&coefficients, kind));
    let told = |part: &Part| {
        let coefficient = &coefficients[part.coefficient];
        roundings[coefficient.kind].told(coefficient, part.amplitude)
    };
    Some(parts.par_iter().map(|parts| parts.iter().map(told).sum()).collect())
}

/// The whole pixels by which a map shifts, if that is all it does.
fn shift(&Homography([a, b, x, c, d, y, e, f, g]): &Homography) -> Option<[isize; 2]> {
    let near = |value: f64, wanted: f64, by: f64| (value - wanted).abs() < by;
    let straight = near(a / g, 1.0, 1e-5) && near(d / g, 1.0, 1e-5) && near(b / g, 0.0, 1e-5) && near(c / g, 0.0, 1e-5);
    let [x, y] = [x / g, y / g];
    (straight
        && near(e / g, 0.0, 1e-8)
        && near(f / g, 0.0, 1e-8)
        && near(x, x.round(), 0.02)
        && near(y, y.round(), 0.02))
    .then(|| [x, y].map(|by| by.round() as isize))
}

/// All coefficients of the file, by macroblock.
fn coefficients(file: &Reconstruction, toned: &Plane, [right, down]: [isize; 2]) -> Vec<Coefficient> {
    let (width, height) = (toned.width().cast_signed(), toned.height().cast_signed());
    let of_macroblock = |(at, macroblock): (usize, &Macroblock)| {
        let (left, top) = (at % file.columns * WIDE, at / file.columns * WIDE);
        let mut inside = true;
        let mut rest = [0.0; COUNT];
        for (pixel, (rest, predicted)) in rest.iter_mut().zip(&macroblock.prediction).enumerate() {
            // Encoders repeat the last pixels of a picture.
            let x = (left + pixel % WIDE).min(file.width - 1).cast_signed() - right;
            let y = (top + pixel / WIDE).min(file.height - 1).cast_signed() - down;
            inside &= (0..width).contains(&x) && (0..height).contains(&y);
            *rest = BLACK + RANGE * toned.at(x, y) - f32::from(*predicted);
        }
        transform(&mut rest, macroblock.second_order.is_some());
        let source = |value: f32| if inside { value } else { f32::NAN };
        std::array::from_fn::<Coefficient, COUNT, _>(|place| {
            let (block, within) = (place / 16, place % 16);
            let (kind, level, step) = match macroblock.second_order {
                Some(levels) if within == 0 => {
                    let step = macroblock.steps.second_order[usize::from(block > 0)];
                    (0, levels[block], f32::from(step) / 4.0)
                }
                second => {
                    let step = macroblock.steps.blocks[usize::from(within > 0)];
                    let kind = 1 + usize::from(second.is_none());
                    (kind, macroblock.levels[block][within], f32::from(step) / 2.0)
                }
            };
            Coefficient {
                kind,
                level: level.into(),
                step,
                source: source(rest[place]),
                variance: 0.0,
            }
        })
    };
    file.macroblocks
        .par_iter()
        .enumerate()
        .flat_map_iter(of_macroblock)
        .collect()
}

/// What a chip does to the file's coefficients.
fn parts(file: &Reconstruction, symbols: &Symbols, wide: usize, [right, down]: [isize; 2], scale: f32) -> Vec<Part> {
    let mut values: Block = [0.0; SIDE * SIDE];
    for &Term { place, amplitude } in &symbols.terms {
        values[place] = amplitude * scale;
    }
    let pattern = Blocks::pixels(&values);
    let left = (symbols.block % wide * SIDE).cast_signed() + right;
    let top = (symbols.block / wide * SIDE).cast_signed() + down;
    let mut parts = Vec::new();
    let (width, height) = (file.width.cast_signed(), file.height.cast_signed());
    let span = |from: isize, end: isize| {
        let last = (from + SIDE.cast_signed()).min(end) - 1;
        from.max(0) / WIDE.cast_signed()..=last.div_euclid(WIDE.cast_signed())
    };
    for row in span(top, height) {
        for column in span(left, width) {
            let at = row.unsigned_abs() * file.columns + column.unsigned_abs();
            let Some(macroblock) = file.macroblocks.get(at) else {
                continue;
            };
            let mut own = [0.0; COUNT];
            for (pixel, own) in own.iter_mut().enumerate() {
                let x = column * WIDE.cast_signed() + (pixel % WIDE).cast_signed() - left;
                let y = row * WIDE.cast_signed() + (pixel / WIDE).cast_signed() - top;
                if (0..SIDE.cast_signed()).contains(&x) && (0..SIDE.cast_signed()).contains(&y) {
                    *own = pattern[y.unsigned_abs() * SIDE + x.unsigned_abs()];
                }
            }
            transform(&mut own, macroblock.second_order.is_some());
            let places = own.into_iter().enumerate();
            parts.extend(places.map(|(place, amplitude)| Part {
                coefficient: at * COUNT + place,
                amplitude,
            }));
        }
    }
    let greatest = parts
        .iter()
        .fold(0.0_f32, |greatest, part| greatest.max(part.amplitude.abs()));
    parts.retain(|part| part.amplitude.abs() > NEGLIGIBLE * greatest);
    parts
}

/// Turns a macroblock's differences, row by row, into coefficients of its blocks: orthonormal, by block and place in the block. With a
/// second order the averages are transformed once more.
fn transform(values: &mut [f32; COUNT], second_order: bool) {
    let pixels = *values;
    for (block, out) in values.as_chunks_mut::<16>().0.iter_mut().enumerate() {
        let (left, top) = (block % NARROW * NARROW, block / NARROW * NARROW);
        *out = twice(&COSINES, |x, y| pixels[(top + y) * WIDE + left + x]);
    }
    if second_order {
        let averages: [f32; 16] = std::array::from_fn(|block| values[block * 16]);
        let second = twice(&WALSH, |x, y| averages[y * NARROW + x]);
        for (block, second) in second.into_iter().enumerate() {
            values[block * 16] = second;
        }
    }
}

/// A transform of four numbers, along rows and then along columns.
fn twice(basis: &[[f32; NARROW]; NARROW], at: impl Fn(usize, usize) -> f32) -> [f32; 16] {
    let rows: [[f32; NARROW]; NARROW] =
        std::array::from_fn(|y| std::array::from_fn(|u| (0..NARROW).map(|x| basis[u][x] * at(x, y)).sum()));
    std::array::from_fn(|place| {
        let (u, v) = (place % NARROW, place / NARROW);
        (0..NARROW).map(|y| basis[v][y] * rows[y][u]).sum()
    })
}

/// Orthonormal bases: cosines, and the Walsh functions in the order of RFC 6386 section 14.3.
const COSINES: [[f32; NARROW]; NARROW] = [
    [0.5, 0.5, 0.5, 0.5],
    [0.653_281_5, 0.270_598_05, -0.270_598_05, -0.653_281_5],
    [0.5, -0.5, -0.5, 0.5],
    [0.270_598_05, -0.653_281_5, 0.653_281_5, -0.270_598_05],
];
const WALSH: [[f32; NARROW]; NARROW] = [
    [0.5, 0.5, 0.5, 0.5],
    [0.5, 0.5, -0.5, -0.5],
    [0.5, -0.5, -0.5, 0.5],
    [0.5, -0.5, 0.5, -0.5],
];

impl Rounding {
    /// Under which the levels of one kind are most probable.
    fn of(coefficients: &[Coefficient], kind: usize) -> Self {
        let asked: Vec<&Coefficient> = coefficients
            .iter()
            .step_by(EVERY)
            .filter(|coefficient| coefficient.kind == kind && coefficient.source.is_finite())
            .collect();
        let likelihood = |rounding: &Self| -> f64 {
            let one = |coefficient: &&Coefficient| {
                let probability = rounding.probability(coefficient, coefficient.source, coefficient.variance);
                f64::from(probability.ln())
            };
            asked.par_iter().map(one).sum()
        };
        let all = BORDERS
            .iter()
            .flat_map(|&border| SPREADS.iter().map(move |&spread| Self { border, spread }));
        all.map(|rounding| (likelihood(&rounding), rounding))
            .max_by(|a, b| a.0.total_cmp(&b.0))
            .map_or(
                Self {
                    border: 0.5,
                    spread: 1.0,
                },
                |(_, rounding)| rounding,
            )
    }

    /// Half the log likelihood ratio of a chip that adds `amplitude` where its symbol is 1, and takes it away where it is 0.
    fn told(&self, coefficient: &Coefficient, amplitude: f32) -> f32 {
        let others = coefficient.variance - amplitude * amplitude;
        let of = |value: f32| self.probability(coefficient, value, others);
        let told = (of(coefficient.source + amplitude) / of(coefficient.source - amplitude)).ln() / 2.0;
        if told.is_finite() { told } else { 0.0 }
    }

    /// The probability of a coefficient's level, if it was about `value`, give or take `variance`.
    fn probability(&self, coefficient: &Coefficient, value: f32, variance: f32) -> f32 {
        let (level, step) = (coefficient.level.abs(), coefficient.step);
        let value = if coefficient.level < 0.0 { -value } else { value };
        let deviation = (variance.max(0.0) + self.spread * self.spread).sqrt();
        let below = |border: f32| logistic((border * step - value) / deviation);
        let lower = if level > 0.0 {
            level - 1.0 + self.border
        } else {
            -self.border
        };
        let inside = below(level + self.border) - below(lower);
        OUTLIERS + (1.0 - OUTLIERS) * inside.max(0.0)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn noise(seed: u32) -> impl FnMut() -> f32 {
        let mut state = seed;
        move || {
            state = state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223);
            (state >> 8) as f32 / (1 << 24) as f32 - 0.5
        }
    }

    #[test]
    fn transforms_are_orthonormal_and_those_of_the_format() {
        let mut draw = noise(1);
        let pixels: [f32; COUNT] = std::array::from_fn(|_| (200.0 * draw()).round());
        let energy = |values: &[f32; COUNT]| values.iter().map(|value| value * value).sum::<f32>();
        for second_order in [false, true] {
            let mut values = pixels;
            transform(&mut values, second_order);
            assert!((energy(&values) / energy(&pixels) - 1.0).abs() < 1e-4);
        }
        // What an encoder rounds is within about half a step of what is computed here, in every kind.
        let (width, height) = (160, 112);
        let smooth = |at: usize| 60.0 + (at % width) as f32 * 0.4 + 40.0 * ((at / width) as f32 / 9.0).sin();
        let mut grain = 0.0;
        let mut sample = |at: usize| {
            grain = 0.7 * grain + 60.0 * draw();
            smooth(at) + if at % width > 80 { grain } else { 0.0 }
        };
        let samples: Vec<f32> = (0..width * height)
            .map(|at| sample(at).round().clamp(0.0, 255.0))
            .collect();
        let rgb: Vec<u8> = samples.iter().flat_map(|&sample| [sample as u8; 3]).collect();
        let file = vp8::encode(vp8::Pixels::Rgb(&rgb), width as u16, height as u16, 40).unwrap();
        let Coded(file) = Coded::of(&file, 1 << 20).unwrap();
        let coefficients = coefficients(&file, &Plane::new(width, height, samples).unwrap(), [0, 0]);
        for kind in 0..KINDS {
            let (mut all, mut near, mut large) = (0, 0, 0);
            for coefficient in coefficients.iter().filter(|coefficient| coefficient.kind == kind) {
                let off = (coefficient.source / coefficient.step - coefficient.level).abs();
                (all, near) = (all + 1, near + usize::from(off < 0.7));
                large += usize::from(coefficient.level != 0.0);
            }
            assert!(near * 100 >= all * 99 && large > 0, "{kind}: {near} of {all}, {large}");
            let Rounding { border, spread } = Rounding::of(&coefficients, kind);
            assert!(
                (0.55..=0.65).contains(&border) && spread <= 1.0,
                "{kind}: {border} {spread}"
            );
        }
    }

    #[test]
    fn whole_pixels_are_recognised() {
        assert_eq!(shift(&Homography::IDENTITY), Some([0, 0]));
        assert_eq!(shift(&Homography::shift(-12.0, 3.01)), Some([-12, 3]));
        assert_eq!(shift(&Homography::shift(0.5, 0.0)), None);
        assert_eq!(shift(&Homography::scale(0.999, 1.0)), None);
    }

    #[test]
    fn a_border_between_two_values_tells_them_apart() {
        let rounding = Rounding {
            border: 0.6,
            spread: 0.5,
        };
        let coefficient = |level: f32, source: f32| Coefficient {
            kind: 0,
            level,
            step: 20.0,
            source,
            variance: 4.0,
        };
        // Beyond 12 it would have been 1.
        assert!(rounding.told(&coefficient(1.0, 11.0), 2.0) > 0.5);
        assert!(rounding.told(&coefficient(0.0, 13.0), 2.0) < -0.5);
        assert!(rounding.told(&coefficient(-1.0, -11.0), 2.0) < -0.5);
        assert!(rounding.told(&coefficient(0.0, 0.0), 2.0).abs() < 0.01);
        assert_eq!(rounding.told(&coefficient(0.0, f32::NAN), 2.0), 0.0);
    }
}
