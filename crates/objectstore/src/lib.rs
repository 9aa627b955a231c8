//! Originals in S3-compatible object stores: which keys may be asked for, at which address, and how a request for one is
//! signed (AWS Signature Version 4). No clock: the time is a parameter.

mod bucket;
mod date;
mod error;
mod error_code;
mod key;
mod signature;

pub use bucket::{Bucket, SignedGet, Style};
pub use error::Error;
pub use error_code::error_code;
pub use key::ObjectKey;
pub use signature::Credentials;
