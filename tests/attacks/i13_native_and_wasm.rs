//! I13: what is right in 64 bits and wrong in 32. The component and the same code compiled for this machine get the same files,
//! good and damaged, and must come to the same answer and the same pixels.

use crate::pictures::{chunk, file, ihdr, png, zeros};
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use deckle_tests::{Reply, repository};
use image::{ImageFormat, RgbaImage};
use imaging::{Budget, OutputFormat, decode_overlay, render};
use std::sync::Arc;
use watermark::{KeyTag, Kind, MarkKey, Marks, Payload, Subject};

pub fn attack(target: &Target) -> Result<()> {
    let marks = marks()?;
    let mut pictures = 0;
    for (name, bytes) in files()? {
        for operations in ["f_png", "w_60,f_png", "crop_8_8_60_40,rotate_90,f_png"] {
            let there = target.render(operations, &name, &bytes)?;
            let here = native(operations, &bytes, &marks)?;
            pictures += usize::from(here.is_some());
            same(&there, here).with_context(|| format!("{name} {operations}"))?;
        }
        // Cut short and with wrong bits. Pixels behind the damage may be anything, the answer may not.
        for part in 1..8 {
            let mut damaged = bytes.clone();
            damaged[part * 7919 % bytes.len().min(600)] ^= 1 << part;
            for broken in [&bytes[..part * bytes.len() / 8], &damaged] {
                let there = target.render("f_png", &name, broken)?;
                let here = native("f_png", broken, &marks)?;
                ensure!(
                    (there.status == 200) == here.is_some(),
                    "{name}, damage {part}: {}, here {}",
                    there.status,
                    here.is_some()
                );
            }
        }
    }
    ensure!(pictures > 30, "only {pictures} were pictures");
    Ok(())
}

/// Originals in every format, and headers whose products do not fit 32 bits.
fn files() -> Result<Vec<(String, Vec<u8>)>> {
    let mut files = Vec::new();
    for entry in std::fs::read_dir(repository().join("tests/goldens/sources"))? {
        let path = entry?.path();
        let name = path.file_name().context("a name")?.to_string_lossy().into_owned();
        files.push((name, std::fs::read(path)?));
    }
    files.push(("photo.jpg".to_owned(), file(ImageFormat::Jpeg)?));
    files.push(("photo.png".to_owned(), file(ImageFormat::Png)?));
    files.push(("photo.webp".to_owned(), file(ImageFormat::WebP)?));
    for (width, height) in [
        (1, 512),
        (512, 1),
        (7, 71),
        (65_537, 65_537),
        (46_341, 46_341),
        (0x7fff_ffff, 3),
    ] {
        let pixels = zeros((width * 3 + 1) * height % (1 << 20))?;
        let header = ihdr(width as u32, height as u32, 8, 2, 0);
        files.push((format!("{width}x{height}.png"), png(&[header, chunk(b"IDAT", &pixels)])));
    }
    for (depth, colour) in [(1, 0), (2, 0), (16, 0), (16, 2), (8, 4), (16, 6)] {
        let pixels = zeros(96 * (96 * 8 + 1))?;
        let header = ihdr(96, 96, depth, colour, 1);
        files.push((format!("{depth}-{colour}.png"), png(&[header, chunk(b"IDAT", &pixels)])));
    }
    Ok(files)
}

/// The mark that is seen is the deployment's. The one that is not is another: only differences of a level show which.
fn marks() -> Result<Marks> {
    let overlay = std::fs::read(repository().join("static/brand/overlay.png"))?;
    let payload = Payload {
        kind: Kind::SignedUrl,
        subject: Subject::of("client_shop"),
        key: KeyTag::of("pk_here"),
        reference: *b"natively",
        time: 1_700_000_000,
    };
    Ok(Marks {
        overlay: Arc::new(decode_overlay(&overlay)?),
        key: MarkKey::new([9; 32]),
        payload,
    })
}

fn native(operations: &str, bytes: &[u8], marks: &Marks) -> Result<Option<RgbaImage>> {
    let operations = operations::parse(operations)?;
    let rendition = render(bytes, &operations, OutputFormat::Png, marks, &Budget::default());
    let picture = rendition
        .ok()
        .map(|rendition| image::load_from_memory(rendition.bytes()));
    Ok(picture.transpose()?.map(|picture| picture.to_rgba8()))
}

/// Whether both refused, or both made one picture: no sample differs by more than a level, which is the mark.
fn same(there: &Reply, here: Option<RgbaImage>) -> Result<()> {
    let Some(here) = here else {
        ensure!(
            [415, 422].contains(&there.status),
            "{}, and here it fails",
            there.status
        );
        return Ok(());
    };
    ensure!(there.status == 200, "{}, and here it is a picture", there.status);
    let there = image::load_from_memory(&there.body)?.to_rgba8();
    ensure!(there.dimensions() == here.dimensions(), "{:?}", there.dimensions());
    let differences = there.as_raw().iter().zip(here.as_raw()).map(|(a, b)| a.abs_diff(*b));
    let worst = differences.max().unwrap_or_default();
    ensure!(worst <= 1, "samples differ by {worst}");
    Ok(())
}
