//! The colours of a GIF: at most half of what it can have, because each stands in its table twice.

use std::collections::BTreeSet;

use color_quant::NeuQuant;

use crate::raster::Raster;

/// Each of them once with an even and once with an odd blue; two more entries are left, one of them for what is transparent.
const MOST: usize = 127;
/// Stands for a transparent pixel in what [`Palette::map`] gives.
pub(super) const CLEAR: u8 = 255;
/// From this alpha on a pixel is opaque.
const OPAQUE: u8 = 128;
/// A distance that is seen: ten levels of each channel.
const FAR: u32 = 9 * 10 * 10;
/// Pixels that the colours of a busy picture are learned from, at most, and how few of them are looked at.
const SAMPLES: usize = 1 << 15;
const SAMPLE_FACTOR: i32 = 3;
/// Remembered colours: a direct-mapped table.
const REMEMBERED: usize = 1 << 12;
/// The 8 x 8 matrix of ordered dithering (Bayer 1973). It stands still, so that what does not move stays the same from frame to
/// frame.
const BAYER: [[u8; 8]; 8] = [
    [0, 32, 8, 40, 2, 34, 10, 42],
    [48, 16, 56, 24, 50, 18, 58, 26],
    [12, 44, 4, 36, 14, 46, 6, 38],
    [60, 28, 52, 20, 62, 30, 54, 22],
    [3, 35, 11, 43, 1, 33, 9, 41],
    [51, 19, 59, 27, 49, 17, 57, 25],
    [15, 47, 7, 39, 13, 45, 5, 37],
    [63, 31, 55, 23, 61, 29, 53, 21],
];

/// Colours with an even blue.
pub(super) struct Palette {
    colours: Vec<[u8; 3]>,
    /// Colour in the upper 24 bits, its nearest one's number in the lower eight.
    known: Vec<u32>,
    /// How far apart the colours are: what dithering has to bridge.
    spacing: i32,
    /// How they fit the picture that they were chosen for; none where they are all of its colours.
    fit: Option<Fit>,
}

/// How colours fit a picture.
#[derive(Clone, Copy)]
struct Fit {
    /// Mean distance of its pixels.
    mean: u64,
    /// Pixels in 1024 that are [`FAR`] from their colour: something small that has quite another one.
    far: u64,
}

impl Palette {
    /// The colours of an RGBA picture: all of them, or 127 that are near.
    pub fn of(picture: &Raster) -> Self {
        let all = all(picture);
        let few = all.is_some();
        let mut palette = Self {
            spacing: 0,
            colours: all.unwrap_or_else(|| learned(picture)),
            known: Vec::new(),
            fit: None,
        };
        palette.forget();
        if !few {
            palette.fit = Some(palette.fit_of(picture));
        }
        palette
    }

    /// Whether the colours do for another picture, too; those of few become more if there is room. Entries stay what they were.
    pub fn suits(&mut self, picture: &Raster) -> bool {
        if let Some(own) = self.fit {
            let fit = self.fit_of(picture);
            return fit.mean <= 2 * own.mean + 24 && fit.far <= own.far + 2;
        }
        let Some(mut more) = all(picture) else { return false };
        more.retain(|colour| !self.colours.contains(colour));
        let room = self.colours.len() + more.len() <= MOST;
        if room && !more.is_empty() {
            self.colours.append(&mut more);
            self.forget();
        }
        room
    }

    /// What follows from the colours.
    fn forget(&mut self) {
        self.spacing = spacing(&self.colours);
        self.known = vec![u32::MAX; REMEMBERED];
    }

    /// The table: red, green and blue of each entry. Entry `2n` is a colour with an even blue, `2n + 1` the one beside it; the
    /// last is for what is transparent.
    pub fn table(&self) -> Vec<u8> {
        let pairs = self
            .colours
            .iter()
            .flat_map(|[red, green, blue]| [*red, *green, *blue, *red, *green, *blue | 1]);
        pairs.chain([0; 3]).collect()
    }

    /// Entries of an RGBA picture's pixels; [`CLEAR`] for transparent ones.
    pub fn map(&mut self, picture: &Raster) -> Vec<u8> {
        let width = (picture.width as usize).max(1);
        let pixels = picture.samples.as_chunks::<4>().0;
        let mut entries = Vec::with_capacity(pixels.len());
        for (row, matrix) in pixels.chunks(width).zip(BAYER.iter().cycle()) {
            for ([red, green, blue, alpha], step) in row.iter().zip(matrix.iter().cycle()) {
                entries.push(if *alpha < OPAQUE {
                    CLEAR
                } else {
                    self.entry([*red, *green, *blue], *step)
                });
            }
        }
        entries
    }

