//! Every row of the specification's error table, produced by a request.

use anyhow::Result;
use deckle_tests::{Deckle, Key, get, repository, request};

/// Status and `error` of a refused request.
fn refused(url: &str) -> Result<(u16, String)> {
    let reply = get(url)?;
    Ok((reply.status, reply.error()?))
}

fn row(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}

#[test]
fn the_table_over_one_running_server() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let source = deckle.source("tea-gardens.jpg");
    let good = deckle.url(&key.sign("w_64", &source, None));
    let (path, query) = good.split_once('?').unwrap_or_default();
    assert_eq!(get(&good)?.status, 200);

    assert_eq!(refused(path)?, row(401, "Missing signature parameters"));
    assert_eq!(
        refused(&good.replace(&key.public, "pk_unknown"))?,
        row(401, "Invalid API key")
    );
    assert_eq!(
        refused(&format!("{}?{query}", deckle.url("/api/v1/demo/w_64")))?,
        row(400, "Invalid path format")
    );
    assert_eq!(
        refused(&good.replace("w_64", "w_65"))?,
        row(403, "Invalid or expired signature")
    );
    assert_eq!(
        refused(&deckle.url(&key.sign("w_64", &source, Some(1_000_000_000))))?,
        row(403, "Invalid or expired signature")
    );
    assert_eq!(
        refused(&deckle.url(&key.sign("w_64", "10.0.0.1/x.jpg", None)))?,
        row(400, "Invalid image URL")
    );
    assert_eq!(
        refused(&good.replace("/demo/", "/elsewhere/"))?,
        row(401, "API key does not belong to this project")
    );
    assert_eq!(
        refused(&deckle.url(&key.sign("w_64", &deckle.source("absent.jpg"), None)))?,
        row(404, "Image processing failed")
    );

    // A picture of 64 columns is too small to be traced, which a project may not want.
    deckle.run(&["project", "set", "demo", "--untraceable", "refuse"])?;
    assert_eq!(refused(&good)?, row(422, "Image processing failed"));
    let shown = deckle.run(&["project", "set", "demo", "--untraceable", "serve"])?;
    assert_eq!(shown["untraceable"], "serve");
    assert_eq!(get(&good)?.status, 200);

    let create = |more: &[&str]| -> Result<Key> {
        let mut arguments = vec!["key", "create", "--project", "shop", "--client", "client_shop"];
        arguments.extend(more);
        Key::of(&deckle.run(&arguments)?)
    };
    let sign = |key: &Key| deckle.url(&key.sign("w_64", &source, None));

    let revoked = create(&[])?;
    assert_eq!(get(&sign(&revoked))?.status, 200);
    deckle.run(&["key", "revoke", &revoked.public])?;
    assert_eq!(refused(&sign(&revoked))?, row(401, "API key has been revoked"));

    let short = create(&["--expires-in", "1s"])?;
    std::thread::sleep(std::time::Duration::from_millis(2100));
    assert_eq!(refused(&sign(&short))?, row(401, "API key has expired"));

    let elsewhere = create(&["--source", "images.example.com"])?;
    assert_eq!(
        refused(&sign(&elsewhere))?,
        row(403, "Forbidden: Source domain not allowed")
    );

    let limited = create(&["--per-minute", "1"])?;
    let replies = [get(&sign(&limited))?, get(&sign(&limited))?, get(&sign(&limited))?];
    let over = &replies[2];
    assert_eq!((over.status, over.error()?), row(429, "Rate limit exceeded"));
    let wait: u64 = over.header("retry-after").unwrap_or_default().parse()?;
    assert!((1..=60).contains(&wait));

    deckle.run(&["project", "set", "shop", "--referer", "shop.example.com"])?;
    let free = create(&[])?;
    let from = |referer: &str| request("GET", &sign(&free), &[("referer", referer)]);
    assert_eq!(from("https://www.shop.example.com/page")?.status, 200);
    assert_eq!(from("https://evil.example/")?.error()?, "Forbidden: Invalid referer");
    assert_eq!(from("https://evil.example/")?.status, 403);

    for method in ["POST", "PUT", "OPTIONS"] {
        let reply = request(method, &good, &[])?;
        assert_eq!(
            (reply.status, reply.header("allow")),
            (405, Some("GET, HEAD")),
            "{method}"
        );
    }
    Ok(())
}

/// A project can only vanish from the store beneath its keys.
#[test]
fn a_key_whose_project_is_gone() -> Result<()> {
    let mut deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let good = key.sign("w_64", &deckle.source("tea-gardens.jpg"), None);
    let prefix = format!("{}%", identity::ProjectRecord::PREFIX);
    assert_eq!(
        deckle
            .store()?
            .execute("DELETE FROM spin_key_value WHERE key LIKE ?1", [prefix])?,
        1
    );
    assert_eq!(refused(&deckle.url(&good))?, row(404, "Project not found"));
    deckle.kill()
}

/// A deployment whose overlay is damaged serves nothing, rather than pictures without their visible mark.
#[test]
fn processing_that_cannot_be_done() -> Result<()> {
    let folder = tempfile::tempdir()?;
    std::fs::write(folder.path().join("overlay.png"), b"damaged")?;
    let manifest = std::fs::read_to_string(repository().join("spin.toml"))?;
    let built = repository().join("target/wasm32-wasip2/component").canonicalize()?;
    let manifest = manifest
        .replace("target/wasm32-wasip2/component", &built.to_string_lossy())
        .replace("static/brand", &folder.path().to_string_lossy());
    std::fs::write(folder.path().join("spin.toml"), manifest)?;
    let photos = repository().join("static/photos");
    let deckle = Deckle::start(&[
        "--manifest",
        &folder.path().join("spin.toml").to_string_lossy(),
        "--originals",
        &photos.to_string_lossy(),
    ])?;
    let url = deckle.url(&deckle.key()?.sign("w_64", &deckle.source("tea-gardens.jpg"), None));
    let reply = get(&url)?;
    assert_eq!((reply.status, reply.error()?), row(500, "Image processing failed"));
    assert!(
        !String::from_utf8_lossy(&reply.body).contains("overlay"),
        "no internals in a public body"
    );
    Ok(())
}
