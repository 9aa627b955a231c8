//! The formats that come in and go out.

/// A format that is read.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum SourceFormat {
    /// JPEG: baseline and progressive, grey, YCbCr, RGB, and Adobe's CMYK and YCCK.
    Jpeg,
    /// PNG: every colour type and depth; of an animation, the default picture.
    Png,
    /// WebP: lossy and lossless, animations.
    WebP,
    /// GIF: frames on their canvas.
    Gif,
    /// TIFF: the first picture; grey, RGB and CMYK of 8 or 16 bits, without JPEG or fax inside.
    Tiff,
    /// BMP.
    Bmp,
}

impl SourceFormat {
    /// Decides by the first bytes alone: names and declared types may lie.
    pub fn sniff(file: &[u8]) -> Option<Self> {
        match file {
            [0xFF, 0xD8, 0xFF, ..] => Some(Self::Jpeg),
            [0x89, b'P', b'N', b'G', b'\r', b'\n', 0x1A, b'\n', ..] => Some(Self::Png),
            [b'R', b'I', b'F', b'F', _, _, _, _, b'W', b'E', b'B', b'P', ..] => Some(Self::WebP),
            [b'G', b'I', b'F', b'8', b'7' | b'9', b'a', ..] => Some(Self::Gif),
            [b'I', b'I', 42, 0, ..] | [b'M', b'M', 0, 42, ..] => Some(Self::Tiff),
            [b'B', b'M', ..] => Some(Self::Bmp),
            _ => None,
        }
    }
}

/// A format that is written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum OutputFormat {
    /// Baseline JPEG; without alpha.
    Jpeg,
    /// PNG, 8-bit RGB or RGBA.
    Png,
    /// Lossy WebP; without alpha.
    WebPLossy,
    /// Lossless WebP, RGB or RGBA.
    WebPLossless,
    /// GIF of 127 colours a frame, opaque or transparent.
    Gif,
}

impl OutputFormat {
    const ALL: [Self; 5] = [Self::Jpeg, Self::Png, Self::WebPLossy, Self::WebPLossless, Self::Gif];

    /// The media type for `Content-Type`.
    pub fn media_type(self) -> &'static str {
        match self {
            Self::Jpeg => "image/jpeg",
            Self::Png => "image/png",
            Self::WebPLossy | Self::WebPLossless => "image/webp",
            Self::Gif => "image/gif",
        }
    }

    /// A short name for logs: `jpeg`, `png`, `webp`, `webp-lossless` or `gif`.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg => "jpeg",
            Self::Png => "png",
            Self::WebPLossy => "webp",
            Self::WebPLossless => "webp-lossless",
            Self::Gif => "gif",
        }
    }

    /// Reads what [`OutputFormat::name`] gave.
    pub fn from_name(name: &str) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.name() == name)
    }

    /// Stands for it among stored bytes, for good.
    pub(crate) fn to_byte(self) -> u8 {
        match self {
            Self::Jpeg => 1,
            Self::Png => 2,
            Self::WebPLossy => 3,
            Self::WebPLossless => 4,
            Self::Gif => 5,
        }
    }

    /// Reads what [`OutputFormat::to_byte`] gave.
    pub(crate) fn from_byte(byte: u8) -> Option<Self> {
        Self::ALL.into_iter().find(|format| format.to_byte() == byte)
    }

    /// Whether it can hold transparency.
    pub(crate) fn has_alpha(self) -> bool {
        matches!(self, Self::Png | Self::WebPLossless | Self::Gif)
    }

    /// Whether it can hold an animation.
    pub(crate) fn has_frames(self) -> bool {
        matches!(self, Self::WebPLossy | Self::WebPLossless | Self::Gif)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn first_bytes_decide() {
        assert_eq!(SourceFormat::sniff(b"\xFF\xD8\xFF\xE0rest"), Some(SourceFormat::Jpeg));
        assert_eq!(SourceFormat::sniff(b"\x89PNG\r\n\x1A\nrest"), Some(SourceFormat::Png));
        assert_eq!(SourceFormat::sniff(b"RIFF\0\0\0\0WEBPVP8 "), Some(SourceFormat::WebP));
        assert_eq!(SourceFormat::sniff(b"GIF89arest"), Some(SourceFormat::Gif));
        assert_eq!(SourceFormat::sniff(b"II*\0rest"), Some(SourceFormat::Tiff));
        assert_eq!(SourceFormat::sniff(b"MM\0*rest"), Some(SourceFormat::Tiff));
        assert_eq!(SourceFormat::sniff(b"BMrest"), Some(SourceFormat::Bmp));
        for other in [
            &b""[..],
            b"\xFF\xD8",
            b"GIF88a",
            b"MM*\0",
            b"RIFF\0\0\0\0WAVE",
            b"<svg",
            b" \x89PNG\r\n\x1A\n",
        ] {
            assert_eq!(SourceFormat::sniff(other), None);
        }
    }
}
