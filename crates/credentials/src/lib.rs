//! Credentials of the control API: client ids, API keys and refresh tokens, as they are written, stored and judged.
//!
//! Secrets are at rest as Argon2id (RFC 9106). They are long and random, so nobody guesses them; the hash is for a store that
//! was stolen. No clock and no randomness are taken here.

mod base32;
mod family;
mod form;
mod hash;

pub use family::{Family, Token, Verdict, judge};
pub use form::{ApiKey, CLIENT_ID_LENGTH, RefreshToken, client_id, family_id, is_client_id};
pub use hash::{Hash, SALT_LENGTH};

/// Seconds that a refresh token lives: 90 days.
pub const REFRESH_LIFETIME: u64 = 90 * 86_400;
/// Failures in a row after which a client is locked for the network they came from.
pub const MAX_FAILURES: u64 = 5;
/// Seconds that it is locked for.
pub const LOCK: u64 = 300;
