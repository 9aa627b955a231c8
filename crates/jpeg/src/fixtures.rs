//! Pictures that tests of the encoders share.

use crate::{Coefficients, Limits, Pixels, Sampling, transform};

/// Enough for all of them.
pub const LIMITS: Limits = Limits {
    max_pixels: 1 << 22,
    max_scans: 5,
    max_visits: 1 << 24,
};

/// Small pictures of every kind that is written, whose sides are whole MCUs or not.
pub fn pictures() -> impl Iterator<Item = Coefficients> {
    let rgb: Vec<u8> = (0..70 * 45 * 3_u32).map(|n| ((n * n % 241) ^ (n / 5)) as u8).collect();
    [(70, 45), (64, 32), (9, 17)]
        .into_iter()
        .flat_map(move |(width, height)| {
            let pixels = usize::from(width) * usize::from(height);
            let of = |pixels, sampling| transform(pixels, width, height, 90, sampling).unwrap();
            [
                of(Pixels::Rgb(&rgb[..pixels * 3]), Sampling::Yuv420),
                of(Pixels::Rgb(&rgb[..pixels * 3]), Sampling::Yuv444),
                of(Pixels::Grey(&rgb[..pixels]), Sampling::Yuv420),
            ]
        })
}

/// So many samples that nothing foretells.
pub fn noise(count: usize) -> Vec<u8> {
    let next = |state: &u32| Some(state.wrapping_mul(1_664_525).wrapping_add(1_013_904_223));
    let states = std::iter::successors(next(&1), next);
    states.map(|state| (state >> 24) as u8).take(count).collect()
}

/// The averages and every coefficient of a block that is not zero, a bit for each.
pub fn every(c: &Coefficients, component: usize, block: usize) -> u64 {
    let block = &c.components[component].blocks[block];
    (1..64).filter(|k| block[*k] != 0).fold(1, |all, k| all | 1 << k)
}
