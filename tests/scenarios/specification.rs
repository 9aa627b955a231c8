//! The signing function as the specification prints it, run in Node, against the real server.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, get, repository};
use std::process::Command;
use std::time::{Duration, SystemTime, UNIX_EPOCH};

/// Calls `createUrlSignature` from the printed TypeScript, its type annotations removed.
fn create_url_signature(secret: &str, path: &str, expires_at: Option<u64>) -> Result<String> {
    let printed = std::fs::read_to_string(repository().join("tests/vectors/create-url-signature.ts"))?;
    let plain = printed
        .replace("expiresAt?: number", "expiresAt")
        .replace(": string", "")
        .replace(": number", "");
    let plain = plain.replace(
        "import { createHmac } from \"crypto\";",
        "const { createHmac } = require(\"crypto\");",
    );
    let expires_at = expires_at.map_or("undefined".to_owned(), |at| at.to_string());
    let program = format!(
        "{plain}\nprocess.stdout.write(createUrlSignature(process.argv[1], process.argv[2], {expires_at}));",
        plain = plain.replace("export ", "")
    );
    let output = Command::new("node")
        .args(["-e", &program, "--", secret, path])
        .output()
        .context("run node")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(String::from_utf8(output.stdout)?)
}

#[test]
fn the_printed_function_signs_urls_that_work_until_they_expire() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let path = format!("w_320,f_webp/{}", deckle.source("tea-gardens.jpg"));
    let now = SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs();
    let signed = |exp: u64| -> Result<String> {
        let sig = create_url_signature(key.secret.expose(), &path, Some(exp))?;
        Ok(deckle.url(&format!(
            "/api/v1/{}/{path}?key={}&sig={sig}&exp={exp}",
            key.project, key.public
        )))
    };

    let url = signed(now + 3)?;
    let reply = get(&url)?;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    let trace = deckle.trace(&reply.body)?;
    assert_eq!(trace.get(0).unwrap_or(&trace)["client_id"], key.client.as_str());

    std::thread::sleep(Duration::from_secs(4));
    assert_eq!(
        (get(&url)?.status, get(&url)?.error()?),
        (403, "Invalid or expired signature".to_owned())
    );

    // The expiry moved into the path, with the same signature.
    let exp = now + 3;
    let sig = create_url_signature(key.secret.expose(), &path, Some(exp))?;
    let moved = format!(
        "/api/v1/{}/{path}%3Fexp%3D{exp}?key={}&sig={sig}",
        key.project, key.public
    );
    assert_eq!(get(&deckle.url(&moved))?.status, 403);
    Ok(())
}

#[test]
fn without_an_expiry() -> Result<()> {
    let deckle = Deckle::demo()?;
    let key = deckle.key()?;
    let path = format!("_/{}", deckle.source("tea-gardens.jpg"));
    let sig = create_url_signature(key.secret.expose(), &path, None)?;
    let url = deckle.url(&format!("/api/v1/{}/{path}?key={}&sig={sig}", key.project, key.public));
    assert_eq!(get(&url)?.status, 200);
    assert_eq!(get(&url.replace("sig=", "sig=A"))?.status, 403);
    Ok(())
}
