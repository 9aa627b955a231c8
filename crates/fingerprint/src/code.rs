use crate::codeword::codeword;
use crate::keystream;
use crate::{Recipe, Variant, message};
use hkdf::Hkdf;
use sha2::Sha256;
use std::fmt;
use watermark::{MarkKey, Subject};
use zeroize::ZeroizeOnDrop;

/// The code of one variant: everybody's codewords.
///
/// Its keys are derived from the mark key and the variant by HKDF-SHA-256; the random numbers are ChaCha8's.
#[derive(Clone, ZeroizeOnDrop)]
pub struct Code {
    recipe: [u8; 32],
    subjects: [u8; 32],
    check: [u8; 32],
}

impl Code {
    /// Derives the code of a variant.
    #[must_use]
    pub fn new(key: &MarkKey, variant: &Variant) -> Self {
        let root = Hkdf::<Sha256>::new(None, key.tracing());
        let expand = |label: &str| expand(&root, &[label.as_bytes(), &variant.0]);
        Self {
            recipe: expand("recipe"),
            subjects: expand("subjects"),
            check: expand("message check"),
        }
    }

    /// What each of `chips` chips carries.
    #[must_use]
    pub fn recipe(&self, chips: usize) -> Recipe {
        let mut bytes = vec![0; chips];
        keystream::fill(&self.recipe, 0, &mut bytes);
        Recipe::new(bytes)
    }

    /// As many random bytes, the same for everybody: for whoever chooses the places of the chips and wants nobody to foresee them.
    #[must_use]
    pub fn dither(&self, bytes: usize) -> Vec<u8> {
        let mut random = vec![0; bytes];
        keystream::fill(&self.recipe, 1, &mut random);
        random
    }

    /// A subject's codeword, with the request's reference in the message layer: a symbol for each chip of the recipe.
    #[must_use]
    pub fn codeword(&self, recipe: &Recipe, subject: &Subject, reference: &[u8; 8]) -> Vec<bool> {
        let mut random = vec![0; recipe.chips()];
        self.draw(subject, &mut random);
        let message = message::bits(&Hkdf::new(None, &self.check), reference);
        codeword(random, recipe.places(), &message)
    }

    /// A subject's symbols of the tracing layer; those of chips in the message layer mean nothing.
    #[must_use]
    pub fn tracing(&self, recipe: &Recipe, subject: &Subject) -> Vec<bool> {
        let mut random = vec![0; recipe.chips()];
        self.draw(subject, &mut random);
        random
            .iter()
            .zip(recipe.places())
            .map(|(random, place)| random < place)
            .collect()
    }

    /// Fills `random` with the subject's numbers: his symbol is 1 where his number is below the chip's threshold. A buffer of
    /// the caller's, for one who asks for a million subjects.
    pub fn draw(&self, subject: &Subject, random: &mut [u8]) {
        keystream::fill(&self.subjects, u64::from_le_bytes(subject.0), random);
    }

    /// The request that the message layer names, from a value for each chip: positive where symbol 1 is more likely. `None` if
    /// the check fails. What is read is a hint: it takes no part in accusing anybody.
    #[must_use]
    pub fn reference(&self, recipe: &Recipe, soft: &[f32]) -> Option<[u8; 8]> {
        message::read(&Hkdf::new(None, &self.check), recipe, soft)
    }
}

impl fmt::Debug for Code {
    fn fmt(&self, f: &mut fmt::Formatter<'_>) -> fmt::Result {
        f.write_str("Code(redacted)")
    }
}

/// `N` bytes for the purpose that `labels` name together, by HKDF-Expand (RFC 5869 section 2.3).
#[expect(
    clippy::expect_used,
    reason = "expanding fails only beyond 255 * 32 bytes, which N cannot reach"
)]
pub(crate) fn expand<const N: usize>(root: &Hkdf<Sha256>, labels: &[&[u8]]) -> [u8; N] {
    const { assert!(N <= 255 * 32) };
    let mut output = [0; N];
    root.expand_multi_info(labels, &mut output)
        .expect("a length that HKDF allows");
    output
}

#[cfg(test)]
mod tests;
