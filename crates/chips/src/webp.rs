//! The same for lossy WebP, whose arithmetic code lets one flip signs by adding numbers to the file.
//!
//! A chip is a luma level of one, in place of zero, whose sign is the symbol, in a block that nothing is predicted from
//! ([`vp8::Plan::free`]): a copy differs from another within the blocks of its chips alone. The fragile mark lies in bytes that say
//! nothing of the picture ([`vp8::spare`]), because every level that holds a bit costs as much as a chip does.

mod choose;
mod container;
mod inspect;
mod prepare;
mod table;

pub use container::Container;
pub use inspect::{Chip, Inspection};
pub use prepare::{prepare, read_fragile, unmarked, without_chips};

/// Version of the choice of chips. A picture has other chips, and therefore another variant, where this differs.
pub const ENCODER: u16 = 2;
