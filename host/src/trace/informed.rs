//! From a picture that was changed back to whom it was delivered to, with the help of the originals.

use super::candidate::Candidate;
use super::compared::{Compared, Comparison, Judged, Workshop};
use super::picture::Leak;
use super::progress::Progress;
use super::served::Delivery;
use super::sketches::Sketches;
use accusation::{Rule, Verdict};
use anyhow::{Context as _, Result};
use imaging::OutputFormat;
use operations::Operations;
use registration::{Plane, Registration, Warped};
use std::path::{Path, PathBuf};
use watermark::Subject;

/// What a leak is compared with.
pub struct Search<'a> {
    /// What renditions are made with.
    pub workshop: Workshop<'a>,
    /// Renditions that it may have been made from.
    pub candidates: &'a [Candidate],
    /// Everybody who may have received it.
    pub subjects: &'a [Subject],
}

/// How a search ended.
pub struct Outcome {
    /// The rendition that the leak was most probably made from. `None`: no original could be found in it.
    pub found: Option<Match>,
    /// Renditions that were held against the leak, of all that came into question.
    pub compared: usize,
    /// Those of them that cannot be made again as they were served.
    pub changed: usize,
    /// How many variants the bound pays for.
    pub variants: u64,
}

/// The rendition that a leak was most probably made from, and whom it accuses.
pub struct Match {
    /// The original's file.
    pub original: PathBuf,
    /// The address that it was fetched from, by the log.
    pub source: Option<String>,
    /// The operations, in canonical spelling.
    pub operations: String,
    /// The format in which it was delivered.
    pub format: OutputFormat,
    /// Where the rendition lies in the leak.
    pub registration: Registration,
    /// Who is accused, if anybody.
    pub verdict: Verdict,
    /// Chips of the rendition.
    pub chips: usize,
    /// The request that the message layer names, if it can be read.
    pub request: Option<[u8; 8]>,
    /// Who had the rendition, by the log, and when.
    pub deliveries: Vec<Delivery>,
    /// The rendition, and the leak brought onto it, where they were asked for.
    pub pictures: Option<(Plane, Warped)>,
}

/// Renditions that are held against a leak, of those whose original it seems to show.
const COMPARED: usize = 32;
/// Codewords that are scored, of renditions by which none of those accuses itself who are known to have had them. One rendition is
/// always held against everybody.
const SCORED: usize = 5_000_000;
/// Formats that the same operations may have given.
const MOST_FORMATS: usize = 2;

