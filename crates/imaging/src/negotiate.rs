use operations::{Fit, Format, Operations};

use crate::accept::Accept;
use crate::{OutputFormat, Probe, SourceFormat, adjust};

/// The outcome of [`negotiate`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negotiated {
    /// The format to render.
    pub format: OutputFormat,
    /// Whether the answer depends on `Accept`, and must say so in `Vary`.
    pub varies: bool,
}

/// Chooses the output's format: the one asked for, or the source's own; for a source whose format is not written, PNG if it has
/// transparency, else JPEG. `f_auto` gives WebP to clients whose `Accept` names
/// it (`image/webp` or `image/*`; `*/*` names nothing) at least as willingly as the alternative; the alternative is PNG for
/// a picture with transparency, else JPEG. A malformed `accept` counts as absent. Of an animation of which all frames are asked
/// for, the alternative is GIF, and so is its own format if it is one.
///
/// WebP is lossless for a picture with transparency or at quality 100, else lossy.
pub fn negotiate(operations: &Operations, accept: Option<&str>, source: &Probe) -> Negotiated {
    let alpha = (source.alpha && !operations.adjustments.flatten)
        || pads_transparently(operations)
        || adjust::adds_alpha(operations);
    let webp = if alpha || operations.quality == Some(100) {
        OutputFormat::WebPLossless
    } else {
        OutputFormat::WebPLossy
    };
    let moves = operations.animated && source.frames > 1;
    let fallback = match (moves, alpha) {
        (true, _) => OutputFormat::Gif,
        (false, true) => OutputFormat::Png,
        (false, false) => OutputFormat::Jpeg,
    };
    let format = match (operations.format, source.format) {
        (Some(Format::Auto), _) => {
            let accept = accept.and_then(Accept::parse);
            let wanted = accept.is_some_and(|accept| {
                let other = accept.covers(match fallback {
                    OutputFormat::Gif => "gif",
                    OutputFormat::Png => "png",
                    _ => "jpeg",
                });
                accept.names("webp") > 0 && accept.names("webp") >= other
            });
            return Negotiated {
                format: if wanted { webp } else { fallback },
                varies: true,
            };
        }
        (Some(Format::Jpeg), _) | (None, SourceFormat::Jpeg) => OutputFormat::Jpeg,
        (Some(Format::Png), _) | (None, SourceFormat::Png) => OutputFormat::Png,
        (Some(Format::WebP), _) | (None, SourceFormat::WebP) => webp,
        (Some(Format::Gif), _) => OutputFormat::Gif,
        // What is not written, or no browser shows.
        (None, SourceFormat::Gif | SourceFormat::Tiff | SourceFormat::Bmp) => fallback,
    };
    Negotiated { format, varies: false }
}

/// Whether padding may make a picture transparent that is not.
fn pads_transparently(operations: &Operations) -> bool {
    operations.fit == Some(Fit::Contain)
        && operations.width.is_some()
        && operations.height.is_some()
        && operations.background.is_some_and(|background| background.alpha != 255)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn source(format: SourceFormat, alpha: bool) -> Probe {
        Probe {
            format,
            width: 9,
            height: 9,
            alpha,
            orientation: 1,
            frames: 1,
        }
    }

    fn auto(accept: Option<&str>, alpha: bool) -> OutputFormat {
        let operations = operations::parse("f_auto").unwrap();
        let negotiated = negotiate(&operations, accept, &source(SourceFormat::Jpeg, alpha));
        assert!(negotiated.varies);
        negotiated.format
    }

    #[test]
    fn auto_by_accept() {
        use OutputFormat::{Jpeg, Png, WebPLossless, WebPLossy};
        let browser = "image/avif,image/webp,image/apng,image/svg+xml,image/*,*/*;q=0.8";
        let table: &[(Option<&str>, OutputFormat, OutputFormat)] = &[
            (None, Jpeg, Png),
            (Some(""), Jpeg, Png),
            (Some("*/*"), Jpeg, Png),
            (Some("text/html"), Jpeg, Png),
            (Some(browser), WebPLossy, WebPLossless),
            (Some("image/webp"), WebPLossy, WebPLossless),
            (Some("IMAGE/WebP ; Q=0.001"), WebPLossy, WebPLossless),
            (Some("image/*"), WebPLossy, WebPLossless),
            (Some("image/webp;q=0"), Jpeg, Png),
            (Some("image/webp;q=0, image/*"), Jpeg, Png),
            (Some("image/webp;q=0.5, */*"), Jpeg, Png),
            (Some("image/webp;q=0.9, image/jpeg;q=0.8"), WebPLossy, WebPLossless),
            (Some("image/webp;q=0.5, image/jpeg"), Jpeg, WebPLossless),
            (Some("image/webp;v=2"), Jpeg, Png),
            (Some("text/plain;x=\"a,image/webp,b\""), Jpeg, Png),
            (Some(", ,image/webp,"), WebPLossy, WebPLossless),
            // Malformed: as if absent.
            (Some("image/webp;q=2"), Jpeg, Png),
            (Some("image/webp;q=1.001"), Jpeg, Png),
            (Some("image/webp;q=0.1234"), Jpeg, Png),
            (Some("image/webp;q"), Jpeg, Png),
            (Some("image/webp, bogus"), Jpeg, Png),
            (Some("*/webp, image/webp"), Jpeg, Png),
            (Some("image/we bp, image/webp"), Jpeg, Png),
        ];
        for (accept, opaque, transparent) in table {
            assert_eq!(
                (auto(*accept, false), auto(*accept, true)),
                (*opaque, *transparent),
                "{accept:?}"
            );
        }
    }

    #[test]
    fn what_is_asked_for_does_not_vary() {
        let table = [
            ("_", SourceFormat::Jpeg, false, OutputFormat::Jpeg),
            ("_", SourceFormat::Png, false, OutputFormat::Png),
            ("_", SourceFormat::WebP, false, OutputFormat::WebPLossy),
            ("_", SourceFormat::WebP, true, OutputFormat::WebPLossless),
            ("q_100", SourceFormat::WebP, false, OutputFormat::WebPLossless),
            ("f_webp", SourceFormat::Jpeg, false, OutputFormat::WebPLossy),
            (
                "f_webp,s_9,fit_contain,b_transparent",
                SourceFormat::Jpeg,
                false,
                OutputFormat::WebPLossless,
            ),
            ("f_jpg", SourceFormat::Png, true, OutputFormat::Jpeg),
            ("f_png", SourceFormat::Jpeg, false, OutputFormat::Png),
        ];
        for (segment, format, alpha, expected) in table {
            let operations = operations::parse(segment).unwrap();
            let negotiated = negotiate(&operations, Some("image/webp"), &source(format, alpha));
            assert_eq!(
                negotiated,
                Negotiated {
                    format: expected,
                    varies: false
                },
                "{segment}"
            );
        }
    }
}
