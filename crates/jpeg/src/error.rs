//! Why a picture could not be transformed, written or read.

/// Every reason this crate has to refuse.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
#[non_exhaustive]
pub enum Error {
    /// A side is zero, or the buffer does not hold exactly width x height pixels.
    #[error("the pixel buffer does not match the picture's sides")]
    PixelCount,
    /// The quality is outside 1..=100.
    #[error("quality must be 1 to 100")]
    Quality,
    /// The components' numbers, sampling factors or block counts do not describe one picture.
    #[error("the components do not describe one picture")]
    Geometry,
    /// A quantisation step is outside 1..=255, the range of a baseline table.
    #[error("a quantisation step is outside the baseline range")]
    QuantisationRange,
    /// A coefficient (AC beyond 10 bits, DC difference beyond 11) that baseline coding cannot express.
    #[error("a coefficient is outside the baseline range")]
    CoefficientRange,
    /// The memory for the coefficients could not be had.
    #[error("not enough memory for the coefficients")]
    Memory,
    /// A valid JPEG of a kind this crate does not read or write.
    #[error("unsupported JPEG: {0}")]
    Unsupported(&'static str),
    /// The file breaks the JPEG syntax.
    #[error("malformed JPEG: {0}")]
    Malformed(&'static str),
    /// The file, or one entropy-coded segment in it, ends early.
    #[error("truncated JPEG")]
    Truncated,
    /// More pixels than the limit allows.
    #[error("the picture has too many pixels")]
    TooManyPixels,
    /// More scans than the limit allows.
    #[error("the picture has too many scans")]
    TooManyScans,
    /// Scans over more coefficients than the limit allows.
    #[error("the scans are too much work")]
    TooMuchWork,
}
