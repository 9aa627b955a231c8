//! One rendition, held against a leak.

use super::candidate::Candidate;
use super::picture::{Leak, luma};
use accusation::{Rule, Soft, Verdict, accuse};
use anyhow::{Context as _, Result};
use evidence::Rendition;
use fingerprint::{Code, Recipe};
use imaging::{Budget, OutputFormat, Unmarked};
use registration::{Plane, Reference, Registration, Warped};
use watermark::{MarkKey, Overlay, Subject};

/// What a rendition is made with.
#[derive(Clone, Copy)]
pub struct Workshop<'a> {
    /// The secrets that marks were made with.
    pub marking: &'a [MarkKey],
    /// The visible mark of the time.
    pub overlay: &'a Overlay,
}

/// A rendition that can be found in a leak, and what the leak says of its chips.
pub struct Compared<'a> {
    /// The rendition.
    pub candidate: &'a Candidate,
    /// In which format.
    pub format: OutputFormat,
    /// Where it lies in the leak.
    pub registration: Registration,
    /// What can be read under each of the mark keys.
    readings: Vec<Reading>,
}

/// What a leak says of the chips of a rendition that was marked under one key.
struct Reading {
    code: Code,
    recipe: Recipe,
    soft: Soft,
}

/// A verdict by the key that accuses most.
pub struct Judged {
    /// Who is accused.
    pub verdict: Verdict,
    /// Chips of the rendition.
    pub chips: usize,
    /// The request that the message layer names, if it can be read.
    pub request: Option<[u8; 8]>,
}

/// How holding a rendition against a leak ended.
pub enum Comparison<'a> {
    /// It is in the leak.
    Alike(Box<Compared<'a>>),
    /// It is not, or nobody was ever given such a rendition.
    Unlike,
    /// It cannot be made any more as it was when it was served: the original has changed, or the visible mark, or the encoder.
    Changed,
}

/// Details below this correlation are another picture's: they accuse nobody, and are not worth showing.
const ALIKE: f64 = 0.15;
/// Pixels of a rendition; no budget allows as many.
const MOST_PIXELS: u64 = 1 << 27;

impl Workshop<'_> {
    /// Makes a rendition again and looks for it in a leak. It is registered once: under another key its chips are elsewhere, but it
    /// looks the same.
    ///
    /// # Errors
    /// A guessed rendition that cannot be made of this original.
    pub fn compare<'c>(
        &self,
        candidate: &'c Candidate,
        format: OutputFormat,
        original: &[u8],
        leak: &Leak,
    ) -> Result<Comparison<'c>> {
        let mut found: Option<(Registration, Warped)> = None;
        let mut readings = Vec::new();
        for key in self.marking {
            let Some((unmarked, rendition)) = self.rendition(candidate, format, original, key)? else {
                return Ok(Comparison::Unlike);
            };
            let variant = unmarked.variant().context("a rendition without a variant")?;
            if candidate.variant.is_some_and(|served| served != variant) {
                return Ok(Comparison::Changed);
            }
            if found.is_none() {
                found = register(&rendition, &leak.plane);
            }
            let Some((_, warped)) = &found else {
                return Ok(Comparison::Unlike);
            };
            let code = Code::new(key, &variant);
            readings.extend(
                evidence::read(&rendition, warped, leak.coded.as_ref()).map(|soft| Reading {
                    recipe: code.recipe(rendition.chips()),
                    code,
                    soft,
                }),
            );
        }
        Ok(match found {
            Some((registration, _)) if !readings.is_empty() => Comparison::Alike(Box::new(Compared {
                candidate,
                format,
                registration,
                readings,
            })),
            _ => Comparison::Unlike,
        })
    }

    /// The rendition, and the leak brought onto it: for somebody to look at.
    ///
    /// # Errors
    /// A rendition that cannot be made.
    pub fn pictures(&self, compared: &Compared, original: &[u8], leak: &Plane) -> Result<(Plane, Warped)> {
        let key = self.marking.first().context("no mark key")?;
        let rendition = self.rendition(compared.candidate, compared.format, original, key)?;
        let (_, rendition) = rendition.context("the rendition cannot be made again")?;
        let reference = Reference::new(rendition.plane().clone());
        let warped = reference.align(leak, &compared.registration);
        Ok((rendition.plane().clone(), warped.context("the leak does not reach it")?))
    }

    /// `None`: nobody was ever given such a rendition, or it has no tracing code.
    fn rendition(
        &self,
        candidate: &Candidate,
        format: OutputFormat,
        original: &[u8],
        key: &MarkKey,
    ) -> Result<Option<(Unmarked, Rendition)>> {
        let budget = Budget::default();
        let unmarked = match imaging::prepare(original, &candidate.operations, format, self.overlay, key, &budget) {
            Ok(unmarked) => unmarked,
            Err(imaging::Error::TooSmall) => return Ok(None),
            // What was served could be made: the original is another one now.
            Err(_) if candidate.variant.is_some() => return Ok(None),
            Err(error) => {
                let refused = format!("{} cannot be rendered", candidate.original.display());
                return Err(anyhow::Error::new(error).context(refused));
            }
        };
        let rendition = match (unmarked.container(), unmarked.webp(), unmarked.lossless()) {
            (Some(container), ..) => Rendition::of(container),
            (_, Some(container), _) => Rendition::of_webp(container, MOST_PIXELS, |file| luma(file).ok()),
            (.., Some(container)) => Rendition::of_lossless(container),
            (None, None, None) => return Ok(None),
        };
        Ok(Some((unmarked, rendition.context("the rendition cannot be read")?)))
    }
}

impl Compared<'_> {
    /// Whom the leak accuses, of these subjects.
    pub fn judge(&self, subjects: &[Subject], rule: &Rule, done: &(dyn Fn(usize) + Sync)) -> Option<Judged> {
        let judged = self.readings.iter().map(|Reading { code, recipe, soft }| {
            let request = soft.weightings.iter().find_map(|values| code.reference(recipe, values));
            Judged {
                verdict: accuse(code, recipe, soft, subjects, rule, done),
                chips: recipe.chips(),
                request,
            }
        });
        judged.min_by(|a, b| a.closest().total_cmp(&b.closest()))
    }

    /// How many mark keys it was read under.
    pub fn keys(&self) -> usize {
        self.readings.len()
    }
}

impl Judged {
    /// The bound of whoever came closest.
    fn closest(&self) -> f64 {
        self.verdict.closest.map_or(0.0, |closest| closest.log10)
    }
}

fn register(rendition: &Rendition, leak: &Plane) -> Option<(Registration, Warped)> {
    let reference = Reference::new(rendition.plane().clone());
    let registration = reference.register(leak).filter(|found| found.likeness > ALIKE)?;
    let warped = reference.align(leak, &registration)?;
    Some((registration, warped))
}
