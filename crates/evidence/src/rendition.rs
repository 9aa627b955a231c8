use crate::blocks::{Block, Blocks, SIDE, ZIGZAG};
use crate::quarter::quarter;
use chips::{Chip, Container, webp};
use jpeg::Coefficients;
use registration::Plane;

/// A rendition without anybody's symbols: at every chip it has the value in the middle between the two.
#[derive(Clone, Debug)]
pub struct Rendition {
    plane: Plane,
    symbols: Vec<Symbols>,
}

/// What tells a chip's symbols apart: a pattern in one block of the picture's own grid.
#[derive(Clone, Debug)]
pub(crate) struct Symbols {
    pub block: usize,
    /// The pattern, in the orthonormal transform. A chip on a coefficient has one term.
    pub terms: Vec<Term>,
}

/// A frequency's part in a pattern.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Term {
    /// Place in the block's rows.
    pub place: usize,
    /// Half of what symbol 1 has more than symbol 0.
    pub amplitude: f32,
}

impl Rendition {
    /// Takes a container. `None` if it is damaged.
    #[must_use]
    pub fn of(container: &Container) -> Option<Self> {
        let (picture, chips) = container.inspect().ok()?;
        Self::new(&picture, &chips)
    }

    /// Takes the container of a lossy WebP of at most `max_pixels`, whose files `decode` turns into their luma. `None` if it is
    /// damaged.
    #[must_use]
    pub fn of_webp(
        container: &webp::Container,
        max_pixels: u64,
        decode: impl Fn(&[u8]) -> Option<Plane>,
    ) -> Option<Self> {
        let inspection = container.inspect(max_pixels).ok()?;
        let [zeros, ones] = &inspection.copies;
        Self::between(&decode(zeros)?, &decode(ones)?, &inspection.chips)
    }

    /// Takes the lumas of a WebP with every symbol 0, and with every symbol 1, and its chips. `None` if the lumas are not of one
    /// size, or a chip lies outside.
    fn between(zeros: &Plane, ones: &Plane, chips: &[webp::Chip]) -> Option<Self> {
        let (width, height) = (zeros.width(), zeros.height());
        let pairs = zeros.samples().iter().zip(ones.samples());
        let middle = pairs.map(|(zero, one)| f32::midpoint(*zero, *one)).collect();
        let plane = Plane::new(width, height, middle).filter(|_| (ones.width(), ones.height()) == (width, height))?;
        let (wide, high) = (width.div_ceil(SIDE), height.div_ceil(SIDE));
        let symbols = chips.iter().map(|chip| {
            let seen = chip.column * 4 < width && chip.row * 4 < height;
            // Chips of the padding are in nobody's sight.
            let amplitude = if seen { chip.amplitude } else { 0.0 };
            let shares = quarter(chip.row % 2 * 2 + chip.column % 2, chip.across, chip.down)?;
            let term = |&(place, share): &(usize, f32)| Term {
                place,
                amplitude: amplitude * share,
            };
            Some(Symbols {
                block: (chip.row / 2 * wide + chip.column / 2).min((wide * high).checked_sub(1)?),
                terms: shares.iter().map(term).collect(),
            })
        });
        Some(Self {
            plane,
            symbols: symbols.collect::<Option<_>>()?,
        })
    }

    /// Takes the container of a PNG or a lossless WebP. `None` if it is damaged.
    #[must_use]
    pub fn of_lossless(container: &lossless::Container) -> Option<Self> {
        let (width, height) = container.sides();
        let (width, height) = (usize::try_from(width).ok()?, usize::try_from(height).ok()?);
        let copies = container.inspect().ok()?;
        let [zeros, ones] = copies.map(|samples| luma(container.channels(), &samples));
        let pairs = || zeros.iter().zip(&ones);
        let half = Plane::new(width, height, pairs().map(|(zero, one)| (one - zero) / 2.0).collect())?;
        let patterns = Blocks::of(&half).values;
        let of_block = |(block, pattern): (usize, &Block)| {
            let energy: f32 = pattern.iter().map(|amplitude| amplitude * amplitude).sum();
            let terms = pattern.iter().enumerate();
            let terms = terms.filter(|(_, amplitude)| *amplitude * *amplitude >= NEGLIGIBLE * energy);
            (energy > UNCHANGED).then(|| Symbols {
                block,
                terms: terms.map(|(place, &amplitude)| Term { place, amplitude }).collect(),
            })
        };
        let symbols: Vec<Symbols> = patterns.iter().enumerate().filter_map(of_block).collect();
        if symbols.len() != container.chips() {
            return None;
        }
        let middle = pairs().map(|(zero, one)| f32::midpoint(*zero, *one)).collect();
        Some(Self {
            plane: Plane::new(width, height, middle)?,
            symbols,
        })
    }

