//! Originals on named origins: an S3 server that checks signatures with an implementation of its own, and a web server.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, FaultyOrigin, Key, ObjectStore, exchange, get, repository};
use objectstore::{Bucket, Credentials, Style};
use secret::SecretText;
use std::path::Path;

/// A host that may reach the store, and a project that has it as `@photos`.
fn deckle_with(store: &ObjectStore, secret: &str) -> Result<Deckle> {
    let deckle = Deckle::with_origins(&["https://images.example.com", &store.url])?;
    add(&deckle, "photos", store, secret)?;
    Ok(deckle)
}

fn add(deckle: &Deckle, name: &str, store: &ObjectStore, secret: &str) -> Result<serde_json::Value> {
    let bucket = ["--region", "eu-central-1", "--bucket", "originals", "--prefix", "2024/"];
    let arguments = ["project", "set", "shop", "--s3", name, "--endpoint", &store.url];
    let arguments = [&arguments[..], &bucket].concat();
    deckle.run_with_access_key(ObjectStore::ACCESS_KEY_ID, secret, &arguments)
}

fn key_for(deckle: &Deckle, sources: &[&str]) -> Result<Key> {
    let mut arguments = vec!["key", "create", "--project", "shop", "--client", "client_shop"];
    arguments.extend(sources.iter().flat_map(|source| ["--source", source]));
    Key::of(&deckle.run(&arguments)?)
}

fn picture() -> Result<Vec<u8>> {
    Ok(std::fs::read(repository().join("static/photos/tea-gardens.jpg"))?)
}

/// Fails where anything below a folder holds one of the texts.
fn search(folder: &Path, secrets: &[&str]) -> Result<()> {
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            search(&path, secrets)?;
            continue;
        }
        let bytes = std::fs::read(&path)?;
        for secret in secrets {
            let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
            ensure!(!found, "{} holds {secret}", path.display());
        }
    }
    Ok(())
}

#[test]
fn objects_are_fetched_with_a_signature_that_the_store_accepts() -> Result<()> {
    let store = ObjectStore::start()?;
    let names = [
        "tea.jpg",
        "deep/er/tea gardens.jpg",
        "a+b&c=d,e;f@g:h!$'()*~.jpg",
        "caf\u{e9} 100%.jpg",
    ];
    for name in names {
        store.put(&format!("2024/{name}"), &picture()?)?;
    }
    store.put("outside.jpg", &picture()?)?;
    let deckle = deckle_with(&store, ObjectStore::SECRET)?;
    let key = key_for(&deckle, &["@photos"])?;
    let fetch = |source: &str| get(&deckle.url(&key.sign("w_64,f_png", source, None)));
    for name in names {
        let reply = fetch(&format!("@photos/{name}"))?;
        ensure!(
            reply.status == 200,
            "{name}: {} {}",
            reply.status,
            String::from_utf8_lossy(&reply.body)
        );
        image::load_from_memory(&reply.body)?;
    }
    for (source, status) in [
        ("@photos/absent.jpg", 404),
        ("@photos/outside.jpg", 404),
        ("@photos/../outside.jpg", 400),
        ("@photos/tea.jpg?versionId=1", 400),
        ("@photos/tea.jpg?acl", 400),
        ("@Photos/tea.jpg", 400),
        ("@other/tea.jpg", 403),
        ("images.example.com/tea.jpg", 403),
    ] {
        ensure!(fetch(source)?.status == status, "{source}");
    }
    search(
        deckle.data.path(),
        &[ObjectStore::SECRET, "AWS4-HMAC-SHA256", "aws4_request"],
    )
}

#[test]
fn a_wrong_secret_is_told_to_the_operator_alone() -> Result<()> {
    let store = ObjectStore::start()?;
    store.put("2024/tea.jpg", &picture()?)?;
    let wrong = "another-canary-that-is-not-the-secret";
    let deckle = deckle_with(&store, wrong)?;
    let key = key_for(&deckle, &["@photos"])?;
    let url = deckle.url(&key.sign("w_64", "@photos/tea.jpg", None));
    let reply = get(&url)?;
    assert_eq!(
        (reply.status, reply.error()?),
        (502, "Image processing failed".to_owned())
    );
    ensure!(
        !String::from_utf8_lossy(&reply.body).contains("Signature"),
        "the cause is public"
    );
    let log = std::fs::read_to_string(deckle.data.path().join("logs/edge.jsonl"))?;
    ensure!(log.contains("403 SignatureDoesNotMatch"), "{log}");
    search(deckle.data.path(), &[wrong, "AWS4-HMAC-SHA256"])?;
    // Rightly set, it works from the next request on.
    add(&deckle, "photos", &store, ObjectStore::SECRET)?;
    assert_eq!(get(&url)?.status, 200);
    Ok(())
}

