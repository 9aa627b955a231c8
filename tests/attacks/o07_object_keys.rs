//! O7: names of originals that lead out of their folder or bucket, or ask an object store for something else.

use crate::target::Target;
use anyhow::{Result, ensure};
use deckle_tests::{Deckle, Key, ObjectStore, get};

pub fn attack(target: &Target) -> Result<()> {
    let before = target.origin.requests();
    for name in [
        "..",
        ".",
        "/x",
        "a//b",
        "a/../../b",
        "%2e%2e/x",
        "a/%2E./b",
        "a%2Fb",
        "a%5Cb",
        "a\\b",
        "a#b",
        &"k".repeat(2100),
    ] {
        target.refuses(&target.v1("w_96", &target.source(name)), 400, "Invalid image URL")?;
    }
    for name in ["a\0b", "a\rb", "a\nb", "a\u{1b}[31mb", "a\u{9f}b"] {
        target.refuses(&target.v1("w_96", &target.source(name)), 400, "Invalid path format")?;
    }
    ensure!(target.origin.requests() == before, "the origin was asked");
    // What is left reaches the origin as one encoded request line.
    target.serves(&target.v1("w_96", &target.source("good/a b\"<>|^`{}é HTTP/1.1.jpg")))?;
    let line = target.origin.last_request();
    ensure!(
        line.lines().next().is_some_and(|line| line.split(' ').count() == 3),
        "{line}"
    );
    objects()
}

/// The same for a bucket: nothing below is asked for, and nothing beside it.
fn objects() -> Result<()> {
    let store = ObjectStore::start()?;
    let deckle = Deckle::with_origins(&["https://images.example.com", &store.url])?;
    let bucket = ["--region", "us-east-1", "--bucket", "originals", "--prefix", "in/"];
    let origin = ["project", "set", "shop", "--s3", "photos", "--endpoint", &store.url];
    let (id, secret) = (ObjectStore::ACCESS_KEY_ID, ObjectStore::SECRET);
    deckle.run_with_access_key(id, secret, &[&origin[..], &bucket].concat())?;
    let created = deckle.run(&["key", "create", "--project", "shop", "--client", "client_shop"])?;
    let key = Key::of(&created)?;
    store.put("out.jpg", &crate::pictures::file(image::ImageFormat::Jpeg)?)?;
    store.put("in/x.jpg", &crate::pictures::file(image::ImageFormat::Jpeg)?)?;
    let fetch = |name: &str| get(&deckle.url(&key.sign("w_96", &format!("@photos/{name}"), None)));
    for name in [
        "",
        "..",
        ".",
        "/",
        "/x.jpg",
        "//x.jpg",
        "x.jpg/",
        "a//x.jpg",
        "../out.jpg",
        "a/../../out.jpg",
        "../../other/x.jpg",
        "..;/out.jpg",
        "..\\out.jpg",
        "%2e%2e/out.jpg",
        "..%2fout.jpg",
        "a%3Facl",
        "x.jpg?versionId=null",
        "x.jpg?acl",
        "?acl",
        "?list-type=2",
        "x.jpg#y",
        "\u{202e}gpj.x",
        &"k".repeat(1022),
    ] {
        crate::target::refused(&fetch(name)?, 400, "Invalid image URL")?;
    }
    for name in ["a\0b", "a\rb", "a\nb", "a\u{7f}b"] {
        crate::target::refused(&fetch(name)?, 400, "Invalid path format")?;
    }
    ensure!(store.connections() == 0, "the object store was asked");
    ensure!(fetch("x.jpg")?.status == 200 && fetch("out.jpg")?.status == 404);
    Ok(())
}