impl Search<'_> {
    /// Looks for the rendition behind a leak, and for who had it. `pictures`: also for somebody to look at.
    ///
    /// # Errors
    /// A leak or an original that cannot be read.
    pub fn find(&self, leak: &[u8], sketches: &mut Sketches, pictures: bool, progress: &Progress) -> Result<Outcome> {
        let leak = Leak::of(leak)?;
        let rule = self.rule();
        let mut outcome = Outcome {
            found: None,
            compared: 0,
            changed: 0,
            variants: rule.variants,
        };
        let mut originals: Vec<&Path> = self
            .candidates
            .iter()
            .map(|candidate| candidate.original.as_path())
            .collect();
        originals.sort_unstable();
        originals.dedup();
        let originals = sketches.closest(&originals, &leak.plane, progress)?;
        let mut alike = self.compare(&originals, &leak, &rule, &mut outcome, progress)?;
        alike.sort_by(|a, b| b.registration.likeness.total_cmp(&a.registration.likeness));
        alike.truncate((SCORED / self.subjects.len().max(1)).max(1));

        let mut best: Option<(Box<Compared>, Judged)> = None;
        for compared in alike {
            let scored = progress.counter("scoring", self.subjects.len().saturating_mul(compared.keys()));
            let Some(judged) = compared.judge(self.subjects, &rule, &scored) else {
                continue;
            };
            // Somebody who is accused by one rendition is not looked for in others.
            let accused = !judged.verdict.accused.is_empty();
            if best.is_none() || accused {
                best = Some((compared, judged));
            }
            if accused {
                break;
            }
        }
        progress.clear();
        let found = best.map(|(compared, judged)| self.told(&compared, judged, &leak.plane, pictures));
        outcome.found = found.transpose()?;
        Ok(outcome)
    }

    /// The rule pays for every candidate, whether it comes to be looked at or not, in every format and under every mark key.
    fn rule(&self) -> Rule {
        let formats = |candidate: &Candidate| candidate.format.map_or(MOST_FORMATS, |_| 1);
        let variants: usize = self.candidates.iter().map(formats).sum();
        let variants = variants.saturating_mul(self.workshop.marking.len());
        Rule::new(self.subjects.len() as u64, variants as u64)
    }

    /// The renditions of these originals that are in the leak; only the one where it accuses somebody who is known to have had it.
    fn compare(
        &self,
        originals: &[&Path],
        leak: &Leak,
        rule: &Rule,
        outcome: &mut Outcome,
        progress: &Progress,
    ) -> Result<Vec<Box<Compared<'_>>>> {
        let all: usize = originals.iter().map(|original| self.of(original).count()).sum();
        let mut alike = Vec::new();
        for original in originals {
            let file = read(original)?;
            for candidate in self.of(original).take(COMPARED.saturating_sub(outcome.compared)) {
                progress.show("comparing", outcome.compared, all.min(COMPARED));
                outcome.compared += 1;
                for format in candidate
                    .format
                    .map_or_else(|| delivered(&file, &candidate.operations), |one| Ok(vec![one]))?
                {
                    let compared = match self.workshop.compare(candidate, format, &file, leak)? {
                        Comparison::Alike(compared) => compared,
                        Comparison::Unlike => continue,
                        Comparison::Changed => {
                            outcome.changed += 1;
                            continue;
                        }
                    };
                    let mut known: Vec<Subject> = candidate.deliveries.iter().map(|one| one.subject).collect();
                    known.sort_unstable_by_key(|subject| subject.0);
                    known.dedup();
                    let accuses = |judged: Judged| !judged.verdict.accused.is_empty();
                    if !known.is_empty() && compared.judge(&known, rule, &|_| ()).is_some_and(accuses) {
                        return Ok(vec![compared]);
                    }
                    alike.push(compared);
                }
            }
        }
        Ok(alike)
    }

    /// The candidates of an original.
    fn of<'s>(&'s self, original: &Path) -> impl Iterator<Item = &'s Candidate> {
        self.candidates
            .iter()
            .filter(move |candidate| candidate.original == original)
    }

    fn told(&self, compared: &Compared, judged: Judged, leak: &Plane, pictures: bool) -> Result<Match> {
        let candidate = compared.candidate;
        let pictures = pictures.then(|| self.workshop.pictures(compared, &read(&candidate.original)?, leak));
        Ok(Match {
            original: candidate.original.clone(),
            source: candidate.source.clone(),
            operations: candidate.operations.canonical(),
            format: compared.format,
            registration: compared.registration,
            verdict: judged.verdict,
            chips: judged.chips,
            request: judged.request,
            deliveries: candidate.deliveries.clone(),
            pictures: pictures.transpose()?,
        })
    }
}

fn read(path: &Path) -> Result<Vec<u8>> {
    std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))
}

/// The formats of the renditions that may have been delivered, whatever the client accepted. What has no chips is compared as a JPEG.
fn delivered(file: &[u8], operations: &Operations) -> Result<Vec<OutputFormat>> {
    let probe = imaging::probe(file).context("an original cannot be read")?;
    let format = |accept| match imaging::negotiate(operations, accept, &probe).format {
        format @ (OutputFormat::WebPLossy | OutputFormat::WebPLossless | OutputFormat::Png) => format,
        _ => OutputFormat::Jpeg,
    };
    let mut formats = vec![format(None), format(Some("image/webp"))];
    formats.dedup();
    Ok(formats)
}
