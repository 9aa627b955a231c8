//! Authentication: tokens for credentials, and who bears them.

mod attempts;
mod bearer;
mod issue;
mod limits;
mod refresh;
mod revoke;
mod sweep;
mod token;

pub use bearer::{Caller, authenticate};
pub use refresh::refresh;
pub use revoke::revoke;
pub use token::token;

/// Who makes access tokens: this deployment itself.
const ISSUER: &str = "deckle";

#[cfg(test)]
mod tests;
