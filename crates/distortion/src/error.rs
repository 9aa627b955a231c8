//! Why a picture cannot be distorted.

/// Why a picture cannot be distorted.
#[derive(Clone, Copy, Debug, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A side is 0, or a buffer does not hold three bytes for each pixel.
    #[error("the buffer does not fit the picture's sides")]
    Sides,
    /// The codec refused the picture, or its own file.
    #[error("the codec refused the picture")]
    Codec,
}
