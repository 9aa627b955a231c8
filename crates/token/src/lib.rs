//! One-shot image URLs, `GET /i/{token}`: a JSON Web Token (RFC 7519) that is good for one picture, once, from one address.
//!
//! The token is a compact JWS (RFC 7515) under HS256 (RFC 7518 section 3.2). Its header is exactly `alg`, `typ` and `kid`; its
//! claims are `iss`, `sub` (the client), `jti`, `iat`, `exp`, `ip` (absent where binding is off), `key` (the client's public
//! key), `epoch` (the client's), `src` and `ops`. That it is used once is not known here: see the claims of `admission`.
//!
//! Tokens are made and read here, and only here, because what a library leaves open is what attacks are made of (RFC 8725).
//! `jwt-simple`, among the strictest, takes `zip`, `jku` and any other unknown header member, fractional dates, a missing
//! `exp` and a null `ip`, so every part would have to be read a second time; and it brings 70 more crates, RSA among them,
//! and 100 KB to a component where this crate brings 36.
//!
//! Access tokens of the control API are made and read by the same code, with a type, keys and claims of their own:
//! `Authorization: Bearer`, for an hour, `iss`, `sub`, `jti`, `iat`, `exp`, `tier`, `scope_hash`, `epoch` and `sid`.
//!
//! No clock and no randomness are taken here.

mod access;
mod claims;
mod error;
mod header;
mod json;
mod jti;
mod jws;
mod one_shot;
mod ring;

pub use access::{ACCESS_LIFETIME, Access, Bearer, mint_access, verify_access};
pub use error::Error;
pub use jti::Jti;
pub use one_shot::{Grant, OneShot, mint, verify};
pub use ring::{AccessRing, KeyRing};

/// Longest token in characters.
pub const MAX_LENGTH: usize = 4096;
/// Seconds that a token lives: 15 minutes.
pub const LIFETIME: u64 = 900;
/// Seconds by which clocks may differ: a token is accepted until this long after `exp`, and from this long before `iat`.
pub const LEEWAY: u64 = 60;
