//! A4: nobody has another client disabled by asking in its name, however often and however oddly.

use crate::target::{Target, now, with};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Key, OPERATOR_TOKEN, request, send};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

pub fn operate(target: &Target, method: &str, path: &str, body: Option<Value>) -> Result<(u16, Value)> {
    let bearer = format!("Bearer {OPERATOR_TOKEN}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    let body = body.map(|body| body.to_string()).unwrap_or_default();
    let reply = send(method, &target.deckle.url(path), &headers, body.as_bytes())?;
    Ok((reply.status, serde_json::from_slice(&reply.body)?))
}

pub fn attack(target: &Target) -> Result<()> {
    let (_, made) = operate(target, "POST", "/admin/clients", Some(json!({ "name": "Victim" })))?;
    let id = made["client"]["id"].as_str().context("no client")?;
    for secret in ["api_key", "webhook_secret"] {
        target.keep_secret(made[secret].as_str().context("no secret")?);
    }
    let create = ["key", "create", "--project", "shop", "--client", id];
    let key = Key::of(&target.deckle.run(&create)?)?;
    target.keep_secret(key.secret.expose());
    let exp = Some(now() + 3600);
    // Signed for it, and refused: whoever saw one such URL can ask again and again.
    let seen = key.sign("w_96", "elsewhere.example.com/x.jpg", exp);
    for barcode in 0..60 {
        target.get(&with(
            &key.sign("w_96", &target.source("good/x.jpg"), exp),
            "sig",
            &"A".repeat(32),
        ))?;
        ensure!(target.get(&seen)?.status == 403, "served");
        let product = format!("/api/v1/products/{:012}", 17_000_161_000u64 + barcode);
        let headers = [("authorization", "Bearer x"), ("x-client-id", id)];
        request("GET", &target.deckle.url(&product), &headers)?;
    }
    let began = Instant::now();
    let found = loop {
        let (_, page) = operate(target, "GET", &format!("/admin/anomalies?client_id={id}"), None)?;
        let found = page["anomalies"].as_array().context("no list")?.clone();
        if !found.is_empty() || began.elapsed() > Duration::from_secs(20) {
            break found;
        }
        std::thread::sleep(Duration::from_millis(500));
    };
    // Repeating what was seen is reported. It confirms nothing.
    ensure!(!found.is_empty(), "nobody noticed");
    ensure!(found.iter().all(|found| found["verdict"] == "noted"), "{found:?}");
    let (_, read) = operate(target, "GET", &format!("/admin/clients/{id}"), None)?;
    ensure!(read["client"]["status"] == "active", "{read}");
    Ok(())
}
