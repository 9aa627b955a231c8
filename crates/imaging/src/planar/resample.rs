//! Resampling of a plane: down the columns first, row of the output by row, then along that row. Between the two there is no more
//! than a row, with 16 bits a sample.

use super::lanes::{I16x8, I32x4};
use super::weights::{BITS, GROUP, Weights};

/// Samples that are resampled down their columns together.
const BLOCK: usize = 32;

/// Fraction bits of the samples between the two.
const PASS_BITS: u32 = 6;

/// What of a plane is looked at.
#[derive(PartialEq)]
pub(crate) struct Crop {
    pub left: usize,
    pub top: usize,
    pub width: usize,
    pub height: usize,
}

/// The plane that has the weights' samples, of that part.
pub(super) fn resampled(plane: jpeg::Plane, crop: &Crop, columns: &Weights, rows: &Weights) -> Vec<u8> {
    of_channels::<1>((plane.samples, plane.width), crop, columns, rows)
}

/// The same of pixels with 1 to 4 interleaved channels, rows of `width` of them.
pub(crate) fn resampled_pixels(
    channels: usize,
    samples: (Vec<u8>, usize),
    crop: &Crop,
    [columns, rows]: &[Weights; 2],
) -> Vec<u8> {
    match channels {
        1 => of_channels::<1>(samples, crop, columns, rows),
        2 => of_channels::<2>(samples, crop, columns, rows),
        3 => of_channels::<3>(samples, crop, columns, rows),
        _ => of_channels::<4>(samples, crop, columns, rows),
    }
}

/// Channels are weighed together down the columns, which are all alike, and one by one along the row.
fn of_channels<const N: usize>(
    (mut samples, stride): (Vec<u8>, usize),
    crop: &Crop,
    columns: &Weights,
    rows: &Weights,
) -> Vec<u8> {
    let width = columns.count();
    let (first, end) = columns.span();
    let blocks = ((end.min(crop.width) - first.min(crop.width)) * N).div_ceil(BLOCK);
    // Whole blocks and groups, also in the last row. What is behind the crop has no weight.
    let room = samples.len() + BLOCK;
    samples.resize(room, 0);
    let room = ((end - first) * N).div_ceil(BLOCK).max(blocks);
    let mut between = [vec![[0; BLOCK]; room], vec![[0; BLOCK]; room]];
    let mut channel = [(); 2].map(|()| vec![0; if N == 1 { 0 } else { room * BLOCK / N }]);
    let mut along = [(); 2].map(|()| vec![[0; 4]; width.div_ceil(4)]);
    let mut lines = Vec::new();
    let mut output = vec![0; width * rows.count() * N];
    for (places, output) in (0..).step_by(2).zip(output.chunks_mut((2 * width * N).max(1))) {
        for (place, between) in (places..).zip(&mut between) {
            lines.clear();
            let line = |row: usize| {
                let start = ((crop.top + rows.first(place) + row) * stride + crop.left + first) * N;
                samples.get(start..).unwrap_or_default().as_chunks().0
            };
            for (row, &[a, b]) in (0..).step_by(2).zip(rows.of(place).as_flattened().as_chunks::<2>().0) {
                match (a, b) {
                    (0, 0) => {}
                    // There may be no other row.
                    (_, 0) => lines.push((line(row), line(row), I16x8::pair(a, 0))),
                    (0, _) => lines.push((line(row + 1), line(row + 1), I16x8::pair(0, b))),
                    _ => lines.push((line(row), line(row + 1), I16x8::pair(a, b))),
                }
            }
            weigh_rows(&lines, between.get_mut(..blocks).unwrap_or_default());
        }
        if N == 1 {
            weigh(between.each_ref().map(|row| row.as_flattened()), columns, &mut along);
            for (output, along) in output.chunks_exact_mut(width).zip(&along) {
                output.copy_from_slice(along.as_flattened().get(..width).unwrap_or_default());
            }
            continue;
        }
        for n in 0..N {
            for (channel, between) in channel.iter_mut().zip(&between) {
                let pixels = between.as_flattened().as_chunks::<N>().0.iter();
                channel.iter_mut().zip(pixels).for_each(|(own, pixel)| *own = pixel[n]);
            }
            weigh(channel.each_ref().map(Vec::as_slice), columns, &mut along);
            for (output, along) in output.chunks_exact_mut(width * N).zip(&along) {
                let pixels = output.as_chunks_mut::<N>().0.iter_mut();
                pixels
                    .zip(along.as_flattened())
                    .for_each(|(pixel, own)| pixel[n] = *own);
            }
        }
    }
    output
}

