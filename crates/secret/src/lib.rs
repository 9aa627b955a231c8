//! Secrets: values that cannot be printed, keys derived for one purpose each, and sealing at rest.
//!
//! No randomness is taken here: nonces and new keys are parameters, so that every result is a function of its inputs.

mod error;
mod master;
mod ring;
mod sealed;
mod text;

pub use error::Error;
pub use master::{MasterKey, Purpose};
pub use ring::SealingKeys;
pub use sealed::{NONCE_LENGTH, Sealed};
pub use text::SecretText;
