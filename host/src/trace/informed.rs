//! From a picture that was changed back to whom it was delivered to, with the help of the original.

use super::progress::Progress;
use accusation::{Rule, Verdict, accuse};
use anyhow::{Context as _, Result};
use evidence::Rendition;
use fingerprint::Code;
use imaging::{Budget, OutputFormat};
use operations::Operations;
use rayon::prelude::*;
use registration::{Plane, Reference, Registration, Sketch, Warped};
use std::path::{Path, PathBuf};
use watermark::{MarkKey, Overlay, Subject};

/// What a leak is compared with.
pub struct Search<'a> {
    /// The secrets that marks were made with.
    pub marking: &'a [MarkKey],
    /// The visible mark of the time.
    pub overlay: &'a Overlay,
    /// Originals that it may show.
    pub originals: &'a [PathBuf],
    /// Operations with which they may have been asked for.
    pub operations: &'a [Operations],
    /// Everybody who may have received it.
    pub subjects: &'a [Subject],
}

/// The rendition that a leak was most probably made from, and whom it accuses.
pub struct Match {
    /// The original's file.
    pub original: PathBuf,
    /// The operations, in canonical spelling.
    pub operations: String,
    /// Where the rendition lies in the leak.
    pub registration: Registration,
    /// Who is accused, if anybody.
    pub verdict: Verdict,
    /// Chips of the rendition.
    pub chips: usize,
    /// The request that the message layer names, if it can be read.
    pub request: Option<[u8; 8]>,
    /// The rendition, and the leak brought onto it.
    pub pictures: (Plane, Warped),
}

/// Originals that are looked at closely, of the many that are only sketched.
const CLOSELY: usize = 3;
/// Points that must agree for an original to be looked at closely, where there is a choice.
const AGREEING: usize = 6;
/// Details below this correlation are another picture's: they accuse nobody, and are not worth showing.
const ALIKE: f64 = 0.15;

impl Search<'_> {
    /// Looks for the rendition behind a leak. `None`: no original could be found in it.
    ///
    /// # Errors
    /// A leak or an original that cannot be read.
    pub fn find(&self, leak: &[u8], progress: &Progress) -> Result<Option<Match>> {
        let leak = plane(leak)?;
        let originals = self.candidates(&leak, progress)?;
        let steps = originals.len() * self.operations.len() * self.marking.len();
        let mut best: Option<Match> = None;
        let mut step = 0;
        for original in originals {
            let file = read(original)?;
            for operations in self.operations {
                for key in self.marking {
                    progress.show("comparing", step, steps);
                    step += 1;
                    for format in delivered(&file, operations)? {
                        let found = self.compare(original, &file, (operations, format), key, &leak, progress)?;
                        best = found
                            .into_iter()
                            .chain(best)
                            .min_by(|a, b| a.rank().total_cmp(&b.rank()));
                    }
                }
            }
        }
        progress.clear();
        Ok(best)
    }

    /// The originals that the leak may show: all if there are few, else those whose sketch agrees best.
    fn candidates(&self, leak: &Plane, progress: &Progress) -> Result<Vec<&Path>> {
        let all: Vec<&Path> = self.originals.iter().map(PathBuf::as_path).collect();
        if all.len() <= CLOSELY {
            return Ok(all);
        }
        let sides = [Sketch::new(leak), Sketch::new(&leak.mirrored())];
        let sketched = progress.counter("sketching", all.len());
        let agreement = all.par_iter().map(|&original| {
            let sketch = Sketch::new(&sketchable(&read(original)?).with_context(|| original.display().to_string())?);
            sketched(1);
            let agreement = sides.iter().map(|side| sketch.agreement(side)).max().unwrap_or(0);
            Ok((agreement, original))
        });
        let mut agreeing = agreement.collect::<Result<Vec<_>>>()?;
        agreeing.sort_by_key(|&(agreement, _)| std::cmp::Reverse(agreement));
        let close = agreeing
            .into_iter()
            .filter(|&(agreement, _)| agreement >= AGREEING)
            .take(CLOSELY);
        Ok(close.map(|(_, original)| original).collect())
    }

    fn compare(
        &self,
        original: &Path,
        file: &[u8],
        (operations, format): (&Operations, OutputFormat),
        key: &MarkKey,
        leak: &Plane,
        progress: &Progress,
    ) -> Result<Option<Match>> {
        let budget = Budget::default();
        let unmarked = match imaging::prepare(file, operations, format, self.overlay, key, &budget) {
            Ok(unmarked) => unmarked,
            // Nobody was ever given such a rendition.
            Err(imaging::Error::TooSmall) => return Ok(None),
            Err(error) => {
                let refused = format!("{} cannot be rendered", original.display());
                return Err(anyhow::Error::new(error).context(refused));
            }
        };
        let rendition = match (unmarked.container(), unmarked.webp(), unmarked.png()) {
            (Some(container), ..) => Rendition::of(container),
            (_, Some(container), _) => Rendition::of_webp(container, MOST_PIXELS, |file| plane(file).ok()),
            (.., Some(container)) => Rendition::of_lossless(container),
            (None, None, None) => return Ok(None),
        };
        let rendition = rendition.context("the rendition cannot be read")?;
        let variant = unmarked.variant().context("a rendition without a variant")?;
        let reference = Reference::new(rendition.plane().clone());
        let Some(registration) = reference.register(leak).filter(|found| found.likeness > ALIKE) else {
            return Ok(None);
        };
        let Some(warped) = reference.align(leak, &registration) else {
            return Ok(None);
        };
        let Some(soft) = evidence::read(&rendition, &warped) else {
            return Ok(None);
        };
        let code = Code::new(key, &variant);
        let recipe = code.recipe(rendition.chips());
        let tried = self.originals.len() * self.operations.len() * self.marking.len() * MOST_FORMATS;
        let rule = Rule::new(self.subjects.len() as u64, tried as u64);
        let scored = progress.counter("scoring", self.subjects.len());
        let verdict = accuse(&code, &recipe, &soft, self.subjects, &rule, &scored);
        let request = soft
            .weightings
            .iter()
            .find_map(|values| code.reference(&recipe, values));
        Ok(Some(Match {
            original: original.to_owned(),
            operations: operations.canonical(),
            registration,
            verdict,
            chips: rendition.chips(),
            request,
            pictures: (rendition.plane().clone(), warped),
        }))
    }
}