/// Weighs the samples of two rows against each other, each row's by itself.
fn weigh(rows: [&[i16]; 2], columns: &Weights, to: &mut [Vec<[u8; 4]>; 2]) {
    match columns.groups() {
        1 => weigh_row::<8>(rows, columns, to),
        2 => weigh_row::<16>(rows, columns, to),
        3 => weigh_row::<24>(rows, columns, to),
        _ => {
            for (row, to) in rows.into_iter().zip(to) {
                weigh_long_row(row, columns, to);
            }
        }
    }
}

/// Samples of two rows and their weights.
type Lines<'a> = (&'a [[u8; BLOCK]], &'a [[u8; BLOCK]], I16x8);

/// Weighs rows against each other.
///
/// A turn of a loop costs as much as a few instructions on vectors, because each looks whether it is to be the last. So more is done
/// in one, here and along the row.
#[inline(never)]
fn weigh_rows(lines: &[Lines<'_>], to: &mut [[i16; BLOCK]]) {
    let (pairs, last) = lines.as_chunks::<2>();
    for (block, to) in to.iter_mut().enumerate() {
        let mut sums = [I32x4::splat(1 << (BITS - PASS_BITS - 1)); 8];
        for [a, b] in pairs {
            let both = weighed(a, block, sums).and_then(|sums| weighed(b, block, sums));
            let Some(both) = both else { return };
            sums = both;
        }
        for line in last {
            let Some(all) = weighed(line, block, sums) else { return };
            sums = all;
        }
        for (to, [a, b]) in to.as_chunks_mut().0.iter_mut().zip(sums.as_chunks().0) {
            a.shift_narrow::<{ BITS - PASS_BITS }>(*b, to);
        }
    }
}

/// The sums with a block of two rows more.
#[inline(always)]
fn weighed(&(one, other, weights): &Lines<'_>, block: usize, sums: [I32x4; 8]) -> Option<[I32x4; 8]> {
    let ([a, b], [c, d]) = (one.get(block)?.as_chunks().0, other.get(block)?.as_chunks().0) else {
        return None;
    };
    let ([e, f, g, h], [i, j, k, l]) = (I16x8::in_turns(a, c), I16x8::in_turns(b, d));
    let samples = [e, f, g, h, i, j, k, l];
    Some(std::array::from_fn(|n| sums[n].add(samples[n].dot(weights))))
}

/// Rounding of what the last pass drops.
const HALF: i32 = 1 << (BITS + PASS_BITS - 1);

/// The same, `N` for each. Of two rows at a time, so that weights are loaded once for both.
#[inline(never)]
fn weigh_row<const N: usize>([one, other]: [&[i16]; 2], columns: &Weights, [to, next]: &mut [Vec<[u8; 4]>; 2]) {
    let Some(other) = other.get(..one.len()) else { return };
    let (starts, weights) = columns.fours::<N>();
    for (((starts, weights), to), next) in starts.iter().zip(weights).zip(to).zip(next) {
        let Some(sums) = fours([one, other], starts, weights) else {
            return;
        };
        [*to, *next] = sums;
    }
}

/// Four samples of the output of each row: where theirs start in the row, and their weights.
#[inline(always)]
fn fours<const N: usize>(rows: [&[i16]; 2], starts: &[u32; 4], weights: &[[i16; N]; 4]) -> Option<[[u8; 4]; 2]> {
    let [a, b, c, d] = std::array::from_fn(|n| weighed_pair(rows, starts[n], &weights[n]));
    let (a, b, c, d) = (a?, b?, c?, d?);
    Some(std::array::from_fn(|row| {
        let sums = I32x4::sums([a[row], b[row], c[row], d[row]]).add(I32x4::splat(HALF));
        sums.shift_bytes::<{ BITS + PASS_BITS }>()
    }))
}

/// What is to be summed up for a sample of each row.
#[inline(always)]
fn weighed_pair<const N: usize>([one, other]: [&[i16]; 2], start: u32, weights: &[i16; N]) -> Option<[I32x4; 2]> {
    // What cannot overflow takes one comparison.
    let start = start as usize & (usize::MAX >> 4);
    let (one, other) = (one.get(start..start + N)?, other.get(start..start + N)?);
    let samples = one.as_chunks().0.iter().zip(other.as_chunks().0);
    let zero = I32x4::splat(0);
    let sums = samples
        .zip(weights.as_chunks().0)
        .fold([zero; 2], |sums, ((one, other), weights)| {
            let weights = I16x8::load(weights);
            [
                sums[0].add(I16x8::load(one).dot(weights)),
                sums[1].add(I16x8::load(other).dot(weights)),
            ]
        });
    Some(sums)
}

/// The same for any number of groups.
#[inline(never)]
fn weigh_long_row(row: &[i16], columns: &Weights, to: &mut [[u8; 4]]) {
    for (places, to) in (0..columns.count()).step_by(4).zip(to) {
        let sums = std::array::from_fn(|n| {
            let groups = row
                .get(columns.start(places + n)..)
                .unwrap_or_default()
                .as_chunks::<GROUP>()
                .0;
            let products = groups.iter().zip(columns.of(places + n));
            products.fold(I32x4::splat(0), |sum, (samples, weights)| {
                sum.add(I16x8::load(samples).dot(I16x8::load(weights)))
            })
        });
        *to = I32x4::sums(sums)
            .add(I32x4::splat(HALF))
            .shift_bytes::<{ BITS + PASS_BITS }>();
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn lanczos(x: f64) -> f64 {
        let sinc = |x: f64| if x == 0.0 { 1.0 } else { x.sin() / x };
        let x = x * std::f64::consts::PI;
        if x.abs() < 3.0 * std::f64::consts::PI {
            sinc(x) * sinc(x / 3.0)
        } else {
            0.0
        }
    }

    fn plane(width: usize, height: usize, sample: impl Fn(usize, usize) -> u8) -> jpeg::Plane {
        let samples = (0..width * height).map(|n| sample(n % width, n / width)).collect();
        jpeg::Plane {
            width,
            height,
            h: 1,
            v: 1,
            scale: jpeg::Scale::Full,
            samples,
        }
    }

    /// The definition.
    fn exact(plane: &jpeg::Plane, crop: [usize; 4], window: [f64; 4], (width, height): (usize, usize)) -> Vec<f64> {
        let side = |first: usize, side: usize, start: f64, length: f64, count: usize, place: usize| {
            let (step, centre) = (
                length / count as f64,
                start + (place as f64 + 0.5) * length / count as f64,
            );
            let weight = |n: usize| lanczos((n as f64 + 0.5 - centre) / step.max(1.0));
            let sum: f64 = (0..side).map(weight).sum();
            (0..side)
                .map(|n| (first + n, weight(n) / sum))
                .filter(|&(_, weight)| weight != 0.0)
                .collect::<Vec<_>>()
        };
        let at = |n: usize| {
            let across = side(crop[0], crop[2], window[0], window[2], width, n % width);
            let down = side(crop[1], crop[3], window[1], window[3], height, n / width);
            let term = |&(y, b): &(usize, f64)| -> f64 {
                across
                    .iter()
                    .map(|&(x, a)| a * b * f64::from(plane.samples[y * plane.width + x]))
                    .sum()
            };
            down.iter().map(term).sum::<f64>().clamp(0.0, 255.0)
        };
        (0..width * height).map(at).collect()
    }

    #[test]
    fn every_sample_is_within_rounding_of_the_definition() {
        // Noise, hard edges, and everything between.
        let noise = |x: usize, y: usize| (((x * 7919 + y * 104_729) * 2_654_435_761) >> 7) as u8;
        let edges = |x: usize, y: usize| if (x / 5 + y / 7).is_multiple_of(2) { 255 } else { 0 };
        for (crop, window, sides) in [
            ([0, 0, 97, 61], [0.0, 0.0, 97.0, 61.0], (41, 25)),
            ([3, 5, 70, 40], [2.5, 0.0, 60.25, 40.0], (33, 80)),
            ([90, 60, 7, 1], [0.0, 0.0, 7.0, 1.0], (3, 1)),
            ([0, 0, 1, 61], [0.0, 0.0, 1.0, 61.0], (1, 61)),
            ([0, 0, 97, 61], [0.0, 0.0, 97.0, 61.0], (2, 3)),
        ] {
            for plane in [plane(97, 61, noise), plane(97, 61, edges)] {
                let (columns, rows) = (
                    Weights::new((lanczos, 3.0), crop[2], (window[0], window[2]), sides.0),
                    Weights::new((lanczos, 3.0), crop[3], (window[1], window[3]), sides.1),
                );
                let expected = exact(&plane, crop, window, sides);
                let crop = Crop {
                    left: crop[0],
                    top: crop[1],
                    width: crop[2],
                    height: crop[3],
                };
                let samples = resampled(plane, &crop, &columns, &rows);
                for (sample, exact) in samples.iter().zip(&expected) {
                    assert!((f64::from(*sample) - exact).abs() < 0.75, "{sides:?} {sample} {exact}");
                }
                assert_eq!(samples.len(), expected.len());
            }
        }
    }

    #[test]
    fn what_is_flat_stays_flat() {
        for sample in 0..=255 {
            let columns = Weights::new((lanczos, 3.0), 50, (0.0, 50.0), 21);
            let crop = Crop {
                left: 0,
                top: 0,
                width: 50,
                height: 50,
            };
            let flat = resampled(plane(50, 50, |_, _| sample), &crop, &columns, &columns);
            assert!(flat.iter().all(|&n| n == sample));
        }
    }
}
