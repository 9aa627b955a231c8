//! What noise there is.

use crate::blocks::{Block, Blocks, SIDE, ZIGZAG};

/// Classes of blocks by how busy they are: noise differs much between them.
const CLASSES: usize = 4;
/// Fewer values than this say nothing.
const LEAST: usize = 8;

/// The residual's variance at each frequency, for each class of blocks.
pub(crate) struct Noise {
    /// Of each block.
    pub class: Vec<usize>,
    /// Of each class.
    pub variance: [Block; CLASSES],
}

impl Noise {
    /// Looks at whole blocks; how busy they are, `model` says.
    pub fn of(residual: &Blocks, model: &Blocks, whole: &[bool]) -> Self {
        let activity: Vec<f32> = model
            .values
            .iter()
            .map(|block| block[1..].iter().map(|value| value * value).sum::<f32>())
            .collect();
        let mut sorted: Vec<f32> = activity
            .iter()
            .zip(whole)
            .filter(|(_, whole)| **whole)
            .map(|(a, _)| *a)
            .collect();
        sorted.sort_by(f32::total_cmp);
        let quantiles: Vec<f32> = (1..CLASSES)
            .filter_map(|class| sorted.get(sorted.len() * class / CLASSES).copied())
            .collect();
        let class: Vec<usize> = activity
            .iter()
            .map(|activity| quantiles.partition_point(|quantile| quantile <= activity))
            .collect();
        let variance = std::array::from_fn(|wanted| {
            let blocks: Vec<&Block> = residual
                .values
                .iter()
                .enumerate()
                .filter(|&(at, _)| whole[at] && class[at] == wanted)
                .map(|(_, block)| block)
                .collect();
            std::array::from_fn(|place| variance(blocks.iter().map(|block| block[place])))
        });
        Self { class, variance }
    }

    /// How much greater the noise around each block is than in its class, by the coefficients that no chip uses.
    pub fn local(&self, residual: &Blocks, free: &[[bool; SIDE * SIDE]], whole: &[bool]) -> Vec<f32> {
        let sums: Vec<(f32, f32)> = residual
            .values
            .iter()
            .enumerate()
            .map(|(at, block)| {
                let variance = &self.variance[self.class[at]];
                let used = ZIGZAG[1..22].iter().filter(|&&place| free[at][place]);
                used.fold((0.0, 0.0), |(sum, count), &place| {
                    (
                        sum + (block[place] * block[place] / variance[place]).min(50.0),
                        count + 1.0,
                    )
                })
            })
            .collect();
        neighbourhood(residual.wide, residual.high, 1, |block| {
            whole[block].then_some(sums[block])
        })
        .into_iter()
        .map(|factor| factor.clamp(0.4, 25.0))
        .collect()
    }
}

/// For each block the sum of the first number over that of the second, of the blocks up to `reach` away.
pub(crate) fn neighbourhood(
    wide: usize,
    high: usize,
    reach: usize,
    of: impl Fn(usize) -> Option<(f32, f32)>,
) -> Vec<f32> {
    (0..wide * high)
        .map(|at| {
            let (column, row) = (at % wide, at / wide);
            let (mut sum, mut count) = (0.0, 1e-6);
            for y in row.saturating_sub(reach)..=(row + reach).min(high - 1) {
                for x in column.saturating_sub(reach)..=(column + reach).min(wide - 1) {
                    if let Some((value, weight)) = of(y * wide + x) {
                        sum += value;
                        count += weight;
                    }
                }
            }
            sum / count
        })
        .collect()
}

/// A variance that outliers do not make much greater: the mean square, at most three times what the median says.
fn variance(values: impl Iterator<Item = f32>) -> f32 {
    let mut values: Vec<f32> = values.map(f32::abs).collect();
    if values.len() < LEAST {
        return 1.0;
    }
    let mean = values.iter().map(|value| value.min(60.0).powi(2)).sum::<f32>() / values.len() as f32;
    let middle = values.len() / 2;
    let (_, median, _) = values.select_nth_unstable_by(middle, f32::total_cmp);
    mean.min((1.4826 * *median + 0.3).powi(2) * 3.0) + 0.05
}
