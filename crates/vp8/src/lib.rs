//! WebP lossy (VP8 key frames) at coefficient level.
//!
//! [`encode`] writes pictures whose quantised luma levels have parities that the caller decides, and [`read_levels`] reads such
//! levels back from any lossy WebP file. The bitstream is RFC 6386, the container RFC 9649.

mod bool_decoder;
mod bool_encoder;
mod choice;
mod chroma;
mod container;
mod contexts;
mod encoder;
mod error;
mod header;
mod levels;
mod modes;
mod neighbours;
mod parity;
mod parsed;
mod pixels;
mod predict;
mod quantise;
mod rates;
mod split;
mod tables;
#[cfg(test)]
mod tests;
mod tokens;
mod transform;
mod whole;
mod yuv;

pub use encoder::encode;
pub use error::Error;
pub use levels::{Levels, Limits, read_levels};
pub use parity::Parity;
pub use yuv::Pixels;
