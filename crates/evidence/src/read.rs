use crate::Rendition;
use crate::blocks::{Block, Blocks, SIDE, ZIGZAG};
use crate::filter::filtered;
use crate::lattice::Lattice;
use crate::rendition::{Symbols, Term};
use crate::response::Response;
use crate::tone::Curve;
use accusation::{Soft, WEIGHTINGS};
use registration::{Plane, Warped};

/// Classes of blocks by how busy they are: noise differs much between them.
const CLASSES: usize = 4;
/// Fewer whole blocks than this say nothing.
const LEAST: usize = 8;
/// Blocks around one whose mean residual is taken for slow changes of light and not for symbols.
const NEIGHBOURHOOD: usize = 3;
/// The part of a pattern's energy at a place from which it disturbs what noise there is.
const NOTICEABLE: f32 = 0.05;
/// No chip is believed beyond this.
const LIMIT: f32 = 3.5;

/// Reads a leak that lies on the rendition's grid. Its weightings: all chips and the averages' alone, each with noise as the block's
/// class has it and with noise as the block's own neighbourhood has it; and all chips by the intervals they were quantised to, if they
/// were. `None` if the leak covers too little.
#[must_use]
pub fn read(rendition: &Rendition, leak: &Warped) -> Option<Soft> {
    let plane = rendition.plane();
    let (width, height) = (plane.width(), plane.height());
    if leak.mask.covered.len() != width * height || leak.plane.samples().len() != width * height {
        return None;
    }
    let whole: Vec<bool> = Blocks::means(width, height, |at| f32::from(u8::from(leak.mask.covered[at])))
        .into_iter()
        .map(|share| share > 0.999)
        .collect();
    if whole.iter().filter(|whole| **whole).count() < LEAST {
        return None;
    }

    // What the rendition would look like after the same treatment.
    let curve = Curve::between(plane, leak);
    let toned = Plane::new(
        width,
        height,
        plane.samples().iter().map(|&tone| curve.at(tone)).collect(),
    )?;
    let slopes = Blocks::means(width, height, |at| curve.slope(plane.samples()[at]));
    let model = Blocks::of(&filtered(&toned, leak));
    let toned = Blocks::of(&toned);
    let seen = Blocks::of(&leak.plane);
    let gains = gains(&toned, &seen, &whole);
    let covered = seen
        .values
        .iter()
        .zip(&toned.values)
        .zip(&whole)
        .filter(|(_, whole)| **whole)
        .map(|(pair, _)| pair);
    let lattice = Lattice::of(covered);
    let mut residual = seen.clone();
    let corrections = self::gains(&model, &residual, &whole);
    for (residual, model) in residual.values.iter_mut().zip(&model.values) {
        for ((residual, model), correction) in residual.iter_mut().zip(model).zip(corrections) {
            *residual -= correction * model;
        }
    }
    level(&mut residual, &whole);

    // What noise there is, and what the symbols would add to it.
    let noise = Noise::of(&residual, &toned, &whole);
    let free = free(rendition, residual.values.len());
    let local = noise.local(&residual, &free, &whole);
    let response = Response::of(&residual, &toned, &whole, &free);
    let mut weightings: [Vec<f32>; WEIGHTINGS] = std::array::from_fn(|_| Vec::with_capacity(rendition.symbols().len()));
    for Symbols { block, terms } in rendition.symbols() {
        let block = *block;
        let (mut value, mut average, mut interval) = (0.0, 0.0, 0.0);
        for &Term { place, amplitude } in terms {
            let toned_amplitude = amplitude * slopes[block];
            let middle = toned.values[block][place];
            let [one, zero] = [1.0, -1.0].map(|sign| {
                let changed = sign * toned_amplitude;
                changed * gains[place] + response.at(place, middle + changed)
            });
            let read = residual.values[block][place] - f32::midpoint(one, zero);
            let term = read * (one - zero) / 2.0 / noise.variance[noise.class[block]][place];
            value += term;
            average += if place == 0 { term } else { 0.0 };
            interval += lattice.as_ref().map_or(0.0, |lattice| {
                lattice.read(place, &seen.values[block], toned.values[block][place], toned_amplitude)
            });
        }
        let readings = [value, average, value / local[block], average / local[block], interval];
        for (weighting, value) in weightings.iter_mut().zip(readings) {
            let read = whole[block] && value.is_finite();
            weighting.push(if read { value.clamp(-LIMIT, LIMIT) } else { 0.0 });
        }
    }
    Some(Soft { weightings })
}

/// How much of each frequency is left, by least squares over whole blocks.
fn gains(model: &Blocks, seen: &Blocks, whole: &[bool]) -> Block {
    let (mut products, mut squares) = ([0.0_f64; SIDE * SIDE], [1e-6_f64; SIDE * SIDE]);
    for ((model, seen), _) in model
        .values
        .iter()
        .zip(&seen.values)
        .zip(whole)
        .filter(|(_, whole)| **whole)
    {
        for place in 0..SIDE * SIDE {
            products[place] += f64::from(model[place] * seen[place]);
            squares[place] += f64::from(model[place] * model[place]);
        }
    }
    std::array::from_fn(|place| (products[place] / squares[place]).clamp(0.02, 1.6) as f32)
}

/// Takes the neighbourhood's mean off each block's average.
fn level(residual: &mut Blocks, whole: &[bool]) {
    let averages: Vec<f32> = residual.values.iter().map(|block| block[0]).collect();
    let mean = neighbourhood(residual.wide, residual.high, NEIGHBOURHOOD, |block| {
        whole[block].then_some((averages[block], 1.0))
    });
    for (block, mean) in residual.values.iter_mut().zip(mean) {
        block[0] -= mean;
    }
}

/// For each block the sum of the first number over that of the second, of the blocks up to `reach` away.
fn neighbourhood(wide: usize, high: usize, reach: usize, of: impl Fn(usize) -> Option<(f32, f32)>) -> Vec<f32> {
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

/// For each block at which frequencies no symbol disturbs what noise there is.
fn free(rendition: &Rendition, blocks: usize) -> Vec<[bool; SIDE * SIDE]> {
    let mut free = vec![[true; SIDE * SIDE]; blocks];
    for symbols in rendition.symbols() {
        let energy: f32 = symbols.terms.iter().map(|term| term.amplitude * term.amplitude).sum();
        for term in &symbols.terms {
            free[symbols.block][term.place] &= term.amplitude * term.amplitude < NOTICEABLE * energy;
        }
    }
    free
}

/// The residual's variance at each frequency, for each class of blocks.
struct Noise {
    class: Vec<usize>,
    variance: [Block; CLASSES],
}

impl Noise {
    fn of(residual: &Blocks, model: &Blocks, whole: &[bool]) -> Self {
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
    fn local(&self, residual: &Blocks, free: &[[bool; SIDE * SIDE]], whole: &[bool]) -> Vec<f32> {
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

#[cfg(test)]
mod tests;
