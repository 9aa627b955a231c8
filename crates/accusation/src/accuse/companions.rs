//! The other members of a coalition, once some are known.
//!
//! Where a known member has the symbol that is seen, nobody else need have it; where none has, one of the others must. *Given the leak and
//! the codewords of those who are known*, an innocent's symbols are still independent random bits, so that the same bound holds: whether
//! those are accused follows from the leak and from their codewords alone, never from his.

use super::{Accusation, COMPANIONSHIP, Standard, Trial, bar};
use crate::decoder::{COMPANIONS, Decoder, companions};
use rayon::prelude::*;

/// Members whose codewords are taken for known, the surest.
const KNOWN: usize = 4;
/// Standard deviations above an innocent's mean, by any decoder that knows nobody, from which somebody is looked at again.
const SUSPICIOUS: f64 = 3.5;

impl Trial<'_> {
    /// Whoever is accused beside those who are, among subjects of whom each stands so high.
    pub(super) fn companions(&self, accused: &[Accusation], found: &[(usize, f64)]) -> Vec<Accusation> {
        if accused.is_empty() {
            return Vec::new();
        }
        let word = |subject: usize| self.code.tracing(self.recipe, &self.subjects[subject]);
        let known: Vec<Vec<bool>> = accused.iter().take(KNOWN).map(|known| word(known.subject)).collect();
        let decoders = companions(self.active, self.soft, &known);
        let standards: Vec<Standard> = decoders.iter().map(Standard::of).collect();
        let tried = self.rule.tried(COMPANIONS, COMPANIONSHIP);
        let bar = bar(self.rule.limit - tried);
        let stands_out = |subject: usize| {
            let symbols = word(subject);
            let standing =
                |(decoder, standard): (&Decoder, &Standard)| standard.of_score(decoder.score(self.active, &symbols));
            decoders.iter().zip(&standards).map(standing).fold(0.0, f64::max) > bar
        };
        let suspected = |&&(subject, standing): &&(usize, f64)| {
            standing > SUSPICIOUS && !accused.iter().any(|accused| accused.subject == subject) && stands_out(subject)
        };
        found
            .par_iter()
            .filter(suspected)
            .map(|&(subject, _)| self.exactly(subject, &decoders, tried))
            .filter(|accusation| accusation.log10 <= self.rule.limit)
            .collect()
    }
}
