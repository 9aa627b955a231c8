//! Splice marking of PNG and lossless WebP: a picture is coded once, and a client's copy costs a memory copy and some inverted bits.
//!
//! A *cell* is a block of 8 x 8 pixels of which 7 x 7 can be one level brighter: the two symbols of a chip. Rows are filtered in
//! ways under which that changes few residuals and those by one: by the left neighbour, the first pixel of each row of the cell has
//! one more and the pixel behind the last one less; by the upper neighbour, only the first row and the row behind change; by the mean
//! of both, what changes depends on whether sums are even. The base picture is adjusted so that residuals that grow are even and
//! those that shrink odd, and the Huffman code gives the values 2k and 2k + 1 codes that differ in nothing but their last bit: what
//! tells the symbols apart is raw bits at known places, and every copy has the same length. The fragile layer, true
//! least-significant bits, is put in the same way in rows that no chip touches.
//!
//! A lossless WebP has the same cells, and predicts each block by itself: [`prepare_webp`].
//!
//! [`prepare`] chooses the cells and codes the picture; the [`Container`] that it makes holds the file in which every symbol is 0,
//! and the places of the bits.

mod bits;
mod carriers;
mod cells;
mod container;
mod deflate;
mod error;
mod filter;
mod huffman;
mod inspect;
mod layout;
mod picture;
mod predict;
mod prepare;
mod rows;
mod settle;
mod table;
mod webp;
mod word;

pub use carriers::Carriers;
pub use container::Container;
pub use error::Error;
pub use picture::Picture;
pub use prepare::prepare;
pub use webp::prepare_webp;

/// Version of the choice of chips. A picture has other chips, and therefore another variant, where this differs.
pub const ENCODER: u16 = 1;
