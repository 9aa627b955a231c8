use thiserror::Error;

/// Why a picture cannot be read, rendered or traced.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Error {
    /// Not a format that is read, or a kind of one that is not (lossless or arithmetic JPEG, CMYK without Adobe's marker, TIFF with
    /// JPEG inside).
    #[error("the picture's format is not supported")]
    Unsupported,
    /// The file breaks its format's rules or ends early.
    #[error("the picture is damaged")]
    Malformed,
    /// Reading or making the picture would take more than the budget allows.
    #[error("the picture is too large: {0}")]
    OverBudget(Excess),
    /// The crop reaches outside the upright source.
    #[error("the crop lies outside the picture")]
    CropOutside,
    /// The window of a median or an equalisation is larger than the resized picture.
    #[error("the window is larger than the picture")]
    WindowTooLarge,
    /// An operation that looks at the picture to cut it would cut each frame of an animation elsewhere.
    #[error("the operation is not for animations")]
    Moving,
    /// The output is too small to carry the invisible mark.
    #[error("the picture is too small to be marked")]
    TooSmall,
    /// The overlay is not a usable PNG.
    #[error("the overlay is not a usable PNG")]
    Overlay,
    /// An encoder refused what the steps before it made: a fault of ours, not of the picture.
    #[error("the picture could not be encoded")]
    Encode,
    /// The bytes are not a rendition that was kept, or not by this version, or not any more.
    #[error("not a rendition that was kept, or a damaged one")]
    Container,
}

/// Which part of the budget is exceeded.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Error)]
pub enum Excess {
    /// The file's bytes.
    #[error("file size")]
    FileBytes,
    /// The decoded pixels' bytes.
    #[error("source pixels")]
    PixelBytes,
    /// Memory at the most demanding step.
    #[error("memory")]
    WorkingBytes,
    /// A side of the output.
    #[error("output side")]
    OutputSide,
    /// The output's pixels.
    #[error("output pixels")]
    OutputPixels,
    /// Scans of a progressive JPEG.
    #[error("scans")]
    Scans,
    /// Frames of an animation.
    #[error("frames")]
    Frames,
    /// Work that the pixels do not account for: scans that go over the whole picture again and again, blocks of compressed
    /// data that hold nothing, or operations that take long for every pixel.
    #[error("work")]
    Work,
}
