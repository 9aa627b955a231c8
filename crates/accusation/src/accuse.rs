use crate::bound::{promise, tail};
use crate::decoder::{Active, DECODERS, Decoder, bank};
use crate::scan::Scan;
use crate::soft::Soft;
use fingerprint::{Code, Recipe};
use rayon::prelude::*;
use watermark::Subject;

/// When somebody is accused: the number of clients × of variants × of decoders × the bound on a score is at most 10^`limit`.
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

    /// The logarithm to base 10 of everything that is tried with so many decoders, which have this share of what the rule allows.
    #[expect(clippy::cast_precision_loss, reason = "a logarithm")]
    fn tried(&self, decoders: usize, share: f64) -> f64 {
        (self.clients as f64).log10() + (self.variants as f64).log10() + (decoders as f64 / share).log10()
    }
}

/// The share of what the rule allows that is kept for members of a coalition whom others give away.
const COMPANIONSHIP: f64 = 0.1;

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
    let standards: Vec<Standard> = decoders.iter().map(Standard::of).collect();
    let tried = rule.tried(DECODERS, 1.0 - COMPANIONSHIP);
    let bar = bar(rule.limit - tried);
    let found = scan.each(subjects, done, |subject, scores| {
        let standing = scores
            .iter()
            .zip(&standards)
            .map(|(&score, standard)| standard.of_score(f64::from(score)))
            .fold(0.0, f64::max);
        Some((subject, standing)).filter(|_| standing > NOTABLE)
    });
    let trial = Trial {
        code,
        recipe,
        active: &active,
        soft,
        subjects,
        rule,
    };
    let exactly = |&(subject, _): &(usize, f64)| trial.exactly(subject, &decoders, tried);
    // Whether somebody is accused depends on nobody else, so that whoever is may be taken for known.
    let mut accused: Vec<Accusation> = found
        .par_iter()
        .filter(|(_, standing)| *standing > bar)
        .map(exactly)
        .collect();
    accused.sort_by(|a, b| a.log10.total_cmp(&b.log10));
    let leading = || found.iter().max_by(|a, b| a.1.total_cmp(&b.1)).map(exactly);
    let closest = accused.first().copied().or_else(leading);
    accused.retain(|accusation| accusation.log10 <= rule.limit);
    let more = trial.companions(&accused, &found);
    accused.extend(more);
    accused.sort_by(|a, b| a.log10.total_cmp(&b.log10));
    Verdict {
        closest: accused.first().copied().or(closest),
        accused,
        chips: active.chips.len(),
    }
}

/// What one search is about.
struct Trial<'a> {
    code: &'a Code,
    recipe: &'a Recipe,
    active: &'a Active,
    soft: &'a Soft,
    subjects: &'a [Subject],
    rule: &'a Rule,
}

/// Standard deviations above the mean from which a score is worth the exact bound, where that has to be so low a power of 10. A normal
/// sum's is small enough at `sqrt(-2 ln P)` deviations; that of a sum whose terms are all skewed as far as biases allow, at 0.71 times
/// that.
fn bar(wanted: f64) -> f64 {
    0.65 * (-2.0 * wanted.min(0.0) * std::f64::consts::LN_10).sqrt()
}

/// Standard deviations above an innocent's mean from which a score is worth being kept as the closest.
const NOTABLE: f64 = 2.0;

impl Trial<'_> {
    /// The rule's bound for one subject where so much is tried, in double precision.
    fn exactly(&self, subject: usize, decoders: &[Decoder], tried: f64) -> Accusation {
        let symbols = self.code.tracing(self.recipe, &self.subjects[subject]);
        // Those that promise most are asked: the rule pays for all of them, whoever answers.
        let mut promising: Vec<(f64, f64, &Decoder)> = decoders
            .iter()
            .map(|decoder| {
                let score = decoder.score(self.active, &symbols);
                (promise(&decoder.terms, score), score, decoder)
            })
            .collect();
        promising.sort_by(|a, b| a.0.total_cmp(&b.0));
        let bounds = promising
            .iter()
            .take(ASKED)
            .map(|(_, score, decoder)| tail(&decoder.terms, *score));
        Accusation {
            subject,
            log10: (bounds.fold(0.0, f64::min) + tried).min(0.0),
        }
    }
}

/// Decoders whose bound is searched for, of those that promise most.
const ASKED: usize = 6;

/// What an innocent's score by one decoder looks like.
struct Standard {
    mean: f64,
    deviation: f64,
}

impl Standard {
    fn of(decoder: &Decoder) -> Self {
        let (mut mean, mut variance) = (0.0, 0.0);
        for term in &decoder.terms {
            mean += term.p * term.one + (1.0 - term.p) * term.zero;
            variance += term.p * (1.0 - term.p) * (term.one - term.zero).powi(2);
        }
        Self {
            mean,
            deviation: variance.sqrt(),
        }
    }

    /// Standard deviations above the mean.
    fn of_score(&self, score: f64) -> f64 {
        if self.deviation > 0.0 {
            (score - self.mean) / self.deviation
        } else {
            0.0
        }
    }
}

mod companions;
#[cfg(test)]
mod tests;
