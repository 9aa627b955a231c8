//! Why a mark cannot be made.

/// Why a mark cannot be made.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The picture is too small or too plain to hold every bit of the codeword once.
    #[error("the picture offers {carriers} carriers, the invisible mark needs {needed}")]
    TooFewCarriers {
        /// Carriers that the picture offers.
        carriers: usize,
        /// Carriers that one codeword takes.
        needed: usize,
    },
    /// An overlay's side is zero or longer than [`MAX_SIDE`](crate::MAX_SIDE).
    #[error("an overlay of {width}x{height} pixels: each side must be 1 to {}", crate::MAX_SIDE)]
    OverlaySides {
        /// Width in pixels.
        width: u32,
        /// Height in pixels.
        height: u32,
    },
    /// An overlay's buffer does not hold four bytes for each of its pixels.
    #[error("an overlay's buffer holds {actual} bytes, its size asks for {expected}")]
    OverlayLength {
        /// Bytes in the buffer.
        actual: usize,
        /// Bytes that width and height ask for.
        expected: usize,
    },
    /// Every pixel of an overlay is fully transparent: painting it would leave no visible mark.
    #[error("the overlay is fully transparent")]
    OverlayInvisible,
}
