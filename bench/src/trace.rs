//! `--trace`: how long `deckle trace` takes to find one leak's client among a million, and its rendition among a thousand.

use std::path::Path;
use std::process::{Command, Stdio};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use deckle_tests::repository;
use distortion::Picture;
use image::codecs::jpeg::JpegEncoder;
use imaging::{Budget, OutputFormat, Unmarked};
use operations::Operations;
use rayon::prelude::*;
use secret::{MasterKey, Purpose};
use serde_json::{Value, json};
use watermark::{KeyTag, Kind, MarkKey, Overlay, Payload, Subject};

use crate::mark::{PHOTOGRAPHS, Photograph};
use crate::progress;

/// Parts of each photograph, each way: every one is an original.
const PARTS: u32 = 3;
/// Originals.
const ORIGINALS: usize = 250;
/// What each of them was served as.
const OPERATIONS: [&str; 4] = [
    "w_600,f_jpeg,q_80",
    "s_480x360,f_jpeg",
    "w_320,f_jpeg,q_70",
    "w_600,f_webp,q_80",
];
/// Viewers of one client.
const VIEWERS: usize = 1_000_000;
/// Leaks: an original, an operation, and what was done to the copy. The first search finds no sketches.
const LEAKS: [(usize, usize, &str); 3] = [(139, 0, "crop25"), (103, 1, "jpeg75"), (58, 3, "rot1")];

/// Makes the set in a folder of its own, traces the leaks and prints how long each search took.
pub fn run() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let path = |name: &str| folder.path().join(name);
    let (master, marking) = keys()?;
    let overlay = imaging::decode_overlay(&std::fs::read(repository().join("static/brand/overlay.png"))?)?;
    let operations = OPERATIONS.map(operations::parse);
    let operations: Vec<Operations> = operations.into_iter().collect::<Result<_, _>>()?;

    progress::show("making the originals");
    std::fs::create_dir(path("originals"))?;
    let originals: Vec<Vec<u8>> = PHOTOGRAPHS.par_iter().map(parts).collect::<Result<Vec<_>>>()?.concat();
    let originals = originals.get(..ORIGINALS).context("too few photographs")?;
    for (number, original) in originals.iter().enumerate() {
        std::fs::write(path("originals").join(format!("{number}.jpg")), original)?;
    }
    progress::show("rendering what was served");
    let rendered = |(number, original): (usize, &Vec<u8>)| {
        let each = operations.iter().map(|operations| {
            let rendition = prepare(original, operations, &overlay, &marking)?;
            Ok(line(number, operations, &rendition))
        });
        each.collect::<Result<Vec<String>>>()
    };
    let log: Vec<Vec<String>> = originals.par_iter().enumerate().map(rendered).collect::<Result<_>>()?;
    std::fs::write(path("edge.jsonl"), log.concat().join("\n"))?;
    let viewers: Vec<String> = (0..VIEWERS).map(viewer).collect();
    std::fs::write(path("viewers"), viewers.join("\n"))?;
    progress::clear();

    println!("{VIEWERS} viewers, {} renditions", log.concat().len());
    for (at, (original, operation, distortion)) in LEAKS.into_iter().enumerate() {
        let leaker = viewer(at * 333_333 + 7);
        let rendition = prepare(&originals[original], &operations[operation], &overlay, &marking)?;
        let copy = copy(rendition, &marking, &leaker)?;
        std::fs::write(path("leak.jpg"), leaked(&copy, distortion)?)?;
        let started = Instant::now();
        let found = trace(folder.path(), &master)?;
        let seconds = started.elapsed().as_secs_f64();
        let accused = found["accused"][0]["viewer"] == leaker.as_str();
        ensure!(accused, "{distortion} names somebody else, or nobody: {found}");
        println!(
            "{distortion:<10} {seconds:>6.1} s  {} of {} renditions compared, log10 of the bound {:.1}",
            found["compared"],
            found["variants"],
            found["accused"][0]["log10_bound"].as_f64().unwrap_or_default()
        );
    }
    Ok(())
}

