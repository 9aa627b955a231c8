//! Splice marking of JPEG: a picture is encoded once, and a client's copy costs a memory copy and some inverted bits.
//!
//! A *chip* is a coefficient that can be either of two levels of the same size category: the Huffman code is the same for both,
//! and only additional bits, on which nothing else in the file depends, tell them apart. [`prepare`] chooses thousands of them
//! where the eye does not see the difference, and encodes the picture around them. The [`Container`] that it makes holds a file
//! in which every chip is at its lower level, and a table of the bits to invert for each chip that a client's codeword sets.
//! Every copy has the same length, and the fragile layer is put in the same way.
//!
//! The mechanism descends from length-preserving marking of coded video and pictures: label bits (Langelaar 1998), size
//! preservation (Fridrich, Goljan, Chen and Du 2004), code mapping (Mobasseri and Berger 2004), and tables of replacements made
//! in an analysis of the stream (Zou and Bloom, "H.264 stream replacement watermarking with CABAC encoding", ICME 2010).

mod average;
mod bounds;
mod carriers;
mod chip;
mod container;
pub mod envelope;
mod error;
mod inspect;
mod masking;
mod order;
mod predict;
mod prepare;
mod splice;
mod strength;
mod table;
mod texture;
pub mod webp;

pub use carriers::{Carriers, read_fragile};
pub use chip::Chip;
pub use container::Container;
pub use error::Error;
pub use predict::traceable;
pub use prepare::{prepare, prepare_as};

/// Version of the choice of chips. A picture has other chips, and therefore another variant, where this differs.
pub const ENCODER: u16 = 5;
