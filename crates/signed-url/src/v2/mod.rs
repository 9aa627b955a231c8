//! Version 2: `/v2/{slug}/{operations}/{source}?kid=…&exp=…[&nbf=…][&sub=…][&once=…][&ip=…]&sig=…`.
//!
//! The string to sign has one line per field, in this order, joined by line feeds, without one at the end; fields that the
//! URL does not have are left out:
//!
//! ```text
//! deckle-v2
//! slug:demo
//! operations:w_800,f_webp
//! source:images.example.com/caf%C3%A9.jpg
//! kid:pk_AAECAwQFBgcICQoLDA0ODw
//! exp:1798761600
//! nbf:…
//! sub:…
//! once:…
//! ip:…
//! ```
//!
//! The bytes are those of the request: nothing is decoded before the signature has been compared. No field can hold a line
//! feed and every line begins with its field's name, so two different requests never have one string. `sig` is base64url of
//! HMAC-SHA-256 under the whole secret text, 43 characters without padding, in its canonical spelling only.
//!
//! | Parameter | Form |
//! |---|---|
//! | `kid` | a public key: `pk_` and 1 to 64 base64url characters |
//! | `exp` | the last second in which the URL works: Unix seconds, decimal, at most 10 digits |
//! | `nbf` | the first such second, not after `exp` |
//! | `sub` | whom the mark names: 1 to 128 unreserved characters (RFC 3986 section 2.3: letters, digits, `-._~`) |
//! | `once` | makes the URL single-use: 16 to 64 base64url characters, unique within the key |
//! | `ip` | an address, or a network `address/prefix`, in canonical text (RFC 5952, no host bits, no prefix of 0) |
//!
//! Each stands at most once, in any order, and none is percent-encoded.

mod fields;
mod sign;
mod unverified;
mod verify;

pub use sign::{Options, SIGNATURE_LENGTH, signed_path};
pub use unverified::Unverified;
pub use verify::LEEWAY;

#[cfg(test)]
mod attacks;
