//! I8: SVG. I9: names and types that lie, and formats that are not read.

use crate::pictures::file;
use crate::target::Target;
use anyhow::{Result, ensure};
use image::ImageFormat;

pub fn attack(target: &Target) -> Result<()> {
    for svg in [
        "<svg xmlns=\"http://www.w3.org/2000/svg\" onload=\"alert(1)\"/>",
        "<svg><script>alert(1)</script></svg>",
        "<svg><image href=\"http://169.254.169.254/latest\"/></svg>",
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a SYSTEM \"file:///etc/passwd\">]><svg>&a;</svg>",
        "<?xml version=\"1.0\"?><!DOCTYPE x [<!ENTITY a \"aaaa\"><!ENTITY b \"&a;&a;&a;&a;\">]><svg>&b;</svg>",
        "<svg><g id=\"a\"><use href=\"#a\"/></g></svg>",
    ] {
        target.rejects("picture.png", svg.as_bytes(), 415)?;
        target.rejects("picture.svg", svg.as_bytes(), 415)?;
    }
    let jpeg = file(ImageFormat::Jpeg)?;
    for (name, bytes) in [
        ("x.heic", &b"\0\0\0\x18ftypheic\0\0\0\0mif1heic"[..]),
        ("x.psd", b"8BPS\0\x01\0\0\0\0\0\0\0\x03"),
        ("x.pdf", b"%PDF-1.7\n"),
        ("x.jxl", b"\xff\x0a\xfa\x1f"),
        ("x.ico", b"\0\0\x01\0\x01\0"),
        ("x.jpg", b""),
        ("x.jpg", b"\xff\xd8"),
        ("x.webp", b"RIFF\x24\0\0\0WAVEfmt "),
        ("x.jpg", b"\n"),
    ] {
        target.rejects(name, bytes, 415)?;
    }
    // The first bytes decide, not the name.
    for name in ["x.png", "x.html", "x.svg", "x", "x.exe"] {
        let reply = target.render("w_96,f_webp", name, &jpeg)?;
        ensure!(
            reply.status == 200 && reply.header("content-type") == Some("image/webp"),
            "{name}: {}",
            reply.status
        );
    }
    target.rejects("bad.png", b"\x89PNG\r\n\x1a\n", 422)?;
    target.rejects("bad.tiff", b"MM\0*\0\0\0\x08\0\0", 422)?;
    target.rejects("bad.jpg", b"GIF89a\x01\0\x01\0\0\0\0;", 422)?;
    target.rejects("bad.bmp", b"BM", 422)?;
    target.rejects("bad.webp", b"RIFF\x04\0\0\0WEBP", 422)
}
