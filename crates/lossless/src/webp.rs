//! The same cells in lossless WebP (the "WebP Lossless Bitstream Specification", RFC 9649 section 3).
//!
//! Red and blue are coded as their differences from green, so a symbol, which is a level of all three, is one of green alone. Each
//! block of 8 x 8 pixels has its own predictor, and nothing outside the block is predicted from what its symbol changes. Every copy is
//! of the same length: what changes of a residual changes by 1, the base picture is adjusted so that residuals that grow are even and
//! those that shrink odd, and the codes of 2k and 2k + 1 differ in their last bit.

mod code;
mod marks;
mod pixels;
mod predictor;
mod row;
mod settle;
mod stream;

use crate::carriers::Carriers;
use crate::cells;
use crate::container::{Coded, Format};
use crate::prepare::variant;
use crate::{Container, Error, Picture, predict};

/// Chooses chips and carriers and codes the picture around them, as a lossless WebP of three or four channels. `None` for a picture
/// that cannot carry enough chips to be traced. The same picture gives the same container, on every machine.
///
/// # Errors
/// [`Error::Picture`] if it is larger than a WebP can be.
pub fn prepare_webp(picture: &Picture) -> Result<Option<Container>, Error> {
    let shape = picture.shape;
    if shape.width.max(shape.height) > stream::MOST_SIDE || shape.channels < 3 {
        return Err(Error::Picture);
    }
    let carriers = Carriers::among(shape);
    let blocks = if carriers.on_grid() {
        cells::blocks(picture)
    } else {
        Vec::new()
    };
    let chips = blocks.iter().filter(|block| block.chip).count();
    let score = predict::score(&blocks, shape.colours());
    if !chips::traceable(chips, score) {
        return Ok(None);
    }
    let mut pixels = pixels::Pixels::of(picture);
    let modes = predictor::choose(&pixels);
    let masks = settle::chips(&mut pixels, &blocks, &modes);
    let carried = settle::carriers(&mut pixels, &carriers, &modes);
    let (file, [chips_table, carriers_table]) = stream::code(&pixels, &modes, &masks, &carried)?;
    let coded = Coded {
        file,
        chips: chips_table,
        sums: Vec::new(),
        carriers: carriers_table,
    };
    let variant = variant(b"deckle rendition lossless webp", shape, &blocks);
    Container::new(Format::WebP, shape, variant, (chips, score), &coded).map(Some)
}