/// What stands for a bucket in a host name cannot be reached on a loopback, so the request goes to the store directly.
#[test]
fn a_bucket_in_the_host_name_is_signed_as_the_store_expects() -> Result<()> {
    let store = ObjectStore::start()?;
    let picture = picture()?;
    store.put("o/tea gardens.jpg", &picture)?;
    let endpoint = netaddr::Source::parse_origin(&format!("https://{}", ObjectStore::DOMAIN))?;
    let send = |secret: &str| -> Result<Vec<u8>> {
        let bucket = Bucket::new(&endpoint, "eu-central-1", "originals", Style::VirtualHost, "o/")?;
        let credentials = Credentials::new(ObjectStore::ACCESS_KEY_ID, SecretText::new(secret.to_owned()))?;
        let signed = bucket.get(&bucket.key("tea gardens.jpg")?, &credentials, deckle_tests::now()?);
        let (host, path) = signed.url["https://".len()..].split_once('/').context("a path")?;
        assert_eq!(host, format!("originals.{}", ObjectStore::DOMAIN));
        let headers: String = signed
            .headers
            .iter()
            .map(|(name, value)| format!("{name}: {value}\r\n"))
            .collect();
        let request = format!("GET /{path} HTTP/1.1\r\nHost: {host}\r\n{headers}Connection: close\r\n\r\n");
        exchange(&store.url, request.as_bytes())
    };
    let good = send(ObjectStore::SECRET)?;
    ensure!(
        good.starts_with(b"HTTP/1.1 200") && good.ends_with(&picture),
        "not the object"
    );
    ensure!(send("wrong")?.starts_with(b"HTTP/1.1 403"), "a wrong secret");
    Ok(())
}

#[test]
fn projects_show_their_origins_without_secrets() -> Result<()> {
    let store = ObjectStore::start()?;
    let web = FaultyOrigin::start(picture()?)?;
    let deckle = Deckle::with_origins(&[&web.url, &store.url])?;
    add(&deckle, "photos", &store, ObjectStore::SECRET)?;
    let url = format!("web={}/good", web.url);
    deckle.run(&["project", "set", "shop", "--origin", &url])?;
    let listed = deckle.run(&["project", "list"])?.to_string();
    ensure!(
        listed.contains("[sealed]") && listed.contains(&web.url) && listed.contains("originals"),
        "{listed}"
    );
    ensure!(
        !listed.contains(ObjectStore::SECRET) && !listed.contains("v1."),
        "{listed}"
    );

    let key = key_for(&deckle, &["@web"])?;
    let fetch = |source: &str| get(&deckle.url(&key.sign("w_64", source, None)));
    assert_eq!(fetch("@web/x.jpg")?.status, 200);
    assert_eq!(fetch("@photos/x.jpg")?.status, 403, "not on the key's list");
    let host = web.url.trim_start_matches("http://");
    assert_eq!(
        fetch(&format!("{host}/good/x.jpg"))?.status,
        403,
        "a name opens its origin, not its host"
    );
    deckle.run(&["project", "set", "shop", "--remove-origin", "web"])?;
    assert_eq!(fetch("@web/x.jpg")?.status, 403);
    Ok(())
}

/// A project's record cannot open what the deployment keeps shut.
#[test]
fn what_the_host_does_not_allow_stays_out_of_reach() -> Result<()> {
    let store = ObjectStore::start()?;
    let deckle = Deckle::with_origins(&["https://images.example.com"])?;
    add(&deckle, "photos", &store, ObjectStore::SECRET)?;
    deckle.run(&[
        "project",
        "set",
        "shop",
        "--origin",
        "web=https://elsewhere.example.com",
    ])?;
    let key = key_for(&deckle, &["@photos", "@web"])?;
    let fetch = |source: &str| get(&deckle.url(&key.sign("w_64", source, None)));
    assert_eq!(fetch("@web/x.jpg")?.status, 403);
    assert_eq!(
        fetch("@photos/x.jpg")?.status,
        503,
        "a loopback that is not configured is no origin"
    );
    assert_eq!(store.connections(), 0);
    Ok(())
}
