//! I10: what a picture says besides its pixels is not passed on. I11: orientations that are none.

use crate::pictures::{contains, exif, file, with_segments};
use crate::target::Target;
use anyhow::{Result, ensure};
use image::ImageFormat;

pub fn attack(target: &Target) -> Result<()> {
    let jpeg = file(ImageFormat::Jpeg)?;
    let secret = b"GPS 52.5163 13.3777 canary\0";
    let xmp = [&b"http://ns.adobe.com/xap/1.0/\0<x:xmpmeta>canary</x:xmpmeta>"[..]].concat();
    let segments = [
        (0xe1, exif(6, 0, secret)),
        (0xe1, xmp),
        (0xed, b"Photoshop 3.0\0canary".to_vec()),
        (0xe2, [&b"ICC_PROFILE\0\x01\x01"[..], b"canary, not a profile"].concat()),
        (0xfe, b"canary".to_vec()),
    ];
    let bytes = with_segments(&jpeg, &segments);
    for operations in ["f_jpeg", "f_png", "f_webp", "f_webp,q_100"] {
        let reply = target.render(operations, "gps.jpg", &bytes)?;
        ensure!(reply.status == 200, "{operations}: {}", reply.status);
        for part in [&b"canary"[..], b"Exif", b"xmpmeta", b"Photoshop", b"ICC_PROFILE"] {
            ensure!(
                !contains(&reply.body, part),
                "{operations} carries {}",
                String::from_utf8_lossy(part)
            );
        }
        // Turned before it is stripped.
        let picture = image::load_from_memory(&reply.body)?;
        ensure!(
            (picture.width(), picture.height()) == (64, 96),
            "{operations}: not upright"
        );
    }
    // Orientations that are none, a directory that follows itself, and blocks that end early.
    let mut strange: Vec<Vec<u8>> = [0, 9, 255, 65_535]
        .iter()
        .map(|orientation| exif(*orientation, 0, b"x\0"))
        .collect();
    strange.push(exif(1, 8, b"x\0"));
    strange.push(b"Exif\0\0MM\0*\xff\xff\xff\xff".to_vec());
    strange.push(b"Exif\0\0MM\0*\0\0\0\x08\xff\xff".to_vec());
    strange.push(b"Exif\0\0".to_vec());
    strange.push(b"Exif\0\0XX\0*\0\0\0\x08".to_vec());
    for block in strange {
        let reply = target.render("f_png", "strange.jpg", &with_segments(&jpeg, &[(0xe1, block.clone())]))?;
        ensure!(reply.status == 200, "{block:?}: {}", reply.status);
        let picture = image::load_from_memory(&reply.body)?;
        ensure!((picture.width(), picture.height()) == (96, 64), "{block:?} turned it");
    }
    Ok(())
}