impl Match {
    /// The less, the surer: first by what it accuses somebody of, then by how alike the pictures are.
    fn rank(&self) -> f64 {
        let accusation = self.verdict.accused.first().map_or(0.0, |accusation| accusation.log10);
        accusation - self.registration.likeness
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// Formats that the same operations may have given.
const MOST_FORMATS: usize = 2;
/// Pixels of a rendition; no budget allows as many.
const MOST_PIXELS: u64 = 1 << 27;

/// The formats of the renditions that may have been delivered, whatever the client accepted. What has no chips is compared as a JPEG.
fn delivered(file: &[u8], operations: &Operations) -> Result<Vec<OutputFormat>> {
    let probe = imaging::probe(file).context("an original cannot be read")?;
    let format = |accept| match imaging::negotiate(operations, accept, &probe).format {
        format @ (OutputFormat::WebPLossy | OutputFormat::Png) => format,
        _ => OutputFormat::Jpeg,
    };
    let mut formats = vec![format(None), format(Some("image/webp"))];
    formats.dedup();
    Ok(formats)
}

/// The luma of a file that may be larger than a request could make it.
fn plane(file: &[u8]) -> Result<Plane> {
    whole(imaging::luma(file, &budget())?)
}

/// The same, no larger than a sketch needs where that is faster.
fn sketchable(file: &[u8]) -> Result<Plane> {
    whole(imaging::small_luma(file, Sketch::LONG_SIDE, &budget())?)
}

fn budget() -> Budget {
    Budget {
        file_bytes: 1 << 28,
        pixel_bytes: 1 << 31,
        working_bytes: 1 << 32,
        ..Budget::default()
    }
}

fn whole(luma: imaging::Luma) -> Result<Plane> {
    let samples = luma.samples.into_iter().map(f32::from).collect();
    let plane = Plane::new(luma.width as usize, luma.height as usize, samples).context("an empty picture")?;
    let shrink = (LARGE / (plane.width() * plane.height()) as f64).sqrt();
    Ok(if shrink < 1.0 { plane.scaled(shrink) } else { plane })
}

/// Pixels of a leak: more are not compared, so that a panorama does not take all of the machine's memory.
const LARGE: f64 = 16e6;
