//! Why a container cannot be made, read or used.

/// Every reason this crate has to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The picture has fewer samples than the fragile mark needs carriers.
    #[error("the picture is too small for the fragile mark")]
    TooSmall,
    /// The picture has no pixels, more than a PNG can hold, or not as many samples as its sides say.
    #[error("not a picture that PNG can hold")]
    Picture,
    /// The bytes are not a container.
    #[error("not a marked-rendition container")]
    Foreign,
    /// A container of another version of this code.
    #[error("a container of another version")]
    Version,
    /// A container that is cut short, or whose bytes have changed since it was written.
    #[error("a damaged container")]
    Damaged,
    /// Not one symbol for each chip.
    #[error("{symbols} symbols for {chips} chips")]
    Symbols {
        /// Symbols given.
        symbols: usize,
        /// Chips of the container.
        chips: usize,
    },
}
