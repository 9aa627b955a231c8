//! What leaks go through: the named distortions by which the mark is judged, so that tests and benches mean the same by a name.
//!
//! Nothing here is part of a product; it depends on codecs other than ours where it can.

mod catalogue;
mod codec;
mod error;
mod geometry;
mod picture;
mod tone;

pub use catalogue::{Distortion, FIRST, HARDER, named};
pub use error::Error;
pub use picture::Picture;
