//! WebP lossy (VP8 key frames) at coefficient level.
//!
//! A [`Plan`] is a picture whose modes and levels are decided. [`Plan::splice`] writes it as a file in which some symbols can
//! still be changed, by adding numbers to its bytes; [`encode`] writes a plain one. [`read_levels`] reads the levels of any lossy
//! WebP file back, and [`spare`] the bytes that say nothing of the picture. The bitstream is RFC 6386, the container RFC 9649.

mod bool_decoder;
mod bool_encoder;
mod choice;
mod chroma;
mod container;
mod contexts;
mod error;
mod header;
mod levels;
mod modes;
mod neighbours;
mod parsed;
mod pixels;
mod plan;
mod predict;
mod quantise;
mod rates;
mod reconstruction;
mod spare;
mod splice;
mod split;
mod supply;
mod tables;
#[cfg(test)]
mod tests;
mod texture;
mod tokens;
mod transform;
mod whole;
mod yuv;

pub use error::Error;
pub use levels::{Levels, Limits, read_levels};
pub use parsed::Steps;
pub use plan::Plan;
pub use quantise::step;
pub use reconstruction::{Macroblock, Reconstruction};
pub use spare::{SPARE, spare};
pub use splice::{Addend, Free, Place, Spliced};
pub use tables::ZIGZAG;
pub use texture::Texture;
pub use yuv::Pixels;

/// Encodes a picture as a lossy WebP file.
///
/// `quality` is 0..=100 on libwebp's scale; larger values count as 100.
///
/// # Errors
/// [`Error::Dimensions`], [`Error::BufferLength`], or [`Error::TooLarge`] when the format cannot say the result's size.
pub fn encode(pixels: Pixels<'_>, width: u16, height: u16, quality: u8) -> Result<Vec<u8>, Error> {
    Ok(Plan::new(pixels, width, height, quality, 0)?.splice(&[])?.file)
}
