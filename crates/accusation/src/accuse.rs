use crate::bound::{quantile, tail};
use crate::decoder::{Active, DECODERS, Decoder, bank};
use crate::scan::Scan;
use crate::soft::Soft;
use fingerprint::{Code, Recipe};
use watermark::Subject;

/// When somebody is accused: the number of clients × of variants × of decoders × Chernoff's bound is at most 10^`limit`.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Rule {
    /// Everybody who could be accused, also those whose codeword is not looked at.
    pub clients: u64,
    /// Variants that the leak is compared with.
    pub variants: u64,
    /// The logarithm to base 10 of the greatest probability, over all of them together, that an innocent is accused.
    pub limit: f64,
}

impl Rule {
    /// The rule for a search among `clients` and `variants`, with one false accusation in a million searches at most.
    #[must_use]
    pub fn new(clients: u64, variants: u64) -> Self {
        Self {
            clients: clients.max(1),
            variants: variants.max(1),
            limit: -6.0,
        }
    }

    /// The logarithm to base 10 of everything that is tried.
    #[expect(clippy::cast_precision_loss, reason = "a logarithm")]
    fn tried(&self) -> f64 {
        (self.clients as f64).log10() + (self.variants as f64).log10() + (DECODERS as f64).log10()
    }
}

/// One accused subject.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Accusation {
    /// His place in the list of subjects.
    pub subject: usize,
    /// The logarithm to base 10 of the bound on accusing anybody innocent by a score as high, in the whole search.
    pub log10: f64,
}

/// The outcome of one search in one variant.
#[derive(Clone, Debug, PartialEq)]
pub struct Verdict {
    /// Whoever the rule accuses, the surest first: one leaker, or the members of a coalition.
    pub accused: Vec<Accusation>,
    /// Who came closest, accused or not; `log10` above the limit, up to 0, says that the leak does not tell. `None` without
    /// subjects, or where no chip could be read.
    pub closest: Option<Accusation>,
    /// Tracing chips at which something could be read.
    pub chips: usize,
}

/// Scores all subjects and applies the rule. `done` is called with a number of subjects whenever that many more are scored.
#[must_use]
pub fn accuse(
    code: &Code,
    recipe: &Recipe,
    soft: &Soft,
    subjects: &[Subject],
    rule: &Rule,
    done: &(dyn Fn(usize) + Sync),
) -> Verdict {
    let active = Active::of(recipe, soft);
    let decoders = bank(&active, soft);
    let scan = Scan::new(code, recipe, &active, &decoders);
    // What each decoder's score must at least be; single precision errs by less than the margin.
    let bars: Vec<Bar> = decoders
        .iter()
        .map(|decoder| Bar::new(decoder, rule.limit - rule.tried()))
        .collect();
    let found = scan.each(subjects, done, |subject, scores| {
        let over = scores
            .iter()
            .zip(&bars)
            .any(|(&score, bar)| f64::from(score) >= bar.score);
        let standing = scores
            .iter()
            .zip(&bars)
            .map(|(&score, bar)| bar.standing(f64::from(score)))
            .fold(0.0, f64::max);
        Some((subject, over, standing)).filter(|_| over || standing > NOTABLE)
    });
    let leading = found
        .iter()
        .max_by(|a, b| a.2.total_cmp(&b.2))
        .map(|&(subject, ..)| subject);
    let mut scored: Vec<Accusation> = found
        .iter()
        .filter(|&&(subject, over, _)| over || Some(subject) == leading)
        .map(|&(subject, ..)| Accusation {
            subject,
            log10: exactly(code, recipe, &active, &decoders, subjects[subject], rule),
        })
        .collect();
    scored.sort_by(|a, b| a.log10.total_cmp(&b.log10));
    Verdict {
        closest: scored.first().copied(),
        accused: scored
            .into_iter()
            .filter(|accusation| accusation.log10 <= rule.limit)
            .collect(),
        chips: active.chips.len(),
    }
}

/// Standard deviations above an innocent's mean from which a score is worth being kept as the closest.
const NOTABLE: f64 = 2.0;

/// The rule's bound for one subject, in double precision.
fn exactly(code: &Code, recipe: &Recipe, active: &Active, decoders: &[Decoder], subject: Subject, rule: &Rule) -> f64 {
    let symbols = code.tracing(recipe, &subject);
    let bound = |decoder: &Decoder| {
        let score = active.chips.iter().zip(&decoder.terms).map(|(&(chip, _), term)| {
            if symbols.get(chip).copied().unwrap_or_default() {
                term.one
            } else {
                term.zero
            }
        });
        tail(&decoder.terms, score.sum())
    };
    (decoders.iter().map(bound).fold(0.0, f64::min) + rule.tried()).min(0.0)
}

/// What an innocent's score by one decoder looks like.
struct Bar {
    mean: f64,
    deviation: f64,
    /// The least score that may accuse.
    score: f64,
}

impl Bar {
    fn new(decoder: &Decoder, log10: f64) -> Self {
        let (mut mean, mut variance) = (0.0, 0.0);
        for term in &decoder.terms {
            mean += term.p * term.one + (1.0 - term.p) * term.zero;
            variance += term.p * (1.0 - term.p) * (term.one - term.zero).powi(2);
        }
        let deviation = variance.sqrt();
        let score = quantile(&decoder.terms, log10).map_or(f64::INFINITY, |score| score - 0.01 * deviation);
        Self { mean, deviation, score }
    }

    /// Standard deviations above the mean.
    fn standing(&self, score: f64) -> f64 {
        if self.deviation > 0.0 {
            (score - self.mean) / self.deviation
        } else {
            0.0
        }
    }
}

#[cfg(test)]
mod tests;
