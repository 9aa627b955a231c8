/// The format that a URL asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP, lossy or lossless.
    WebP,
    /// GIF, with all frames of an animation.
    Gif,
    /// The best of what the client says it accepts.
    Auto,
}

impl Format {
    pub(crate) const NAMES: [(&str, Self); 6] = [
        ("jpeg", Self::Jpeg),
        ("jpg", Self::Jpeg),
        ("png", Self::Png),
        ("webp", Self::WebP),
        ("gif", Self::Gif),
        ("auto", Self::Auto),
    ];

    /// IPX's formats that are not written.
    pub(crate) const LATER: [&str; 5] = ["avif", "heif", "heic", "tiff", "svg"];
}
