//! What a registered leak says of each chip.
//!
//! The tracer knows the rendition without anybody's symbols, so what tells is the *residual*: the leak minus what the rendition
//! would look like after the same treatment. The treatment is estimated from the two pictures, in three steps: a tone curve
//! ([`tone`]), a linear filter for blur, sharpening and resampling ([`filter`]), a gain for each frequency, and what is not in proportion
//! because codecs drop what is small ([`response`]). The residual at a
//! chip's frequency is then compared with what its symbols would leave there, in units of the noise that blocks as busy as its own
//! show at that frequency ([`read`]). A leak that is a JPEG again on the same grid of blocks is read as what it is ([`lattice`]), and so is a
//! lossy WebP file of the same pixels ([`webp`]); one that is much smaller is also read in its own pixels ([`reduced`]).
//!
//! Nothing here sees a codeword, so that the bound on accusing an innocent holds for whatever is read.

mod blocks;
mod filter;
mod lattice;
mod noise;
mod quarter;
mod read;
mod reduced;
mod rendition;
mod response;
mod tone;
mod webp;

pub use read::read;
pub use rendition::Rendition;
pub use webp::Coded;
