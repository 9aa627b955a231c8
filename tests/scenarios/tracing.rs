//! From a picture that was changed back to the client, with the originals at hand.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, get};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, resize};
use std::path::PathBuf;

const ORIGINAL: &str = "oakland-zoo-otters.jpg";
const OPERATIONS: &str = "w_800,f_jpeg,q_85";

/// A delivered picture with its edges cut off, made smaller, and encoded again.
fn leaked(picture: &[u8]) -> Result<Vec<u8>> {
    let picture = image::load_from_memory(picture)?.into_rgb8();
    let (width, height) = picture.dimensions();
    let cut = crop_imm(&picture, 31, 22, width - 90, height - 70).to_image();
    let small = resize(&cut, cut.width() * 4 / 5, cut.height() * 4 / 5, FilterType::CatmullRom);
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 70).encode_image(&small)?;
    Ok(file)
}

fn photographs() -> PathBuf {
    deckle_tests::repository().join("static/photos")
}

#[test]
fn a_changed_picture_names_its_client_beside_the_originals() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    for innocent in ["client_innocent", "client_bystander"] {
        deckle.run(&["key", "create", "--project", "demo", "--client", innocent])?;
    }
    let reply = get(&deckle.url(&key.sign(OPERATIONS, &deckle.source(ORIGINAL), None)))?;
    ensure!(reply.status == 200, "{}", String::from_utf8_lossy(&reply.body));
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name).to_string_lossy().into_owned();
    let (leak, shown) = (path("leak.jpg"), path("shown.png"));
    std::fs::write(&leak, leaked(&reply.body)?)?;

    // Without the originals nothing can be read any more.
    let blind = deckle.run(&["trace", &leak])?;
    assert_eq!(blind["marked"], false, "{blind}");

    let originals = photographs().to_string_lossy().into_owned();
    let informed = [
        "trace",
        &leak,
        "--original",
        &originals,
        "--operations",
        OPERATIONS,
        "--operations",
        "w_400",
    ];
    let trace = deckle.run(&[&informed[..], &["--picture", &shown]].concat())?;
    assert_eq!(trace["client_id"], key.client.as_str(), "{trace}");
    let accused = trace["accused"].as_array().context("a list")?;
    assert_eq!(accused.len(), 1, "{trace}");
    assert!(
        accused[0]["log10_bound"].as_f64().is_some_and(|bound| bound <= -6.0),
        "{trace}"
    );
    assert!(
        trace["original"].as_str().is_some_and(|path| path.ends_with(ORIGINAL)),
        "{trace}"
    );
    assert_eq!(trace["layer"], "tracing");
    assert!(
        trace["likeness"].as_f64().is_some_and(|likeness| likeness > 0.8),
        "{trace}"
    );
    let shown = image::open(shown)?;
    assert_eq!(shown.width(), 800);

    // A copy of the original itself, which no client ever had.
    let original = std::fs::read(photographs().join(ORIGINAL))?;
    let unmarked = image::load_from_memory(&original)?
        .resize(800, 800, FilterType::Lanczos3)
        .into_rgb8();
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 90).encode_image(&unmarked)?;
    std::fs::write(&leak, file)?;
    let trace = deckle.run(&informed)?;
    assert_eq!(trace["marked"], false, "{trace}");
    assert_eq!(trace["accused"], serde_json::json!([]), "{trace}");
    Ok(())
}

#[test]
fn a_changed_webp_names_its_client_too() -> Result<()> {
    changed("w_800,f_webp")
}

#[test]
fn a_changed_png_names_its_client_too() -> Result<()> {
    changed("w_800,f_png")
}

/// Delivers a picture, changes it, and asks who had it.
fn changed(operations: &str) -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let reply = get(&deckle.url(&key.sign(operations, &deckle.source(ORIGINAL), None)))?;
    ensure!(reply.status == 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.header("x-deckle-mark"), Some("traceable"));
    let folder = tempfile::tempdir()?;
    let leak = folder.path().join("leak.jpg").to_string_lossy().into_owned();
    // Untouched, it says so by itself.
    std::fs::write(&leak, &reply.body)?;
    assert_eq!(deckle.run(&["trace", &leak])?["client_id"], key.client.as_str());

    std::fs::write(&leak, leaked(&reply.body)?)?;
    let originals = photographs().to_string_lossy().into_owned();
    let trace = deckle.run(&["trace", &leak, "--original", &originals, "--operations", operations])?;
    assert_eq!(trace["client_id"], key.client.as_str(), "{trace}");
    assert_eq!(trace["layer"], "tracing");
    let bound = trace["accused"][0]["log10_bound"].as_f64();
    assert!(bound.is_some_and(|bound| bound <= -6.0), "{trace}");
    Ok(())
}
