use crate::Rendition;
use crate::blocks::{Block, Blocks, SIDE};
use crate::filter::filtered;
use crate::lattice::Lattice;
use crate::noise::{Noise, neighbourhood};
use crate::reduced::reduced;
use crate::rendition::{Symbols, Term};
use crate::response::Response;
use crate::tone::Curve;
use crate::webp::{self, Coded};
use accusation::{Soft, WEIGHTINGS};
use registration::{Plane, Warped};

/// Fewer whole blocks than this say nothing.
const LEAST: usize = 8;
/// Blocks around one whose mean residual is taken for slow changes of light and not for symbols.
const NEIGHBOURHOOD: usize = 3;
/// The part of a pattern's energy at a place from which it disturbs what noise there is.
const NOTICEABLE: f32 = 0.05;
/// No chip is believed beyond this.
const LIMIT: f32 = 3.5;

/// Reads a leak that lies on the rendition's grid. Its weightings: all chips and the averages' alone, each with noise as the block's
/// class has it and with noise as the block's own neighbourhood has it; all chips by the intervals they were quantised to, if they
/// were, which `file` may tell; and all chips in the leak's own pixels, if those are much larger. `None` if the leak covers too little.
#[must_use]
pub fn read(rendition: &Rendition, leak: &Warped, file: Option<&Coded>) -> Option<Soft> {
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
    let reduced = leak.source.as_ref().and_then(|(leak, map)| reduced(&toned, leak, map));
    let coded = file
        .zip(leak.source.as_ref())
        .and_then(|(file, source)| webp::read(file, source, &toned, rendition.symbols(), &slopes));
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
    for (chip, Symbols { block, terms }) in rendition.symbols().iter().enumerate() {
        let block = *block;
        let (mut value, mut average, mut interval, mut own) = (0.0, 0.0, 0.0, 0.0);
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
            own += reduced
                .as_ref()
                .map_or(0.0, |reduced| reduced.values[block][place] * toned_amplitude);
            interval += lattice.as_ref().map_or(0.0, |lattice| {
                lattice.read(place, &seen.values[block], toned.values[block][place], toned_amplitude)
            });
        }
        if let Some(coded) = &coded {
            interval = coded[chip];
        }
        let readings = [
            value,
            average,
            value / local[block],
            average / local[block],
            interval,
            own,
        ];
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

#[cfg(test)]
mod tests;
