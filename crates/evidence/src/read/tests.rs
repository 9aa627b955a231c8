//! From a photograph to an accusation, with a simple embedder: what matters here is what can be read.

use super::*;
use crate::Chip;
use accusation::{Rule, Verdict, accuse};
use distortion::{Picture, named};
use fingerprint::{Code, Rendering};
use jpeg::{Coefficients, Pixels, Sampling};
use registration::{Plane, Reference};
use watermark::{MarkKey, Subject};

const QUALITY: u8 = 85;

/// A photograph of the demo at the usual size.
fn photograph(name: &str) -> Picture {
    let path = format!("{}/../../static/photos/{name}.jpg", env!("CARGO_MANIFEST_DIR"));
    let image = image::open(path).unwrap().into_rgb8();
    let picture = Picture::new(image.width() as usize, image.height() as usize, image.into_raw()).unwrap();
    picture.resized(800, 600).unwrap()
}

/// A rendition with its chips, and everybody's copies of it.
struct Marked {
    base: Coefficients,
    /// For each chip its block, its place and the levels of its symbols.
    levels: Vec<(usize, usize, [i16; 2])>,
    code: Code,
    rendition: Rendition,
    reference: Reference,
}

impl Marked {
    fn new(picture: &Picture) -> Self {
        let (width, height) = (picture.width as u16, picture.height as u16);
        let base = jpeg::transform(Pixels::Rgb(&picture.rgb), width, height, QUALITY, Sampling::Yuv420).unwrap();
        let luma = &base.components[0];
        let mut levels = Vec::new();
        for (at, block) in luma.blocks.iter().enumerate() {
            let (column, row) = (at % luma.blocks_wide, at / luma.blocks_wide);
            if column >= picture.width / SIDE || row >= picture.height / SIDE {
                continue;
            }
            if (column + row) % 2 == 0 {
                levels.push((at, 0, [block[0], block[0] + 1]));
            }
            // Busy blocks hide more.
            let busy: i32 = block[1..].iter().map(|level| i32::from(level.abs())).sum();
            let zeros = (1..15)
                .filter(|&place| block[place] == 0)
                .map(|place| (at, place, [-1, 1]));
            let large = (1..15).filter(|&place| block[place].abs() >= 2).map(|place| {
                let level = block[place];
                (at, place, [level, level + level.signum()])
            });
            levels.extend(zeros.take((busy / 20).min(2) as usize).chain(large.take(2)));
        }
        let code = Code::new(
            &MarkKey::new([7; 32]),
            &Rendering {
                original: &[1; 32],
                operations: "_",
                format: "jpeg",
                quality: QUALITY,
                encoder: 1,
            }
            .variant(),
        );
        let chips: Vec<Chip> = levels
            .iter()
            .map(|&(block, index, levels)| Chip { block, index, levels })
            .collect();
        let rendition = Rendition::new(&base, &chips).unwrap();
        let reference = Reference::new(rendition.plane().clone());
        Self {
            base,
            levels,
            code,
            rendition,
            reference,
        }
    }

    /// The file that a client gets, as pixels.
    fn copy(&self, client: &Subject) -> Picture {
        let recipe = self.code.recipe(self.levels.len());
        let symbols = self.code.codeword(&recipe, client, &[9; 8]);
        let mut coefficients = self.base.clone();
        for (&(block, place, levels), symbol) in self.levels.iter().zip(symbols) {
            coefficients.components[0].blocks[block][place] = levels[usize::from(symbol)];
        }
        decoded(&coefficients)
    }

    fn search(&self, leak: &Picture, everybody: &[Subject]) -> Option<Verdict> {
        let leak = plane(leak);
        let registration = self.reference.register(&leak)?;
        let soft = read(&self.rendition, &self.reference.align(&leak, &registration)?)?;
        let recipe = self.code.recipe(self.levels.len());
        Some(accuse(
            &self.code,
            &recipe,
            &soft,
            everybody,
            &Rule::new(1_000_000, 1),
            &|_| (),
        ))
    }
}

fn decoded(coefficients: &Coefficients) -> Picture {
    let file = jpeg::encode(coefficients).unwrap();
    let image = image::load_from_memory(&file).unwrap().into_rgb8();
    Picture::new(image.width() as usize, image.height() as usize, image.into_raw()).unwrap()
}

fn plane(picture: &Picture) -> Plane {
    Plane::from_rgb(picture.width, picture.height, &picture.rgb).unwrap()
}

fn clients() -> Vec<Subject> {
    (0..300)
        .map(|client| Subject::of(&format!("client {client}")))
        .collect()
}

/// Who the leaks of client 7 accuse, after each distortion.
fn accused_after(photo: &str, distortions: &[&str]) {
    let everybody = clients();
    let marked = Marked::new(&photograph(photo));
    let copy = marked.copy(&everybody[7]);
    for name in distortions {
        let leak = named(name).unwrap().apply(&copy).unwrap();
        let verdict = marked.search(&leak, &everybody).unwrap();
        let accused: Vec<usize> = verdict.accused.iter().map(|accused| accused.subject).collect();
        assert_eq!(accused, [7], "{photo} {name}: {verdict:?}");
    }
}

#[test]
fn distorted_leaks_name_their_client() {
    accused_after("casa-mila", &["jpeg50", "rot5_crop_j75", "gamma0.7"]);
    accused_after("oakland-zoo-otters", &["crop90", "resize25", "screenshot_page"]);
}

#[test]
fn a_coalition_is_named_and_nobody_else() {
    let everybody = clients();
    let marked = Marked::new(&photograph("oakland-zoo-otters"));
    let copies: Vec<Picture> = [3, 50, 200]
        .iter()
        .map(|&client| marked.copy(&everybody[client]))
        .collect();
    let mix = |sample: fn([u8; 3]) -> u8| {
        let rgb = (0..copies[0].rgb.len()).map(|at| sample(std::array::from_fn(|copy| copies[copy].rgb[at])));
        Picture::new(copies[0].width, copies[0].height, rgb.collect()).unwrap()
    };
    let average = mix(|[a, b, c]| ((u16::from(a) + u16::from(b) + u16::from(c)) / 3) as u8);
    let median = mix(|[a, b, c]| a.max(b).min(a.min(b).max(c)));
    for (name, leak) in [("average", average), ("median", median)] {
        let recompressed = named("jpeg75").unwrap().apply(&leak).unwrap();
        let verdict = marked.search(&recompressed, &everybody).unwrap();
        let mut accused: Vec<usize> = verdict.accused.iter().map(|accused| accused.subject).collect();
        accused.sort_unstable();
        assert_eq!(accused, [3, 50, 200], "{name}: {verdict:?}");
    }
}

#[test]
fn nobody_is_accused_of_what_nobody_leaked() {
    let everybody = clients();
    let photo = photograph("casa-mila");
    let marked = Marked::new(&photo);
    let unmarked = decoded(&marked.base);
    let other = photograph("oakland-zoo-otters");
    for leak in [
        &photo,
        &unmarked,
        &named("jpeg50").unwrap().apply(&unmarked).unwrap(),
        &other,
    ] {
        if let Some(verdict) = marked.search(leak, &everybody) {
            assert_eq!(verdict.accused, []);
        }
    }
}