    /// Takes a rendition, whatever symbols it has, and its chips. `None` if it has no luma, or a chip lies outside.
    fn new(picture: &Coefficients, chips: &[Chip]) -> Option<Self> {
        let luma = picture.components.first()?;
        let (width, height) = (usize::from(picture.width), usize::from(picture.height));
        let mut blocks = Blocks {
            wide: luma.blocks_wide,
            high: luma.blocks_high,
            values: luma
                .blocks
                .iter()
                .map(|levels| dequantised(levels, &luma.quant))
                .collect(),
        };
        let wide = width.div_ceil(8);
        let mut symbols = Vec::with_capacity(chips.len());
        for &Chip {
            block,
            index,
            low,
            high,
        } in chips
        {
            let step = f32::from(*luma.quant.get(index)?);
            let [zero, one] = [low, high].map(|level| f32::from(level) * step);
            let place = *ZIGZAG.get(index)?;
            blocks.values.get_mut(block)?[place] = f32::midpoint(zero, one) + if index == 0 { MIDDLE } else { 0.0 };
            let (column, row) = (block % luma.blocks_wide, block / luma.blocks_wide);
            // Chips of the padding are in nobody's sight.
            let amplitude = if column < wide && row < height.div_ceil(8) {
                (one - zero) / 2.0
            } else {
                0.0
            };
            let block = (row * wide + column).min((wide * height.div_ceil(8)).checked_sub(1)?);
            symbols.push(Symbols {
                block,
                terms: vec![Term { place, amplitude }],
            });
        }
        Some(Self {
            plane: blocks.plane(width, height)?,
            symbols,
        })
    }

    /// The luma in the middle between all copies: what a leak is registered against.
    #[must_use]
    pub fn plane(&self) -> &Plane {
        &self.plane
    }

    /// How many chips.
    #[must_use]
    pub fn chips(&self) -> usize {
        self.symbols.len()
    }

    /// What each chip's symbols are.
    pub(crate) fn symbols(&self) -> &[Symbols] {
        &self.symbols
    }
}

/// Terms with less than this share of a pattern's squared amplitude are left out.
const NEGLIGIBLE: f32 = 0.01;
/// Squared amplitude of a block that no symbol changes, but for what the transform rounds.
const UNCHANGED: f32 = 1e-3;

/// The luma of samples of 1 to 4 channels (ITU-R BT.601), what is transparent being white.
fn luma(channels: usize, samples: &[u8]) -> Vec<f32> {
    let tone = |pixel: &[u8]| match *pixel {
        [r, g, b, ..] => 0.299 * f32::from(r) + 0.587 * f32::from(g) + 0.114 * f32::from(b),
        [grey, ..] => f32::from(grey),
        [] => 0.0,
    };
    let seen = |pixel: &[u8]| {
        let alpha = pixel.last().filter(|_| channels.is_multiple_of(2)).copied();
        let alpha = f32::from(alpha.unwrap_or(u8::MAX)) / 255.0;
        255.0 + (tone(pixel) - 255.0) * alpha
    };
    samples.chunks_exact(channels.max(1)).map(seen).collect()
}

/// What a file's samples are shifted by before the transform, in a block's average.
const MIDDLE: f32 = 8.0 * 128.0;

fn dequantised(levels: &[i16; 64], steps: &[u16; 64]) -> Block {
    let mut block = [0.0; 64];
    for ((level, step), place) in levels.iter().zip(steps).zip(ZIGZAG) {
        block[place] = f32::from(*level) * f32::from(*step);
    }
    block[0] += MIDDLE;
    block
}
