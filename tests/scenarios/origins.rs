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
