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
//! - `fit`, `pos`, `b` and the like are valid without a box, where they have nothing to act on.
//! - A modifier without argument takes its default; one that would then do nothing (`w`, `tint`) needs an argument.
//! - `brightness`, `saturation`, `hue` and `lightness` are the four of `modulate`, and each of them is given once.
//!
//! Beside IPX's there are `dpr_N`, which multiplies the sides, `gravity_fp_X_Y`, a point of the picture that `cover` keeps in
//! the middle, `pad_N`, which is `extend` as CSS writes it, `radius_N` for rounded corners, and `progressive`, which says how a
//! JPEG is written.
//!
//! `preset_NAME` stands for operations that the project has given a name. [`Segment`] reads what a URL says, and resolves it by
//! the project's presets and by what its key allows; [`parse`] reads operations without presets. [`Operations::canonical`] is
//! the way back: one spelling for each meaning.

mod adjustments;
mod allow;
mod arguments;
mod canonical;
mod colour;
mod colour_function;
mod colour_names;
mod decimal;
mod error;
mod geometry;
mod grammar;
mod modifier;
mod names;
mod number;
mod output;
mod segment;

pub use adjustments::{
    Adjustments, Blur, Clahe, Gamma, Linear, Modulate, Negate, Normalize, Precision, Sharpen, Threshold,
};
pub use allow::AllowRule;
pub use arguments::is_preset_name;
pub use colour::Colour;
pub use decimal::Decimal;
pub use error::Error;
pub use geometry::{Crop, Extend, ExtendWith, Fit, Kernel, Position, Rotation};
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
    /// The filter of the resize; Lanczos with three lobes when absent.
    pub kernel: Option<Kernel>,
    /// Encoder quality, 1..=100.
    pub quality: Option<u8>,
    /// Wanted format; the source's own when absent.
    pub format: Option<Format>,
    /// Whether a JPEG is written progressively; of other formats it says nothing.
    pub progressive: bool,
    /// Whether the picture may become larger than its source.
    pub enlarge: bool,
    /// Cut away what differs from the top left pixel by no more than so many levels of 255, before anything else.
    pub trim: Option<Decimal>,
    /// Part of the upright (and trimmed) source to keep.
    pub crop: Option<Crop>,
    /// Clockwise rotation.
    pub rotate: Rotation,
    /// Mirror top to bottom.
    pub flip: bool,
    /// Mirror left to right.
    pub flop: bool,
    /// Drop the colours.
    pub grayscale: bool,
    /// Wider canvas, after resize and rotation.
    pub extend: Option<Extend>,
    /// What is done to the pixels.
    pub adjustments: Adjustments,
    /// Radius of rounded corners in pixels, 1..=[`MAX_SIDE`], after everything else.
    pub radius: Option<u32>,
    /// Whether all frames of an animation are asked for.
    pub animated: bool,
    /// Pixel ratio, 1..=4. [`Segment::resolve`] multiplies it into the sides, and leaves none.
    pub dpr: Option<Decimal>,
}

impl Operations {
    /// Whether they ask for more than can be had by cutting, scaling and turning each channel of a picture by itself, padding
    /// with a colour, dropping the colours and encoding: whether the pixels themselves are looked at or changed.
    pub fn needs_pixels(&self) -> bool {
        let looks = matches!(self.position, Some(Position::Entropy | Position::Attention));
        let turns = matches!(self.rotate, Rotation::Free(_));
        let changes = self.trim.is_some() || self.extend.is_some() || self.radius.is_some();
        looks || turns || changes || self.adjustments != Adjustments::default()
    }

    /// Multiplies the pixel ratio into the sides.
    fn at_density(mut self) -> Result<Self, Error> {
        let Some(dpr) = self.dpr.take() else {
            return Ok(self);
        };
        for side in [&mut self.width, &mut self.height].into_iter().flatten() {
            *side = dpr.times(*side, MAX_SIDE).ok_or(Error::Invalid {
                modifier: modifier::Modifier::Dpr.name(),
                expected: modifier::Modifier::Dpr.expected(),
            })?;
        }
        Ok(self)
    }
}

/// Parses operations without a preset: what a preset itself can be.
///
/// # Errors
/// The first reason found, in the order of the text; a preset is [`Error::UnknownPreset`].
pub fn parse(text: &str) -> Result<Operations, Error> {
    Segment::parse(text)?.resolve(&BTreeMap::new(), None)
}
