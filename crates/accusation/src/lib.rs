//! Who leaked a picture: scores of all clients, and a bound on accusing an innocent.
//!
//! What was read of the leak is a soft value for each chip ([`Soft`]): the logarithm of how much better symbol 1 explains what
//! is there than symbol 0 does. A [`Decoder`](decoder::Decoder) turns it into a score for each client, by what his codeword
//! would have contributed. A bank of decoders is asked, because nobody knows what was done to the picture, or by how many.
//!
//! **The bound is a theorem, not a fit.** An innocent's symbols are keyed random bits with known probabilities, independent of
//! the leak: he had no part in making it. Given the leak, his score is therefore a sum of independent terms of known
//! distribution, and Chernoff's inequality bounds its tail, whatever was done to the picture and however wrong the model
//! behind the weights is (Furon and Desoubeaux, "Tardos codes for real", WIFS 2014). All that is asked of the weights is that
//! they were chosen without a look at anybody's codeword. The [`Rule`] multiplies the bound by everything that was tried:
//! clients, variants and decoders.

mod accuse;
mod bound;
mod decoder;
mod scan;
mod soft;
mod strategy;

pub use accuse::{Accusation, Rule, Verdict, accuse};
pub use decoder::DECODERS;
pub use soft::{Soft, WEIGHTINGS};
