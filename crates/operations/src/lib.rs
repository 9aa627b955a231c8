//! The operations grammar of a signed URL, validated and normalised.
//!
//! The grammar is IPX's: modifiers separated by `,` or `&`, a name and its arguments separated by `_`, `:` or `=`, and `_`
//! alone for "no operations". `w_400,h_300,fit_contain,b_fff` asks for a box of 400 x 300 pixels, padded with white.
//!
//! A signed URL has exactly one meaning, so this crate is stricter than IPX:
//!
//! - `w` and `h` together mean the same box as `s_WxH`; `fit`, `pos` and `b` apply to it. `s` beside `w` or `h` is a duplicate.
//! - An unknown modifier, a duplicate (also through an alias), a missing argument and a number that is not written in its
//!   shortest form (`w_0800`, `w_+8`) are errors. Nothing is silently ignored or clamped.
//! - `fit`, `pos` and `b` are valid without a box, where they have nothing to act on.
//!
//! [`parse`] is the only way in, [`Operations::canonical`] the way back: one spelling for each meaning.

mod arguments;
mod canonical;
mod colour;
mod colour_function;
mod colour_names;
mod error;
mod geometry;
mod grammar;
mod modifier;
mod number;
mod output;

pub use colour::Colour;
pub use error::Error;
pub use geometry::{Crop, Fit, Position, Rotation};
pub use output::Format;

/// The longest side that can be asked for, in pixels: IPX's own bound (`maxOutputDimension`).
pub const MAX_SIDE: u32 = 8192;

/// What a URL asks for. The default asks for nothing: the picture as it is, upright and marked.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Operations {
    /// Wanted width in pixels, 1..=[`MAX_SIDE`]. With `height`, the width of a box.
    pub width: Option<u32>,
    /// Wanted height in pixels, 1..=[`MAX_SIDE`]. With `width`, the height of a box.
    pub height: Option<u32>,
    /// How the picture fills the box; `cover` when absent.
    pub fit: Option<Fit>,
    /// Which part of the picture (`cover`) or of the box (`contain`) is used; the centre when absent.
    pub position: Option<Position>,
    /// Colour of padding, and of what shows through when a format has no alpha; opaque black when absent.
    pub background: Option<Colour>,
    /// Encoder quality, 1..=100.
    pub quality: Option<u8>,
    /// Wanted format; the source's own when absent.
    pub format: Option<Format>,
    /// Whether the picture may become larger than its source.
    pub enlarge: bool,
    /// Part of the upright source to keep, before anything else.
    pub crop: Option<Crop>,
    /// Clockwise rotation.
    pub rotate: Rotation,
    /// Mirror top to bottom.
    pub flip: bool,
    /// Mirror left to right.
    pub flop: bool,
    /// Drop the colours.
    pub grayscale: bool,
}

/// Parses the operations segment of a URL. The caller has percent-decoded it exactly once.
///
/// # Errors
/// The first reason found, in the order of the segment; see [`Error`].
pub fn parse(segment: &str) -> Result<Operations, Error> {
    grammar::parse(segment)
}
