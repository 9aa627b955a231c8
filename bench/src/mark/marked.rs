//! A rendition, everybody's copies of it, and the search for whose copy a leak is.

use accusation::{Rule, Verdict, accuse};
use anyhow::{Context, Result};
use chips::Container;
use distortion::{Distortion, Picture};
use evidence::{Coded, Rendition};
use fingerprint::{Code, Recipe};
use jpeg::{Limits, Pixels, Sampling};
use registration::{Plane, Reference};
use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};

use super::photograph::SIDES;

/// Clients among whom a leaker is looked for. Only some of them are scored for each leak; the rule counts all.
pub const CLIENTS: u64 = 1_000_000;
/// The request in the message layer of every copy.
const REQUEST: [u8; 8] = *b"request1";

/// A photograph's rendition.
pub struct Marked {
    container: Container,
    code: Code,
    recipe: Recipe,
    rendition: Rendition,
    reference: Reference,
    /// The same file without any chips.
    pub unmarked: Vec<u8>,
}

/// What a search found.
pub struct Found {
    /// Who is accused.
    pub verdict: Verdict,
    /// Whether the message layer names the request.
    pub request: bool,
}

impl Marked {
    /// Encodes a picture at a quality.
    pub fn new(picture: &Picture, quality: u8) -> Result<Self> {
        let spectrum = jpeg::spectrum(Pixels::Rgb(&picture.rgb), SIDES.0, SIDES.1, quality, Sampling::Yuv420)?;
        let unmarked = jpeg::encode(&spectrum.clone().quantised())?;
        let container = chips::prepare(spectrum, &key())?;
        let code = Code::new(&key(), &container.variant());
        let rendition = Rendition::of(&container).context("a container that cannot be read")?;
        Ok(Self {
            recipe: code.recipe(container.chips()),
            code,
            reference: Reference::new(rendition.plane().clone()),
            rendition,
            container,
            unmarked,
        })
    }

    /// The rendition as it is kept.
    pub fn container(&self) -> &Container {
        &self.container
    }

    /// The file that a client gets.
    pub fn copy(&self, client: Subject) -> Result<Vec<u8>> {
        let symbols = self.code.codeword(&self.recipe, &client, &REQUEST);
        let payload = Payload {
            kind: Kind::SignedUrl,
            subject: client,
            key: KeyTag::of("pk_bench"),
            reference: REQUEST,
            time: 0,
        };
        Ok(self.container.mark(&symbols, &key().seal(&payload))?)
    }

    /// Looks for the leaker among `subjects`, as if they were all of [`CLIENTS`]. `None` where the rendition cannot be found in
    /// the leak.
    pub fn search(&self, leak: &Leaked, subjects: &[Subject]) -> Option<Found> {
        let (picture, file) = (&leak.picture, leak.file.as_ref());
        let leak = Plane::from_rgb(picture.width, picture.height, &picture.rgb)?;
        let registration = self.reference.register(&leak).filter(|found| found.likeness > ALIKE)?;
        let soft = evidence::read(&self.rendition, &self.reference.align(&leak, &registration)?, file)?;
        let rule = Rule::new(CLIENTS.max(subjects.len() as u64), 1);
        let verdict = accuse(&self.code, &self.recipe, &soft, subjects, &rule, &|_| ());
        let request = soft
            .weightings
            .iter()
            .find_map(|values| self.code.reference(&self.recipe, values));
        Some(Found {
            verdict,
            request: request == Some(REQUEST),
        })
    }
}

/// Details below this correlation are another picture's, as `deckle trace` has it.
const ALIKE: f64 = 0.15;

fn key() -> MarkKey {
    MarkKey::new([7; 32])
}

/// What came to light: pixels, and what their file says beyond them.
pub struct Leaked {
    /// As anybody sees it.
    pub picture: Picture,
    /// How it was coded.
    pub file: Option<Coded>,
}

impl Leaked {
    /// A picture after a distortion.
    pub fn after(distortion: &Distortion, picture: &Picture) -> Result<Self> {
        Ok(match distortion.file(picture)? {
            Some(file) => Self {
                picture: decoded(&file)?,
                file: Coded::of(&file, u64::MAX),
            },
            None => distortion.apply(picture)?.into(),
        })
    }
}

impl From<Picture> for Leaked {
    fn from(picture: Picture) -> Self {
        Self { picture, file: None }
    }
}

/// The pixels of a file.
pub fn decoded(file: &[u8]) -> Result<Picture> {
    let image = image::load_from_memory(file)?.into_rgb8();
    Ok(Picture::new(
        image.width() as usize,
        image.height() as usize,
        image.into_raw(),
    )?)
}

/// The coefficients of a file.
pub fn coefficients(file: &[u8]) -> Result<jpeg::Coefficients> {
    let limits = Limits {
        max_pixels: u64::MAX,
        max_scans: 1,
        max_visits: u64::MAX,
    };
    Ok(jpeg::read(file, &limits)?)
}
