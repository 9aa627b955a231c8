//! Why a picture could not be written or a file could not be read.

/// Reasons of refusal.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A side of the picture is 0 or above 16383 pixels, the largest a VP8 key frame can say.
    #[error("each side must have 1 to 16383 pixels")]
    Dimensions,
    /// The pixel buffer does not hold exactly width x height x 3 bytes.
    #[error("the pixel buffer does not match the dimensions")]
    BufferLength,
    /// The first partition (headers and prediction modes) or the file outgrew the size its field can say.
    #[error("the picture does not fit the size fields of the format")]
    TooLarge,
    /// The file is not a RIFF container of form type `WEBP`.
    #[error("not a WebP file")]
    NotWebP,
    /// The file holds no lossy picture: it is lossless, animated or empty.
    #[error("the file holds no VP8 frame")]
    NoVp8Frame,
    /// The frame is not a key frame of a known version, or its start code is wrong.
    #[error("not a VP8 key frame")]
    NotAKeyFrame,
    /// The picture has more pixels than the limits allow.
    #[error("the picture has more pixels than allowed")]
    TooManyPixels,
    /// The file ends before the data it announces.
    #[error("the file is truncated")]
    Truncated,
}
