//! Signed URLs: what is signed, how a signature is made, and how a request proves that it has one.
//!
//! Version 1 is `/api/v1/{slug}/{operations}/{source}?key=…&sig=…[&exp=…]`. The string to sign is `{operations}/{source}`,
//! percent-decoded exactly once, and `?exp={exp}` after it where the URL expires.

mod error;
mod key;
mod sign;
mod unverified;
mod verify;

pub use error::{Error, QueryError};
pub use key::{PUBLIC_KEY_BYTES, PublicKey, SECRET_KEY_BYTES, key_pair};
pub use sign::{SIGNATURE_LENGTH, reference, signature, signed_path, string_to_sign};
pub use unverified::Unverified;
pub use verify::{Rules, SignedUrl};
