//! Signed URLs: what is signed, how a signature is made, and how a request proves that it has one.
//!
//! Version 1 is `/api/v1/{slug}/{operations}/{source}?key=…&sig=…[&exp=…]`. The string to sign is `{operations}/{source}`,
//! percent-decoded exactly once, and `?exp={exp}` after it where the URL expires.
//!
//! Version 2, in [`v2`], signs every field under its name and as it stands in the request. Both end in a [`SignedUrl`].

mod encoding;
mod error;
pub mod expiry;
mod key;
mod rules;
mod sign;
mod signed_url;
mod unverified;
pub mod v2;
mod verify;

pub use error::{Error, QueryError};
pub use key::{PUBLIC_KEY_BYTES, PublicKey, SECRET_KEY_BYTES, key_pair};
pub use rules::Rules;
pub use sign::{SIGNATURE_LENGTH, reference, signature, signed_path, string_to_sign};
pub use signed_url::SignedUrl;
pub use unverified::Unverified;
