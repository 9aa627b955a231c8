//! Decode, transform, mark and encode: a list of named steps.
//!
//! [`render`] is the whole path from an original's bytes to a delivered picture; its steps stand in `pipeline.rs` in the
//! order they run. Only it makes a [`Rendition`], and it cannot run without [`watermark::Marks`]: there is no way to a
//! picture without both marks. [`trace`] reads the invisible mark back. [`prepare`] stops before anybody's mark: what it gives is
//! the same for every client, and no picture yet.
//!
//! # Order
//! Orientation, trim, crop, gamma in, resize, mirror and rotation, colour to sRGB, background, padding, greyscale; then
//! rotation by any angle, extend, median, threshold, dilate, erode, blur, unflatten, modulate, sharpen, opacity, gamma out,
//! linear, normalize, clahe, tint, negate and rounded corners; visible mark, invisible mark, encoding. `rotate` happens before the resize when a width is given, so that the width is the picture's own, and
//! after it otherwise (IPX's order for its short names). Without `enlarge` nothing becomes larger than its (cropped)
//! source: a width or a height stops at the source's, a box first shrinks in its own ratio until it fits inside the source.
//!
//! # Smallest pictures
//! The invisible mark needs 448 carriers; a smaller picture is [`Error::TooSmall`]. That is three 8 x 8 blocks for JPEG
//! (17 x 8 pixels), 150 pixels for PNG and lossless WebP, 448 opaque pixels for GIF. Lossy WebP has them at any size.
//!
//! # Animations
//! Where all frames are asked for and the format has frames, each frame goes the whole way by itself, marks included; what all of them
//! take together is held against the budget before the first is decoded.
//!
//! # Limits
//! Nothing is allocated for pixels before the file's own header has been held against the [`Budget`].

mod accept;
mod adjust;
mod arrival;
mod budget;
mod colour;
mod encode;
mod error;
mod format;
mod greyscale;
mod ink;
mod kernel;
mod lab;
mod light;
mod luma;
mod moving;
mod negotiate;
mod overlay;
mod pad;
mod pipeline;
mod plan;
mod planar;
mod raster;
mod resize;
mod shape;
mod source;
mod trace;
mod turn;
mod unmarked;

pub use arrival::Arrival;
pub use budget::Budget;
pub use error::{Error, Excess};
pub use format::{OutputFormat, SourceFormat};
pub use luma::{Luma, luma, small_luma};
pub use negotiate::{Negotiated, negotiate};
pub use overlay::decode_overlay;
pub use pipeline::{Rendition, prepare, render};
pub use source::{Probe, probe};
pub use trace::trace;
pub use unmarked::{ENCODERS, Unmarked};

#[cfg(test)]
mod tests;
