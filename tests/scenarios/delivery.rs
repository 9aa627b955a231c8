//! From a signed URL to a marked picture, and back from the picture to the client.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, get, repository, request};
use imaging::{Budget, OutputFormat, decode_overlay, negotiate, probe, render, trace};
use secret::{MasterKey, Purpose};
use std::sync::Arc;
use std::time::{SystemTime, UNIX_EPOCH};
use watermark::{MarkKey, Marks};

fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// The photographs that ship, one of each source format.
fn originals() -> Result<Vec<String>> {
    let mut names = Vec::new();
    for entry in std::fs::read_dir(deckle_tests::repository().join("static/photos"))? {
        let name = entry?.file_name().to_string_lossy().into_owned();
        if [".jpg", ".png", ".webp"].iter().any(|ending| name.ends_with(ending)) {
            names.push(name);
        }
    }
    names.sort();
    ensure!(names.len() >= 4, "{names:?}");
    Ok(names)
}

#[test]
fn every_format_of_every_original_names_its_client() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let exp = now()? + 3600;
    for original in originals()? {
        for (operations, media_type) in [
            ("w_320,f_jpeg", "image/jpeg"),
            ("w_320,f_png", "image/png"),
            ("w_320,f_webp,q_100", "image/webp"),
            ("w_320,f_webp", "image/webp"),
        ] {
            let reply = get(&deckle.url(&key.sign(operations, &deckle.source(&original), Some(exp))))?;
            ensure!(
                reply.status == 200,
                "{original} {operations}: {}",
                String::from_utf8_lossy(&reply.body)
            );
            assert_eq!(
                reply.header("content-type"),
                Some(media_type),
                "{original} {operations}"
            );
            let picture = image::load_from_memory(&reply.body)?;
            assert_eq!(picture.width(), 320, "{original} {operations}");
            let trace = deckle.trace(&reply.body)?;
            let trace = first(&trace);
            assert_eq!(trace["marked"], true, "{original} {operations}: {trace}");
            assert_eq!(trace["client_id"], key.client.as_str(), "{original} {operations}");
            assert_eq!(trace["public_key"], key.public.as_str());
            assert!(trace["request_id"].as_str().is_some_and(|id| !id.is_empty()), "{trace}");
            assert!(trace["time"].as_str().is_some_and(|time| time.contains('T')), "{trace}");
        }
        let unmarked = std::fs::read(deckle_tests::repository().join("static/photos").join(&original))?;
        let trace = deckle.trace(&unmarked)?;
        assert_eq!(first(&trace)["marked"], false, "the original {original}: {trace}");
    }
    Ok(())
}

/// Tracing makes a rendition again, on another machine than the component's: the same code has to make the same bytes there, with and
/// without the vectors that it uses here and there.
#[test]
fn a_delivered_picture_is_to_the_byte_what_this_machine_makes() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let master = MasterKey::parse(&std::fs::read_to_string(deckle.data.path().join("master.key"))?)?;
    let marking = MarkKey::new(*master.derive(Purpose::Marking));
    let overlay = Arc::new(decode_overlay(&std::fs::read(
        repository().join("static/brand/overlay.png"),
    )?)?);
    for name in originals()? {
        let original = std::fs::read(repository().join("static/photos").join(&name))?;
        for operations in [
            "w_320,f_jpeg",
            "w_701,f_jpeg,q_92",
            "w_320,f_jpeg,progressive",
            "w_500,f_png",
            "w_500,f_webp,q_100",
            "w_500,f_webp",
        ] {
            let reply = get(&deckle.url(&key.sign(operations, &deckle.source(&name), None)))?;
            let payload = trace(&reply.body, &marking, &Budget::default())?;
            let marks = Marks {
                overlay: overlay.clone(),
                key: marking.clone(),
                payload: payload.with_context(|| format!("{name} {operations}: no mark"))?,
            };
            let parsed = operations::parse(operations)?;
            let format = negotiate(&parsed, None, &probe(&original)?).format;
            let rendition = render(&original, &parsed, format, &marks, &Budget::default())?;
            if format == OutputFormat::WebPLossless && !rendition.is_traceable() {
                // Coded by a library, which breaks ties as it likes.
                let [there, here] = [&reply.body, rendition.bytes()].map(image::load_from_memory);
                ensure!(there? == here?, "{name} {operations} is another picture here");
            } else {
                ensure!(reply.body == rendition.bytes(), "{name} {operations} is another here");
            }
        }
    }
    Ok(())
}

/// `trace` prints one object for one file, or a list for several.
fn first(trace: &serde_json::Value) -> &serde_json::Value {
    trace.get(0).unwrap_or(trace)
}

#[test]
fn two_clients_receive_different_bytes_that_look_the_same() -> Result<()> {
    let deckle = Deckle::demo()?;
    let created = deckle.run(&["key", "create", "--project", "demo", "--client", "client_other"])?;
    let (one, other) = (deckle.key()?, Key::of(&created)?);
    let source = deckle.source(&originals()?[0]);
    let (a, b) = (
        get(&deckle.url(&one.sign("w_320,f_png", &source, None)))?,
        get(&deckle.url(&other.sign("w_320,f_png", &source, None)))?,
    );
    assert_ne!(a.body, b.body);
    let (a_pixels, b_pixels) = (
        image::load_from_memory(&a.body)?.to_rgb8(),
        image::load_from_memory(&b.body)?.to_rgb8(),
    );
    let largest = a_pixels.iter().zip(b_pixels.iter()).map(|(a, b)| a.abs_diff(*b)).max();
    assert_eq!(largest, Some(1), "only least-significant bits differ");
    assert_eq!(first(&deckle.trace(&b.body)?)["client_id"], "client_other");
    Ok(())
}

