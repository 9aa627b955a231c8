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
//! `preset_NAME` stands for operations that the project has given a name. [`Segment`] reads what a URL says, and resolves it by
//! the project's presets and by what its key allows; [`parse`] reads operations without presets. [`Operations::canonical`] is
//! the way back: one spelling for each meaning.

mod allow;
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
mod segment;

pub use allow::AllowRule;
pub use arguments::is_preset_name;
pub use colour::Colour;
pub use error::Error;
pub use geometry::{Crop, Fit, Position, Rotation};
pub use output::Format;
pub use segment::Segment;

use std::collections::BTreeMap;

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

/// Parses operations without a preset: what a preset itself can be.
///
/// # Errors
/// The first reason found, in the order of the text; a preset is [`Error::UnknownPreset`].
pub fn parse(text: &str) -> Result<Operations, Error> {
    Segment::parse(text)?.resolve(&BTreeMap::new(), None)
}
