/// The format that a URL asks for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// JPEG.
    Jpeg,
    /// PNG.
    Png,
    /// WebP, lossy or lossless.
    WebP,
    /// The best of what the client says it accepts.
    Auto,
}

impl Format {
    pub(crate) const NAMES: [(&str, Self); 5] = [
        ("jpeg", Self::Jpeg),
        ("jpg", Self::Jpeg),
        ("png", Self::Png),
        ("webp", Self::WebP),
        ("auto", Self::Auto),
    ];

    /// IPX's formats that are not built yet.
    pub(crate) const LATER: [&str; 6] = ["avif", "gif", "heif", "heic", "tiff", "svg"];
}
