//! Origins that fail, lie or stall: a clear status, nothing of theirs forwarded, and never a picture.

use anyhow::Result;
use deckle_tests::{Deckle, FaultyOrigin, Key, get, repository};
use std::time::{Duration, Instant};

fn development(origin: &FaultyOrigin) -> Result<(Deckle, Key)> {
    let deckle = Deckle::with_origin(&origin.url)?;
    let created = deckle.run(&["key", "create", "--project", "shop", "--client", "client_shop"])?;
    Ok((deckle, Key::of(&created)?))
}

#[test]
fn faults_have_a_status_and_one_public_text() -> Result<()> {
    let origin = FaultyOrigin::start(std::fs::read(repository().join("static/photos/tea-gardens.jpg"))?)?;
    let (deckle, key) = development(&origin)?;
    let fetch = |path: &str| get(&deckle.url(&key.sign("w_64", &format!("{}/{path}", origin.url), None)));
    let good = fetch("good/x.jpg")?;
    assert_eq!(good.status, 200, "{}", String::from_utf8_lossy(&good.body));
    assert!(
        good.header("set-cookie").is_none() && good.header("x-leak").is_none(),
        "nothing of the origin is forwarded"
    );
    for (path, status) in [
        ("status/404", 404),
        ("status/403", 502),
        ("status/500", 502),
        ("status/206", 502),
        ("redirect/x", 502),
        ("html/x", 415),
        ("truncated/x", 502),
        ("huge/x", 422),
        ("endless/x", 422),
    ] {
        let reply = fetch(path)?;
        assert_eq!(
            (reply.status, reply.error()?),
            (status, "Image processing failed".to_owned()),
            "{path}"
        );
        assert!(reply.header("set-cookie").is_none());
    }
    Ok(())
}

#[test]
fn a_stalling_origin_ends_within_its_deadline() -> Result<()> {
    let origin = FaultyOrigin::start(std::fs::read(repository().join("static/photos/tea-gardens.jpg"))?)?;
    let (deckle, key) = development(&origin)?;
    for path in ["silent/x", "drip/x"] {
        let start = Instant::now();
        let reply = get(&deckle.url(&key.sign("w_64", &format!("{}/{path}", origin.url), None)))?;
        assert_eq!(
            (reply.status, reply.error()?),
            (504, "Image processing failed".to_owned()),
            "{path}"
        );
        assert!(
            start.elapsed() < Duration::from_secs(25),
            "{path} took {:?}",
            start.elapsed()
        );
    }
    Ok(())
}

/// A JPEG is decoded while it arrives, and nothing of its answer says so.
#[test]
fn however_an_original_arrives_the_answer_is_the_same() -> Result<()> {
    let origin = FaultyOrigin::start(Vec::new())?;
    let (deckle, key) = development(&origin)?;
    let sources = repository().join("tests/goldens/sources");
    let files = [
        repository().join("static/photos/tea-gardens.jpg"),
        sources.join("progressive.jpg"),
        sources.join("cmyk-profile.jpg"),
        sources.join("orientation-6.jpg"),
        sources.join("lossy.webp"),
        sources.join("interlaced.png"),
    ];
    let mut urls = Vec::new();
    for file in &files {
        let name = file.file_name().unwrap_or_default().to_string_lossy();
        origin.put(&name, std::fs::read(file)?);
        for segment in ["w_120,f_auto", "s_64x64,f_png"] {
            let source = format!("{}/file/{name}", origin.url);
            urls.push(deckle.url(&key.sign(segment, &source, None)));
        }
    }
    let at_once: Vec<_> = urls.iter().map(|url| get(url)).collect::<Result<_>>()?;
    origin.set_pace(7001, Duration::from_millis(3));
    for (url, at_once) in urls.iter().zip(at_once) {
        let paced = get(url)?;
        assert_eq!((at_once.status, paced.status), (200, 200), "{url}");
        assert!(at_once.body == paced.body, "{url}");
        for name in ["etag", "content-type", "cache-control", "x-deckle-mark"] {
            assert!(at_once.header(name).is_some(), "{name}");
            assert_eq!(at_once.header(name), paced.header(name), "{url}");
        }
    }
    assert_eq!(origin.requests(), 2 * urls.len());
    Ok(())
}

#[test]
fn a_refused_request_never_reaches_the_origin() -> Result<()> {
    let origin = FaultyOrigin::start(Vec::new())?;
    let (deckle, key) = development(&origin)?;
    let url = deckle.url(&key.sign("w_64", &format!("{}/good", origin.url), None));
    for refused in [
        url.replace("w_64", "w_65"),
        url.replace("sig=", "sig=x"),
        deckle.url(&key.sign("w_0800", &format!("{}/good", origin.url), None)),
    ] {
        assert!((400..500).contains(&get(&refused)?.status));
    }
    assert_eq!(origin.requests(), 0);
    Ok(())
}
