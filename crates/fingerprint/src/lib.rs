//! The tracing code: which symbols of a rendition are a client's, and which are another's.
//!
//! A rendition is encoded once, with thousands of *chips*: places that can hold one of two symbols, numbered in the order of
//! the file. A client's copy holds his *codeword*, one symbol for each chip. The symbols of the tracing layer are a Tardos
//! code ("Optimal probabilistic fingerprint codes", STOC 2003) with a key in place of dice: chip *i* has a secret bias *p* of
//! the arcsine density, cut off at 0.02, and a subject's symbol there is 1 with probability *p*, independently of all others.
//! Whoever mixes the copies of several clients therefore cannot tell which of them his mixture accuses, and an innocent's
//! symbols stay random whatever the mixture is.
//!
//! The density is symmetric, so the biases already hide which of a chip's symbols is the frequent one: there are no flips.
//!
//! Codewords follow from the [`MarkKey`](watermark::MarkKey), the [`Variant`] and the subject alone. One client gets the same
//! codeword of a variant at every request: with two of them he could average his own copies. What does differ between requests
//! is the [message layer](Layer::Message), an eighth of the chips, which repeats 96 bits naming the request.
//!
//! ```
//! use fingerprint::{Code, Variant};
//! use watermark::{MarkKey, Subject};
//!
//! let code = Code::new(&MarkKey::new([7; 32]), &Variant([1; 32]));
//! let recipe = code.recipe(12_000);
//! let symbols = code.codeword(&recipe, &Subject::of("shop-north"), &[0; 8]);
//! assert_eq!(symbols.len(), 12_000);
//! ```

mod code;
mod codeword;
mod keystream;
mod message;
mod recipe;
mod variant;

pub use code::Code;
pub use message::MESSAGE_BITS;
pub use recipe::{Layer, Recipe};
pub use variant::Variant;
