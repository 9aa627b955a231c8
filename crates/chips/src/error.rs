//! Why a container cannot be made, read or used.

/// Every reason this crate has to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// The picture has fewer coefficients or samples than the fragile mark needs carriers.
    #[error("the picture is too small for the fragile mark")]
    TooSmall,
    /// The picture cannot be written as a JPEG, or a container's JPEG cannot be read.
    #[error("{0}")]
    Jpeg(#[from] jpeg::Error),
    /// The picture cannot be written as a WebP, or a file or a container's file cannot be read as one.
    #[error("{0}")]
    WebP(#[from] vp8::Error),
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
