//! What a request may take of memory: large JPEG originals fit far less than a hosted platform's 128 MiB, and a bomb is refused by its
//! header.

use anyhow::Result;
use deckle_tests::{Deckle, get, repository};
use image::codecs::jpeg::JpegEncoder;
use std::time::{Duration, Instant};

fn folder_with(name: &str, bytes: &[u8]) -> Result<tempfile::TempDir> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join(name), bytes)?;
    Ok(folder)
}

/// Renders a photograph of so many pixels in an instance that may have so many MiB.
fn renders_within(width: u32, height: u32, mebibytes: &str) -> Result<()> {
    let photo = image::open(repository().join("static/photos/tea-gardens.jpg"))?;
    let large = photo
        .resize_exact(width, height, image::imageops::FilterType::Triangle)
        .to_rgb8();
    let mut jpeg = Vec::new();
    large.write_with_encoder(JpegEncoder::new_with_quality(&mut jpeg, 92))?;
    let folder = folder_with("large.jpg", &jpeg)?;
    let deckle = Deckle::start(&["--originals", &folder.path().to_string_lossy(), "--memory", mebibytes])?;
    let key = deckle.key()?;
    for segment in ["w_800,f_jpeg", "w_800,f_webp"] {
        let reply = get(&deckle.url(&key.sign(segment, &deckle.source("large.jpg"), None)))?;
        assert_eq!(reply.status, 200, "{segment}: {}", deckle.log()?);
        assert_eq!(image::load_from_memory(&reply.body)?.width(), 800);
    }
    Ok(())
}

#[test]
fn twelve_megapixels_render_within_48_mib() -> Result<()> {
    renders_within(4000, 3000, "48")
}

#[test]
fn twenty_four_megapixels_render_within_96_mib() -> Result<()> {
    renders_within(6000, 4000, "96")
}

#[test]
fn a_pixel_flood_is_refused_by_its_header() -> Result<()> {
    // A PNG header that promises 60,000 x 60,000 pixels of RGBA, and nothing else.
    let mut png = b"\x89PNG\r\n\x1a\n\0\0\0\rIHDR".to_vec();
    png.extend(60_000u32.to_be_bytes());
    png.extend(60_000u32.to_be_bytes());
    png.extend([8, 6, 0, 0, 0, 0, 0, 0, 0]);
    let folder = folder_with("flood.png", &png)?;
    let deckle = Deckle::start(&["--originals", &folder.path().to_string_lossy()])?;
    let reply = get(&deckle.url(&deckle.key()?.sign("w_64", &deckle.source("flood.png"), None)))?;
    assert_eq!(
        (reply.status, reply.error()?),
        (422, "Image processing failed".to_owned())
    );
    let after = get(&deckle.url("/.well-known/spin/health"))?;
    assert_eq!(after.status, 200);
    Ok(())
}

#[test]
fn an_instance_serves_no_more_requests_than_it_may() -> Result<()> {
    let photos = repository().join("static/photos").to_string_lossy().into_owned();
    let arguments = ["--originals", &photos, "--requests-per-instance", "1", "--verbose"];
    let deckle = Deckle::start(&arguments)?;
    let url = deckle.url(&deckle.key()?.sign("w_64", &deckle.source("casa-mila.jpg"), None));
    for _ in 0..3 {
        assert_eq!(get(&url)?.status, 200);
    }
    let start = Instant::now();
    while deckle.log()?.matches("an instance of `edge` ended").count() < 3 {
        assert!(start.elapsed() < Duration::from_secs(60), "{}", deckle.log()?);
        std::thread::sleep(Duration::from_millis(100));
    }
    Ok(())
}
