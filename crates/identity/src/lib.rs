//! Stored records: what a deployment knows of its signing keys, projects and clients, as key-value bytes.
//!
//! This is the one format that everything which writes or reads the store shares. A record that cannot be read completely is
//! an error, never a record with fewer rules: an unknown member may be a restriction.

mod client;
mod error;
mod key;
mod origin;
mod project;
mod untraceable;

pub use client::{ClientRecord, ClientStatus};
pub use error::Error;
pub use key::{KeyRecord, KeyState, Limits, ProjectRef};
pub use origin::{BucketStyle, OriginRecord};
pub use project::ProjectRecord;
pub use untraceable::Untraceable;

/// The version of the stored format that this crate writes and reads.
pub const VERSION: u8 = 1;
