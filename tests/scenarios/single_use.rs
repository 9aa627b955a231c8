//! Pictures that are delivered once, to one viewer or one address, through the real host.

use anyhow::{Context, Result};
use deckle_tests::{Deckle, Key, get, request};
use secret::MasterKey;
use signed_url::PublicKey;
use signed_url::v2::{Options, signed_path};
use std::time::{SystemTime, UNIX_EPOCH};

fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

fn signed(deckle: &Deckle, key: &Key, options: &Options<'_>) -> Result<String> {
    let public = PublicKey::parse(&key.public).context("a public key")?;
    let source = deckle.source("tea-gardens-small.webp");
    let path = signed_path(&key.project, "w_160,f_jpeg", &source, &public, &key.secret, options)?;
    Ok(deckle.url(&path))
}

/// A token as the control plane would mint it.
fn one_shot(deckle: &Deckle, key: &Key, address: Option<&str>, jti: u8) -> Result<String> {
    let master = MasterKey::parse(&std::fs::read_to_string(deckle.data.path().join("master.key"))?)?;
    let grant = token::Grant {
        client_id: key.client.clone(),
        public_key: key.public.clone(),
        epoch: 1,
        address: address.map(str::parse).transpose()?,
        source: deckle.source("tea-gardens-small.webp"),
        operations: "w_160,f_png".to_owned(),
    };
    let ring = token::KeyRing::new(&master, None);
    let token = token::mint(&ring, "deckle", &grant, token::Jti::new([jti; 16]), now()?)?;
    Ok(deckle.url(&format!("/i/{}", token.expose())))
}

#[test]
fn a_viewer_is_named_by_the_mark() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let reply = get(&signed(
        &deckle,
        &key,
        &Options::until(now()? + 60).subject("viewer-7"),
    )?)?;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert!(
        reply
            .header("cache-control")
            .is_some_and(|cache| cache.starts_with("private, max-age="))
    );
    let file = deckle.data.path().join("leak");
    std::fs::write(&file, &reply.body)?;
    let trace = deckle.run(&[
        "trace",
        &file.to_string_lossy(),
        "--viewer",
        "viewer-6",
        "--viewer",
        "viewer-7",
    ])?;
    assert_eq!(trace["client_id"], key.client.as_str(), "{trace}");
    assert_eq!(trace["viewer"], "viewer-7", "{trace}");
    Ok(())
}

#[test]
fn a_url_for_one_use_has_one_use() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    deckle.publish_client(&key.client)?;
    let once = signed(&deckle, &key, &Options::until(now()? + 60).once("0123456789abcdef"))?;
    for url in [once, one_shot(&deckle, &key, Some("127.0.0.1"), 1)?] {
        for (method, headers, status) in [
            ("HEAD", [("accept", "*/*")], 200),
            ("GET", [("if-none-match", "*")], 304),
            ("POST", [("accept", "*/*")], 405),
        ] {
            let reply = request(method, &url, &headers)?;
            assert_eq!(reply.status, status, "{method} does not use it up");
        }
        // A range is not a way to half a picture.
        let first = request("GET", &url, &[("range", "bytes=0-9")])?;
        assert_eq!(first.status, 200, "{}", String::from_utf8_lossy(&first.body));
        assert_eq!(first.header("cache-control"), Some("private, no-store"));
        assert_eq!(first.header("etag"), None);
        assert_eq!(image::load_from_memory(&first.body)?.width(), 160);
        let trace = deckle.trace(&first.body)?;
        assert_eq!(
            (&trace["client_id"], &trace["time_meaning"]),
            (&key.client.as_str().into(), &"request".into())
        );
        let log = std::fs::read_to_string(deckle.data.path().join("logs/edge.jsonl"))?;
        let reference = trace["request_id"].as_str().context("a request")?;
        assert!(log.contains(reference), "the mark leads to a line of the log");
        let again = get(&url)?;
        assert_eq!((again.status, again.error()?), (410, "gone".to_owned()));
    }
    Ok(())
}

#[test]
fn a_url_for_one_address_is_for_no_other() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    deckle.publish_client(&key.client)?;
    let reply = get(&one_shot(&deckle, &key, Some("203.0.113.9"), 2)?)?;
    assert_eq!(
        (reply.status, reply.error()?),
        (403, "signed_url_ip_mismatch".to_owned())
    );
    let elsewhere = Options::until(now()? + 60).bound_to(netaddr::Cidr::parse("203.0.113.0/24")?);
    let url = signed(&deckle, &key, &elsewhere)?;
    assert_eq!(get(&url)?.error()?, "Invalid or expired signature");
    // No proxy is trusted, so what a client says about itself counts for nothing.
    let forged = request(
        "GET",
        &url,
        &[
            ("x-forwarded-for", "203.0.113.9"),
            ("spin-client-addr", "203.0.113.9:1"),
        ],
    )?;
    assert_eq!(forged.status, 403);
    let here = Options::until(now()? + 60).bound_to(netaddr::Cidr::parse("127.0.0.0/8")?);
    assert_eq!(get(&signed(&deckle, &key, &here)?)?.status, 200);
    Ok(())
}