fn keys() -> Result<(String, MarkKey)> {
    let master = MasterKey::from_bytes(std::array::from_fn(|at| at as u8))?;
    let marking = MarkKey::new(*master.derive(Purpose::Marking));
    Ok((master.to_text().to_string(), marking))
}

fn viewer(number: usize) -> String {
    format!("viewer-{number}")
}

/// The parts of a photograph, each a JPEG.
fn parts(photograph: &Photograph) -> Result<Vec<Vec<u8>>> {
    let whole = photograph.open()?;
    let (width, height) = (whole.width() / PARTS, whole.height() / PARTS);
    let part = |place: u32| {
        let part = whole.crop_imm(place % PARTS * width, place / PARTS * height, width, height);
        let mut file = Vec::new();
        JpegEncoder::new_with_quality(&mut file, 92).encode_image(&part.into_rgb8())?;
        Ok(file)
    };
    (0..PARTS * PARTS).map(part).collect()
}

fn prepare(original: &[u8], operations: &Operations, overlay: &Overlay, key: &MarkKey) -> Result<Unmarked> {
    let format = match operations.format {
        Some(operations::Format::WebP) => OutputFormat::WebPLossy,
        _ => OutputFormat::Jpeg,
    };
    Ok(imaging::prepare(
        original,
        operations,
        format,
        overlay,
        key,
        &Budget::default(),
    )?)
}

/// What the edge component prints of a delivery.
fn line(original: usize, operations: &Operations, rendition: &Unmarked) -> String {
    let variant = rendition.variant().map(|variant| variant.0).unwrap_or_default();
    let variant: String = variant.iter().map(|byte| format!("{byte:02x}")).collect();
    json!({
        "time": 1_700_000_000_000_u64, "request_id": format!("req_{original}"), "client_id": "client_bench", "status": 200,
        "source": format!("https://images.example.com/{original}.jpg"), "operations": operations.canonical(),
        "format": rendition.format().name(), "variant": variant,
    })
    .to_string()
}

fn copy(rendition: Unmarked, key: &MarkKey, viewer: &str) -> Result<Vec<u8>> {
    let payload = Payload {
        kind: Kind::SignedUrl,
        subject: Subject::of(viewer),
        key: KeyTag::of("pk_bench"),
        reference: *b"request1",
        time: 0,
    };
    Ok(rendition.mark(key, &payload)?.into_bytes())
}

fn leaked(copy: &[u8], distortion: &str) -> Result<Vec<u8>> {
    let picture = image::load_from_memory(copy)?.into_rgb8();
    let picture = Picture::new(
        picture.width().try_into()?,
        picture.height().try_into()?,
        picture.into_raw(),
    )?;
    let leak = distortion::named(distortion)
        .context("no such distortion")?
        .apply(&picture)?;
    let (width, height) = (leak.width.try_into()?, leak.height.try_into()?);
    let leak = image::RgbImage::from_raw(width, height, leak.rgb).context("a distortion's picture")?;
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, 85).encode_image(&leak)?;
    Ok(file)
}

/// Runs the command as an operator would, with its bar on this terminal.
fn trace(folder: &Path, master: &str) -> Result<Value> {
    let mut command = Command::new(repository().join("target/release/deckle"));
    command
        .current_dir(folder)
        .env("SPIN_VARIABLE_MASTER_KEY", master)
        .stderr(Stdio::inherit());
    command.args([
        "trace",
        "leak.jpg",
        "--json",
        "--data",
        "data",
        "--original",
        "originals",
    ]);
    let output = command.args(["--log", "edge.jsonl", "--viewers", "viewers"]).output()?;
    ensure!(output.status.success(), "deckle trace failed");
    serde_json::from_slice(&output.stdout).context("deckle trace printed no JSON")
}
