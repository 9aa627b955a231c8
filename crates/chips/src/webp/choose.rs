//! Which levels of a WebP become chips: where texture hides them, as few as suffice.

use vp8::{Free, Place, Plan, Texture};

/// Zigzag indexes that may hold a chip: the lowest, which survive.
const INDEXES: [usize; 5] = [1, 2, 3, 4, 5];
/// Places of these indexes in a block's rows.
const RASTER: [usize; 5] = [1, 4, 8, 5, 2];
/// What is left of a unit of their squared amplitude after JPEG of quality 30, in variances of its noise: the spectrum of each in
/// blocks of 8x8, over the variance of requantisation (a twelfth of the squared step, and 0.3).
const SURVIVING: [f32; 5] = [0.0222, 0.0192, 0.0092, 0.0103, 0.0057];
/// Amplitudes just visible on grey, of an orthonormal transform (as for blocks of 8x8 at twice the frequency).
const VISIBLE: [f32; 5] = [1.16, 1.16, 2.0, 1.52, 2.0];
/// Visible distortion of a block that one chip may add, in units of what is just visible on flat grey, before masking.
const MOST_VISIBLE: f32 = 3.2;
/// Mean squared error of red, green and blue that all chips together make, where they suffice and at most: 51.1 dB and 50.4 dB.
const USUAL_ERROR: f32 = 0.5;
const MOST_ERROR: f32 = 0.6;
/// Chips that suffice.
const ENOUGH: f32 = 1700.0;
/// How many places a plan should have, of which the best are taken, and how many for each that the error allows.
const PLACES: f32 = 2500.0;
const PLACES_EACH: f32 = 2.5;
/// The part of the signs that is not given up for an odd interval.
const KEPT: f32 = 0.75;
/// The part of the file's bits that chips may add.
const MOST_BITS: f32 = 0.016;
/// Bits that a sign and its level take where others follow, and more for each place that the block grows.
const BITS: f32 = 3.0;
const BITS_OF_GROWTH: f32 = 1.4;
/// Chips in a block, at most.
const PER_BLOCK: usize = 3;
/// Chips in a picture, at most.
const PER_PICTURE: usize = 1 << 17;
/// WebP's luma is 219 of 255 of the full range; squared, with what is left of it in red, green and blue.
const FULL_RANGE: f32 = 255.0 / 219.0;
/// Largest weight that one chip has in a score.
const CLIP: f32 = 2.5;

/// The chips of a picture in coding order, and the score that the detector can expect after a recompression at quality 30.
#[derive(Debug, Default)]
pub(super) struct Choice {
    pub places: Vec<Place>,
    pub score: f32,
}

struct Candidate {
    place: Place,
    /// What the score gains, in squared standard deviations, before it is divided by what comes with it.
    mean: f32,
    /// Squared error that is to be expected, in orthonormal units of the full range.
    error: f32,
    bits: f32,
    rank: f32,
}

/// How many places for symbols a picture should have.
pub(super) fn places(width: u16, height: u16, quality: u8) -> usize {
    let step = orthonormal(vp8::step(quality));
    let affordable = MOST_ERROR * f32::from(width) * f32::from(height) / (step * step);
    (affordable * PLACES_EACH).min(PLACES) as usize
}

/// A quantisation step in units of an orthonormal transform of full-range luma.
fn orthonormal(step: u16) -> f32 {
    f32::from(step) / 2.0 * FULL_RANGE
}

/// Chooses chips. `dither` has random bytes for every block, and `bits` is what the picture takes without them.
pub(super) fn choose(plan: &Plan, dither: &[u8], bits: f32) -> Choice {
    let textures = Textures::new(plan);
    let step = orthonormal(plan.step());
    let mut candidates = Vec::new();
    for (free, random) in plan.free().zip(dither.iter().cycle()) {
        if let Some(tolerance) = textures.tolerance(free.macroblock, free.block) {
            of_block(&free, tolerance, step, *random, &mut candidates);
        }
    }
    candidates.sort_unstable_by(|a, b| b.rank.total_cmp(&a.rank).then(a.place.cmp(&b.place)));

    let (width, height) = plan.sides();
    let pixels = f32::from(width) * f32::from(height);
    let (mut spent_error, mut spent_bits, mut kept) = (0.0, 0.0, 0.0);
    let mut taken = Vec::new();
    for candidate in candidates {
        let most = if kept < ENOUGH { MOST_ERROR } else { USUAL_ERROR };
        let within = spent_error + candidate.error <= most * pixels && taken.len() < PER_PICTURE;
        if within && spent_bits + candidate.bits <= bits * MOST_BITS {
            spent_error += candidate.error;
            spent_bits += candidate.bits;
            kept += if candidate.bits > 0.0 { KEPT } else { 1.0 };
            taken.push(candidate);
        }
    }
    taken.sort_unstable_by_key(|candidate| candidate.place);
    Choice {
        score: score(&taken),
        places: taken.iter().map(|candidate| candidate.place).collect(),
    }
}

