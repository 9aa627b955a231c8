//! From a picture that was changed back to the client, with the originals at hand.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, MASTER_KEY, Operator, get, json_of};
use image::codecs::jpeg::JpegEncoder;
use image::imageops::{FilterType, crop_imm, resize};
use serde_json::{Value, json};
use std::collections::BTreeSet;
use std::path::PathBuf;
use std::time::{Duration, Instant};

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
fn a_changed_progressive_jpeg_names_its_client_too() -> Result<()> {
    changed("w_800,f_jpeg,progressive")
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

/// Without operations the log says what was served: which original, as what, to whom, when.
#[test]
fn a_changed_picture_is_found_among_what_was_served() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    deckle.run(&["key", "create", "--project", "demo", "--client", "client_innocent"])?;
    let served = [
        (ORIGINAL, OPERATIONS),
        (ORIGINAL, "w_500,f_webp"),
        ("casa-mila.jpg", OPERATIONS),
        ("tea-gardens.jpg", "w_640,f_png"),
        ("roman-colosseum.jpg", "w_640"),
    ];
    let mut copies = Vec::new();
    for (original, operations) in served {
        let reply = get(&deckle.url(&key.sign(operations, &deckle.source(original), None)))?;
        ensure!(reply.status == 200, "{}", String::from_utf8_lossy(&reply.body));
        copies.push(reply);
    }
    let operator = Operator::of(&deckle)?;
    let written = operator.events("requests", "&status=200", served.len())?;
    assert_eq!(written.len(), served.len());
    let url = deckle.url("");

    let folder = tempfile::tempdir()?;
    let leak = folder.path().join("leak.jpg").to_string_lossy().into_owned();
    let originals = photographs().to_string_lossy().into_owned();
    let log = deckle
        .data
        .path()
        .join("logs/edge.jsonl")
        .to_string_lossy()
        .into_owned();
    let sources: [(usize, &[&str]); 3] = [(1, &["--log", &log]), (3, &[]), (0, &["--url", &url])];
    for (place, options) in sources {
        std::fs::write(&leak, leaked(&copies[place].body)?)?;
        let trace = deckle.run(&[&["trace", &leak, "--original", &originals], options].concat())?;
        assert_eq!(trace["variants"], served.len(), "{trace}");
        assert_eq!(trace["client_id"], key.client.as_str(), "{trace}");
        assert_eq!(trace["changed"], 0, "{trace}");
        let (original, operations) = served[place];
        assert!(
            trace["original"].as_str().is_some_and(|path| path.ends_with(original)),
            "{trace}"
        );
        assert_eq!(trace["format"], ["jpeg", "webp", "jpeg", "png"][place], "{trace}");
        let modifiers = |text: &str| text.split(',').map(str::to_owned).collect::<BTreeSet<_>>();
        assert_eq!(
            trace["operations"].as_str().map(modifiers),
            Some(modifiers(operations)),
            "{trace}"
        );
        let requests = trace["accused"][0]["requests"].as_array().context("a list")?;
        assert_eq!(requests.len(), 1, "{trace}");
        assert_eq!(
            requests[0]["request_id"].as_str(),
            copies[place].header("x-request-id"),
            "{trace}"
        );
    }

    // An original that was replaced since leads to nobody.
    let other = folder.path().join("originals");
    std::fs::create_dir(&other)?;
    std::fs::copy(photographs().join("casa-mila.jpg"), other.join(ORIGINAL))?;
    let trace = deckle.run(&["trace", &leak, "--original", &other.to_string_lossy(), "--log", &log])?;
    assert_eq!(
        (&trace["marked"], &trace["changed"]),
        (&false.into(), &2.into()),
        "{trace}"
    );
    Ok(())
}

/// Asks for a trace that was handed in until it is done.
fn finished(operator: &Operator, path: &str) -> Result<Value> {
    let began = Instant::now();
    loop {
        let trace = operator.get(path)?["trace"].take();
        let state = trace["state"].as_str().unwrap_or_default();
        if !["queued", "working"].contains(&state) || began.elapsed() > Duration::from_secs(120) {
            return Ok(trace);
        }
        std::thread::sleep(Duration::from_millis(300));
    }
}

#[test]
fn a_picture_that_is_handed_in_is_traced_beside_serving() -> Result<()> {
    let deckle = Deckle::demo()?;
    let (key, operator) = (deckle.key()?, Operator::of(&deckle)?);
    let reply = get(&deckle.url(&key.sign(OPERATIONS, &deckle.source(ORIGINAL), None)))?;
    assert_eq!(operator.events("requests", "&status=200", 1)?.len(), 1);

    let mut handed_in = Vec::new();
    for picture in [leaked(&reply.body)?, reply.body.clone(), b"no picture".to_vec()] {
        let accepted = operator.send("POST", "/trace", "image/jpeg", &picture)?;
        assert_eq!(accepted.status, 202, "{}", String::from_utf8_lossy(&accepted.body));
        let path = accepted.header("location").context("no location")?;
        handed_in.push(path.strip_prefix("/admin").context("another path")?.to_owned());
    }
    let [changed, untouched, broken] = &handed_in[..] else {
        unreachable!()
    };

    let trace = finished(&operator, changed)?;
    assert_eq!(
        (&trace["state"], &trace["error"]),
        (&json!("done"), &Value::Null),
        "{trace}"
    );
    let found = &trace["result"];
    assert_eq!(
        (&found["layer"], &found["client_id"]),
        (&json!("tracing"), &json!(key.client)),
        "{trace}"
    );
    assert_eq!(
        found["accused"][0]["requests"][0]["request_id"].as_str(),
        reply.header("x-request-id")
    );
    // Which file it was on the server is the server's business.
    assert!(
        !trace.to_string().contains(&*photographs().to_string_lossy()),
        "{trace}"
    );
    let found = finished(&operator, untouched)?["result"].take();
    assert_eq!(
        (&found["layer"], &found["client_id"]),
        (&json!("fragile"), &json!(key.client)),
        "{found}"
    );
    let trace = finished(&operator, broken)?;
    assert_eq!(
        (&trace["state"], &trace["error"]),
        (&json!("failed"), &json!("unreadable")),
        "{trace}"
    );
    Ok(())
}

#[test]
fn where_nobody_traces_a_command_does() -> Result<()> {
    let deckle = Deckle::with_origin("http://127.0.0.1:9")?;
    let operator = Operator::of(&deckle)?;
    let picture = std::fs::read(photographs().join(ORIGINAL))?;
    let accepted = operator.send("POST", "/trace", "image/jpeg", &picture)?;
    let path = accepted
        .header("location")
        .context("no location")?
        .replacen("/admin", "", 1);
    assert_eq!(operator.get(&path)?["trace"]["state"], "queued");

    let originals = photographs().to_string_lossy().into_owned();
    let work = || {
        let mut command = operator.command(&["trace", "--jobs", "--original", &originals, "--json"]);
        json_of(command.env("SPIN_VARIABLE_MASTER_KEY", MASTER_KEY))
    };
    assert_eq!(work()?, json!({ "traced": 1 }));
    let trace = operator.get(&path)?["trace"].take();
    assert_eq!(
        (&trace["state"], &trace["result"]["marked"]),
        (&json!("done"), &json!(false)),
        "{trace}"
    );
    assert_eq!(work()?, json!({ "traced": 0 }));
    Ok(())
}