#[test]
fn the_visible_mark_is_there_and_stays_in_the_middle() -> Result<()> {
    let deckle = Deckle::demo()?;
    let file = originals()?
        .into_iter()
        .find(|name| name.ends_with(".png"))
        .context("a PNG original")?;
    let reply = get(&deckle.url(&deckle.key()?.sign("_", &deckle.source(&file), None)))?;
    let original = image::open(deckle_tests::repository().join("static/photos").join(&file))?.to_rgba8();
    let marked = image::load_from_memory(&reply.body)?.to_rgba8();
    assert_eq!(original.dimensions(), marked.dimensions());
    let (width, height) = original.dimensions();
    // The central 30 % of the area: sides of 0.548, so 0.226 is left on each side.
    let (left, top) = (f64::from(width) * 0.226 - 1.0, f64::from(height) * 0.226 - 1.0);
    let mut painted = 0u64;
    for (x, y, pixel) in marked.enumerate_pixels() {
        let before = original.get_pixel(x, y);
        let change = (0..3).map(|c| pixel.0[c].abs_diff(before.0[c])).max().unwrap_or(0);
        if change > 2 && before.0[3] > 0 {
            painted += 1;
            let inside = f64::from(x) >= left
                && f64::from(x) <= f64::from(width) - left
                && f64::from(y) >= top
                && f64::from(y) <= f64::from(height) - top;
            ensure!(inside, "the visible mark reaches {x},{y} of {width}x{height}");
        }
    }
    let share = painted as f64 / f64::from(width * height);
    ensure!(share > 0.005 && share <= 0.15, "the visible mark covers {share}");
    Ok(())
}

#[test]
fn headers_of_a_picture() -> Result<()> {
    let deckle = Deckle::demo()?;
    let (key, exp) = (deckle.key()?, now()? + 600);
    let url = deckle.url(&key.sign("w_200,f_jpeg", &deckle.source(&originals()?[0]), Some(exp)));
    let reply = get(&url)?;
    assert_eq!(
        reply.header("content-length"),
        Some(reply.body.len().to_string().as_str())
    );
    assert_eq!(reply.header("x-content-type-options"), Some("nosniff"));
    assert_eq!(
        reply.header("content-security-policy"),
        Some("default-src 'none'; sandbox")
    );
    assert!(reply.header("x-request-id").is_some_and(|id| id.starts_with("req_")));
    assert!(
        reply
            .header("server-timing")
            .is_some_and(|timing| timing.contains("render;dur="))
    );
    assert_eq!(reply.header("vary"), None);
    let cache = reply.header("cache-control").context("no cache-control")?;
    let age: u64 = cache.strip_prefix("public, max-age=").context("not public")?.parse()?;
    assert!((500..=600).contains(&age), "{cache}");

    let head = request("HEAD", &url, &[])?;
    assert_eq!((head.status, head.body.len()), (200, 0));
    assert_eq!(head.header("content-length"), reply.header("content-length"));
    let unchanged = request(
        "GET",
        &url,
        &[("if-none-match", reply.header("etag").context("no etag")?)],
    )?;
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    Ok(())
}

#[test]
fn the_format_is_negotiated_only_where_it_is_asked_for() -> Result<()> {
    let deckle = Deckle::demo()?;
    let source = deckle.source(
        originals()?
            .iter()
            .find(|name| name.ends_with(".jpg"))
            .context("a JPEG original")?,
    );
    let url = deckle.url(&deckle.key()?.sign("w_160,f_auto", &source, None));
    for (accept, media_type) in [
        ("image/avif,image/webp,*/*", "image/webp"),
        ("image/webp;q=0, */*", "image/jpeg"),
        ("*/*", "image/jpeg"),
    ] {
        let reply = request("GET", &url, &[("accept", accept)])?;
        assert_eq!(reply.header("content-type"), Some(media_type), "{accept}");
        assert_eq!(reply.header("vary"), Some("Accept"));
        assert_eq!(first(&deckle.trace(&reply.body)?)["marked"], true, "{accept}");
    }
    Ok(())
}

/// A moving picture moves where that is asked for, in whichever of its formats the client takes, and names the client.
#[test]
fn animations_are_delivered() -> Result<()> {
    let photos = tempfile::tempdir()?;
    for name in ["moving.gif", "moving.webp"] {
        let file = repository().join("tests/goldens/sources").join(name);
        std::fs::copy(file, photos.path().join(name))?;
    }
    let deckle = Deckle::start(&["--originals", &photos.path().to_string_lossy()])?;
    for (name, operations, accept, media_type) in [
        ("moving.gif", "f_gif,w_80", "*/*", "image/gif"),
        ("moving.gif", "f_webp,animated", "*/*", "image/webp"),
        ("moving.webp", "f_auto,a", "image/webp", "image/webp"),
        ("moving.webp", "f_auto,a", "*/*", "image/gif"),
        ("moving.gif", "f_auto", "*/*", "image/jpeg"),
    ] {
        let url = deckle.url(&deckle.key()?.sign(operations, &deckle.source(name), None));
        let reply = request("GET", &url, &[("accept", accept)])?;
        assert_eq!(reply.status, 200, "{operations}");
        assert_eq!(reply.header("content-type"), Some(media_type), "{operations}");
        let frames = match media_type {
            "image/gif" => reply
                .body
                .windows(8)
                .filter(|bytes| bytes.starts_with(b"\x21\xF9\x04"))
                .count(),
            "image/webp" => reply.body.windows(4).filter(|name| name == b"ANMF").count(),
            _ => 4,
        };
        assert_eq!(frames, 4, "{operations}");
        assert_eq!(first(&deckle.trace(&reply.body)?)["marked"], true, "{operations}");
    }
    Ok(())
}
