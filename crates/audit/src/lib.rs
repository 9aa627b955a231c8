//! The audit log: one event for each request, chained so that nothing can be changed or taken out unnoticed.
//!
//! - [`Event`] is what a component writes. None of its fields takes free text: a token, a secret or a signed URL has no way in.
//! - [`Picture`] says which rendition was delivered, in canonical forms.
//! - [`Entry`] is an event as it is stored, with its place in a chain; [`Verifier`] walks a chain and names the first entry that
//!   does not fit.
//! - [`Class`] says how long an entry is kept. Each class is a chain of its own, so that the old end of one can be cut off while
//!   the other keeps everything: a [`Checkpoint`] takes the place of what was cut.
//! - [`Queue`] holds events while the log cannot be reached, in a [`Buffer`] that counts what it has to drop.
//! - [`Parcel`] carries events from a component without a database to the one that has it.

mod buffer;
mod chain;
mod class;
mod entry;
mod error;
mod event;
mod field;
mod key;
mod parcel;
mod picture;
mod queue;

pub use buffer::Buffer;
pub use chain::{Broken, Checkpoint, Fault, Verifier};
pub use class::Class;
pub use entry::Entry;
pub use error::Error;
pub use event::{Event, Kind, Method, Proof, Writer};
pub use field::{Barcode, ClientId, Endpoint, Outcome, RequestId};
pub use key::Key;
pub use parcel::{MAX_EVENTS, Parcel};
pub use picture::{Picture, Unchecked};
pub use queue::Queue;
