//! JPEG: from samples to coefficients to files and back.
//!
//! [`transform`] turns pixels into quantised coefficients, [`encode`] turns coefficients into a baseline JFIF file
//! ([`Process`] into a progressive one, too), and [`read`] turns a file back into exactly the coefficients it carries. Nothing is lost between the last two, which is what a mark in the
//! coefficients needs. [`decode`] turns a file into planes of samples, at a smaller scale for less than its share of the time.
//! Section and table numbers refer to ITU-T Rec. T.81 (JPEG), T.871 (JFIF).

mod bits;
mod coefficients;
mod colour;
mod dct;
mod decode;
mod encode;
mod error;
#[cfg(test)]
mod fixtures;
mod header;
mod huffman;
mod marker;
mod parser;
mod process;
mod progressive;
mod quantisation;
mod read;
mod spectrum;
mod splice;
mod strip;
mod symbols;
mod transform;

pub use coefficients::{Coefficients, Component};
pub use decode::{Colours, Decoder, Plane, Planes, Scale, decode};
pub use encode::encode;
pub use error::Error;
pub use process::{Process, Visit};
pub use quantisation::luminance;
pub use read::{Limits, read};
pub use spectrum::Spectrum;
pub use splice::{Unstuffed, encode_unstuffed};
pub use transform::{Pixels, Sampling, spectrum, transform};
