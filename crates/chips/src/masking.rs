//! How much change each block hides: contrast masking by its own texture and its neighbours', and luminance masking.
//!
//! After Watson, "DCT quantization matrices visually optimized for individual images" (SPIE 1913, 1993). Only square roots are
//! taken, so that every machine finds the same numbers.

use jpeg::Component;

#[expect(clippy::approx_constant, reason = "6.28 is measured, not calculated")]
/// Amplitudes in DCT units that are just visible on grey, in zigzag order (Peterson, Ahumada and Watson 1993).
pub(crate) const VISIBLE: [f32; 64] = [
    1.4, 1.01, 1.01, 1.16, 1.45, 1.16, 1.66, 1.32, 1.32, 1.66, 2.4, 1.52, 2.24, 1.52, 2.4, 3.43, 2.0, 2.59, 2.59, 2.0,
    3.43, 4.79, 2.71, 2.98, 3.77, 2.98, 2.71, 4.79, 6.56, 3.67, 3.64, 4.55, 4.55, 3.64, 3.67, 6.56, 4.93, 4.6, 5.3,
    6.15, 5.3, 4.6, 4.93, 5.88, 6.28, 7.46, 7.46, 6.28, 5.88, 7.6, 8.71, 9.62, 8.71, 7.6, 10.17, 11.58, 11.58, 10.17,
    13.51, 14.5, 13.51, 17.29, 17.29, 21.15,
];

/// Blocks whose average is outside are left alone: what a chip adds there would be clipped away, or stand out.
const UNCLIPPED: std::ops::RangeInclusive<f32> = 10.0..=245.0;

/// What one block hides.
#[derive(Debug, Clone, Copy, PartialEq)]
pub(crate) struct Masking {
    /// Texture, in units of what is just visible; a block beside a smooth one counts little more than that.
    pub texture: f32,
    /// Visibility of an error that is masked, relative to one on flat grey: what a budget is multiplied with.
    pub tolerance: f32,
}

/// The masking of every block of luma, in eighths of DCT units; `None` where nothing may change, and where a block only pads
/// a picture of these sides.
pub(crate) fn masking(luma: &Component, (width, height): (u16, u16)) -> Vec<Option<Masking>> {
    let texture: Vec<f32> = luma.blocks.iter().map(texture).collect();
    let (wide, high) = (luma.blocks_wide, luma.blocks_high);
    let calmest = window(&texture, wide, high, |around| {
        around.iter().flatten().copied().fold(f32::MAX, f32::min)
    });
    let limited: Vec<f32> = texture
        .iter()
        .zip(calmest)
        .map(|(own, calmest)| own.min(calmest * 2.5))
        .collect();
    // A Gaussian of sigma 0.7 blocks: exp(-1 / (2 * 0.7^2)) = 0.36 one block away.
    let smooth = window(&limited, wide, high, |around| {
        let row = |r: &[f32; 3]| 0.209 * (r[0] + r[2]) + 0.582 * r[1];
        0.209 * (row(&around[0]) + row(&around[2])) + 0.582 * row(&around[1])
    });
    let seen = |number: usize| number % wide * 8 < usize::from(width) && number / wide * 8 < usize::from(height);
    let blocks = luma.blocks.iter().zip(smooth).enumerate();
    let masking = blocks.map(|(number, (block, texture))| {
        let average = f32::from(block[0]) / 64.0 + 128.0;
        if seen(number) { of_block(average, texture) } else { None }
    });
    masking.collect()
}

fn of_block(average: f32, texture: f32) -> Option<Masking> {
    if !UNCLIPPED.contains(&average) {
        return None;
    }
    // Weber's law, roughly: the power 3/8 of the luminance, and no hiding in noise-free shadows.
    let fourth = (average / 128.0).sqrt().sqrt();
    let luminance = fourth * fourth.sqrt() + (40.0 - average).max(0.0) / 60.0;
    Some(Masking {
        texture,
        tolerance: (1.0 + 1.6 * texture.sqrt() * texture.sqrt().sqrt()) * luminance,
    })
}

/// The root mean square of a block's AC coefficients, each in units of what is just visible.
fn texture(block: &[i16; 64]) -> f32 {
    let mut sums = [0.0; 8];
    for (values, visible) in block.as_chunks::<8>().0.iter().zip(VISIBLE.as_chunks::<8>().0) {
        for ((sum, &value), visible) in sums.iter_mut().zip(values).zip(visible) {
            let relative = f32::from(value) / (8.0 * visible);
            *sum += relative * relative;
        }
    }
    let average = f32::from(block[0]) / (8.0 * VISIBLE[0]);
    ((sums.iter().sum::<f32>() - average * average).max(0.0) / 63.0).sqrt()
}

/// Maps each value with its eight neighbours; beyond the edge the edge's values repeat.
fn window(values: &[f32], wide: usize, high: usize, map: impl Fn(&[[f32; 3]; 3]) -> f32) -> Vec<f32> {
    let at = |x: usize, y: usize| values.get(y.min(high.saturating_sub(1)) * wide + x.min(wide.saturating_sub(1)));
    let around = |x: usize, y: usize| {
        [0, 1, 2].map(|dy: usize| {
            [0, 1, 2].map(|dx: usize| {
                at((x + dx).saturating_sub(1), (y + dy).saturating_sub(1))
                    .copied()
                    .unwrap_or(0.0)
            })
        })
    };
    let places = (0..high).flat_map(|y| (0..wide).map(move |x| (x, y)));
    places.map(|(x, y)| map(&around(x, y))).collect()
}