    /// A colour that is there keeps its blue; any other becomes one of those around it, by its place.
    fn entry(&mut self, colour: [u8; 3], step: u8) -> u8 {
        let (number, distance) = self.nearest(colour);
        if distance == 0 {
            return number * 2 + (colour[2] & 1);
        }
        let offset = (2 * i32::from(step) - 63) * self.spacing / 128;
        let moved = colour.map(|sample| (i32::from(sample) + offset).clamp(0, 255) as u8);
        self.nearest(moved).0 * 2
    }

    /// The nearest colour's number, and how far it is.
    fn nearest(&mut self, [red, green, blue]: [u8; 3]) -> (u8, u32) {
        let colour = [red, green, blue & !1];
        let key = u32::from_be_bytes([0, red, green, blue & !1]);
        // Fibonacci hashing (Knuth, volume 3, section 6.4).
        let slot = key.wrapping_mul(0x9E37_79B9) >> 20;
        let number = match self.known.get(slot as usize) {
            Some(known) if known >> 8 == key => known.to_le_bytes()[0],
            _ => {
                let numbered = (0u8..).zip(&self.colours);
                let nearest = numbered.min_by_key(|(_, other)| distance(colour, **other));
                let number = nearest.map_or(0, |(number, _)| number);
                if let Some(known) = self.known.get_mut(slot as usize) {
                    *known = key << 8 | u32::from(number);
                }
                number
            }
        };
        let found = self.colours.get(usize::from(number));
        (number, found.map_or(0, |found| distance(colour, *found)))
    }

    /// Looks at every few pixels.
    fn fit_of(&mut self, picture: &Raster) -> Fit {
        let (mut sum, mut far, mut count) = (0, 0, 0);
        for colour in samples(picture) {
            let distance = self.nearest(colour).1;
            sum += u64::from(distance);
            far += u64::from(distance > FAR);
            count += 1;
        }
        let count = u64::max(count, 1);
        Fit {
            mean: sum / count,
            far: far * 1024 / count,
        }
    }
}

/// The colours, if they are few enough.
fn all(picture: &Raster) -> Option<Vec<[u8; 3]>> {
    let mut colours = BTreeSet::new();
    let mut last = None;
    for [red, green, blue, alpha] in picture.samples.as_chunks::<4>().0 {
        let colour = [*red, *green, *blue & !1];
        if *alpha >= OPAQUE && last.replace(colour) != Some(colour) && colours.insert(colour) && colours.len() > MOST {
            return None;
        }
    }
    // A table has one colour at least.
    colours.extend(colours.is_empty().then_some([0; 3]));
    Some(colours.into_iter().collect())
}

/// Colours near those of the picture.
fn learned(picture: &Raster) -> Vec<[u8; 3]> {
    let samples: Vec<u8> = samples(picture)
        .flat_map(|[red, green, blue]| [red, green, blue, 255])
        .collect();
    let map = NeuQuant::new(SAMPLE_FACTOR, MOST, &samples).color_map_rgb();
    let colours: BTreeSet<[u8; 3]> = map
        .as_chunks()
        .0
        .iter()
        .map(|[red, green, blue]| [*red, *green, *blue & !1])
        .collect();
    colours.into_iter().collect()
}

/// Opaque pixels from everywhere in a picture.
fn samples(picture: &Raster) -> impl Iterator<Item = [u8; 3]> {
    let pixels = picture.samples.as_chunks::<4>().0;
    // An odd step does not stay in one column.
    let step = pixels.len().div_ceil(SAMPLES) | 1;
    let opaque = pixels.iter().step_by(step).filter(|[.., alpha]| *alpha >= OPAQUE);
    opaque.map(|[red, green, blue, _]| [*red, *green, *blue])
}

/// Mean distance of a colour from the next, in levels of a channel.
fn spacing(colours: &[[u8; 3]]) -> i32 {
    let next = |colour: &[u8; 3]| {
        let others = colours.iter().filter(|other| *other != colour);
        others.map(|other| distance(*colour, *other)).min().unwrap_or(0)
    };
    let sum: f64 = colours.iter().map(|colour| f64::from(next(colour)).sqrt()).sum();
    // Nine is the sum of the weights; a spacing is at most 255.
    (sum / 3.0 / colours.len().max(1) as f64) as i32
}

/// Squared, weighted by what the eye makes of the channels.
fn distance(one: [u8; 3], other: [u8; 3]) -> u32 {
    let [red, green, blue] = [0, 1, 2].map(|n: usize| u32::from(one[n].abs_diff(other[n])).pow(2));
    2 * red + 5 * green + 2 * blue
}
