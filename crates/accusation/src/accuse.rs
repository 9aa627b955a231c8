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
    let standards: Vec<Standard> = decoders.iter().map(Standard::of).collect();
    // From where on a score is worth the exact bound. A normal sum's is small enough at `sqrt(-2 ln P)` deviations; that of a sum whose
    // terms are all skewed as far as biases allow, at 0.71 times that.
    let wanted = (rule.limit - rule.tried()) * std::f64::consts::LN_10;
    let bar = 0.65 * (-2.0 * wanted.min(0.0)).sqrt();
    let found = scan.each(subjects, done, |subject, scores| {
        let standing = scores
            .iter()
            .zip(&standards)
            .map(|(&score, standard)| standard.of_score(f64::from(score)))
            .fold(0.0, f64::max);
        Some((subject, standing)).filter(|_| standing > NOTABLE)
    });
    let leading = found
        .iter()
        .max_by(|a, b| a.1.total_cmp(&b.1))
        .map(|&(subject, _)| subject);
    let mut scored: Vec<Accusation> = found
        .par_iter()
        .filter(|&&(subject, standing)| standing > bar || Some(subject) == leading)
        .map(|&(subject, _)| Accusation {
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
    let score = |decoder: &Decoder| -> f64 {
        let terms = active.chips.iter().zip(&decoder.terms);
        terms
            .map(|(&(chip, _), term)| match symbols.get(chip) {
                Some(true) => term.one,
                _ => term.zero,
            })
            .sum()
    };
    // Those that promise most are asked: the rule pays for all of them, whoever answers.
    let mut promising: Vec<(f64, f64, &Decoder)> = decoders
        .iter()
        .map(|decoder| {
            let score = score(decoder);
            (promise(&decoder.terms, score), score, decoder)
        })
        .collect();
    promising.sort_by(|a, b| a.0.total_cmp(&b.0));
    let bounds = promising
        .iter()
        .take(ASKED)
        .map(|(_, score, decoder)| tail(&decoder.terms, *score));
    (bounds.fold(0.0, f64::min) + rule.tried()).min(0.0)
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

#[cfg(test)]
mod tests;
