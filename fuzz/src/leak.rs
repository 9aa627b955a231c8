//! A leaked file, held against a rendition: decoded, registered, read and scored. Whatever it shows, nobody is accused by it who is
//! not in it.

use crate::budget;
use accusation::{Rule, accuse};
use evidence::{Coded, Rendition};
use fingerprint::Code;
use imaging::{Budget, OutputFormat};
use registration::{Plane, Reference, Sketch};
use std::sync::LazyLock;
use watermark::{MarkKey, Subject};

/// What leaks are held against.
struct Candidate {
    rendition: Rendition,
    reference: Reference,
    sketch: Sketch,
    code: Code,
}

/// The seed that every other is a leak of.
const ORIGINAL: &[u8] = include_bytes!("../seeds/leak/original.jpg");
/// More pixels say nothing new, and take long.
const LARGEST: usize = 1 << 16;

static CANDIDATE: LazyLock<Candidate> = LazyLock::new(|| candidate().expect("the original is a photograph"));

fn candidate() -> Option<Candidate> {
    let overlay = imaging::decode_overlay(include_bytes!("../../static/brand/overlay.png")).ok()?;
    let (key, operations) = (MarkKey::new([7; 32]), operations::parse("_").ok()?);
    let format = OutputFormat::Jpeg;
    let unmarked = imaging::prepare(ORIGINAL, &operations, format, &overlay, &key, &Budget::default()).ok()?;
    let rendition = Rendition::of(unmarked.container()?)?;
    Some(Candidate {
        reference: Reference::new(rendition.plane().clone()),
        sketch: Sketch::new(rendition.plane()),
        code: Code::new(&key, &unmarked.variant()?),
        rendition,
    })
}

/// Traces `file`.
pub fn run(file: &[u8]) {
    let Ok(luma) = imaging::luma(file, &budget()) else {
        return;
    };
    let (width, height) = (luma.width as usize, luma.height as usize);
    if width * height > LARGEST {
        return;
    }
    let coded = Coded::of(file, LARGEST as u64);
    let samples = luma.samples.into_iter().map(f32::from).collect();
    let leak = Plane::new(width, height, samples).expect("a picture that was decoded has pixels");
    let Candidate {
        rendition,
        reference,
        sketch,
        code,
    } = &*CANDIDATE;
    let _ = sketch.agreement(&Sketch::new(&leak));
    let Some(registration) = reference.register(&leak) else {
        return;
    };
    assert!(registration.likeness.is_finite());
    let Some(soft) = reference
        .align(&leak, &registration)
        .and_then(|warped| evidence::read(rendition, &warped, coded.as_ref()))
    else {
        return;
    };
    let recipe = code.recipe(rendition.chips());
    let subjects = ["client_one", "client_two", "client_three"].map(Subject::of);
    let verdict = accuse(code, &recipe, &soft, &subjects, &Rule::new(1_000_000, 1000), &|_| ());
    assert!(verdict.accused.is_empty(), "{:?}", verdict.accused);
    let _ = soft
        .weightings
        .iter()
        .find_map(|values| code.reference(&recipe, values));
}