/// The score, in standard deviations of an innocent's, after a recompression at quality 30.
fn score(taken: &[Candidate]) -> f32 {
    let (mut signal, mut noise) = (0.0, 1e-6_f32);
    for Candidate { mean, .. } in taken {
        signal += mean;
        noise += (mean + mean * mean).min(CLIP * CLIP);
    }
    signal / noise.sqrt()
}

/// Adds the best few of a block's levels that can hold a symbol.
fn of_block(free: &Free<'_>, tolerance: f32, step: f32, random: u8, candidates: &mut Vec<Candidate>) {
    let end = free
        .levels
        .iter()
        .rposition(|level| *level != 0)
        .map_or(1, |last| last + 1);
    let mut found: [Option<Candidate>; INDEXES.len()] = Default::default();
    for (lane, index) in INDEXES.into_iter().enumerate() {
        let (Some(level), Some(exact)) = (free.levels.get(index), free.exact.get(RASTER[lane])) else {
            continue;
        };
        // In steps: half the distance of the two levels, how far the true value is from their middle, the squared error
        // against what was planned.
        let value = f32::from(*exact) * FULL_RANGE / (2.0 * step);
        let (half, off, error, bits) = match level.unsigned_abs() {
            0 => {
                let growth = (index + 1).saturating_sub(end) as f32;
                (1.0, value, KEPT, BITS + BITS_OF_GROWTH * growth)
            }
            3 | 4 => (0.5, value.abs() - 3.5, 0.5, 0.0),
            _ => continue,
        };
        let amplitude = half * step;
        let visible = amplitude / VISIBLE[lane];
        if visible > MOST_VISIBLE * tolerance {
            continue;
        }
        let masked = visible / tolerance;
        let mean = (amplitude * amplitude * SURVIVING[lane]).min(CLIP);
        // Random within a factor of two, so that nobody knows where chips are.
        let chance = 0.7 + f32::from(random.rotate_left(lane as u32 * 3)) / 365.0;
        let distortion = (0.3 + masked * masked) * (half * half + off * off) * (4.0 + bits);
        found[lane] = Some(Candidate {
            place: Place {
                macroblock: free.macroblock,
                block: free.block,
                index,
            },
            mean,
            error: error * step * step,
            bits,
            rank: chance * mean / ((1.0 + mean) * distortion),
        });
    }
    found.sort_by(|a, b| rank(b).total_cmp(&rank(a)));
    candidates.extend(found.into_iter().flatten().take(PER_BLOCK));
}

fn rank(candidate: &Option<Candidate>) -> f32 {
    candidate.as_ref().map_or(0.0, |candidate| candidate.rank)
}

/// The source's texture in blocks of 4x4, row by row.
struct Textures {
    columns: usize,
    wide: usize,
    high: usize,
    blocks: Vec<Texture>,
}

impl Textures {
    fn new(plan: &Plan) -> Self {
        let columns = plan.columns();
        let (wide, high) = (columns * 4, plan.textures().len() / columns.max(1) * 4);
        let mut blocks = vec![Texture::default(); wide * high];
        for (number, own) in plan.textures().iter().enumerate() {
            for (line, textures) in own.as_chunks::<4>().0.iter().enumerate() {
                let at = (number / columns * 4 + line) * wide + number % columns * 4;
                if let Some(place) = blocks.get_mut(at..at + 4) {
                    place.copy_from_slice(textures);
                }
            }
        }
        Self {
            columns,
            wide,
            high,
            blocks,
        }
    }

    /// Visibility of a masked error in a block relative to one on flat grey; `None` where nothing may change.
    fn tolerance(&self, macroblock: usize, block: usize) -> Option<f32> {
        let x = macroblock % self.columns * 4 + block % 4;
        let y = macroblock / self.columns * 4 + block / 4;
        let own = self.at(x, y)?;
        // Nearly black or white, where what a chip adds would be clipped away or stand out.
        if !(25..=226).contains(&own.mean) {
            return None;
        }
        let mut calmest = own.deviation;
        let (mut sum, mut count) = (0_u32, 0_u32);
        for y in y.saturating_sub(1)..(y + 2).min(self.high) {
            for x in x.saturating_sub(1)..(x + 2).min(self.wide) {
                let deviation = self.at(x, y)?.deviation;
                calmest = calmest.min(deviation);
                sum += u32::from(deviation);
                count += 1;
            }
        }
        let around = sum as f32 / count.max(1) as f32;
        // In standard deviations of grey levels: 1.25 of the mean distance.
        let texture = around.min(f32::from(calmest) * 2.5) / 4.0 * 1.25 * FULL_RANGE;
        let average = (f32::from(own.mean) - 16.0) * FULL_RANGE;
        let fourth = (average / 128.0).sqrt().sqrt();
        let luminance = fourth * fourth.sqrt() + (40.0 - average).max(0.0) / 60.0;
        Some((1.0 + 0.73 * texture.sqrt() * texture.sqrt().sqrt()) * luminance)
    }

    fn at(&self, x: usize, y: usize) -> Option<Texture> {
        self.blocks.get(y * self.wide + x).copied()
    }
}
