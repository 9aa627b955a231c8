//! L7: secrets in what a failure prints. Each request has a secret where it does not belong, and fails; afterwards everything
//! that the host has written is searched for it (L1).

use crate::accounts::{ask, elsewhere, open};
use crate::l01_canary;
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use deckle_tests::send;
use serde_json::json;

pub fn attack(target: &Target) -> Result<()> {
    let client = open(target, json!({ "name": "Clumsy" }))?;
    let (key, refresh, access) = (&client.api_key, &client.refresh, &client.access);
    for body in [
        json!({ "client_id": client.id, key: "x" }),
        json!({ "client_id": client.id, "api_key": [key] }),
        json!({ "client_id": { key: key }, "api_key": key }),
        json!({ "client_id": key, "api_key": client.id }),
        json!({ "client_id": 7, "api_key": key }),
        json!({ "refresh_token": { "a": refresh } }),
        json!({ refresh: refresh }),
        json!({ "refresh_token": access }),
        json!({ "token": [access] }),
        json!([key, refresh, access]),
        json!(key),
    ] {
        for path in ["token", "refresh", "revoke"] {
            let path = format!("/api/v1/auth/{path}");
            let reply = ask(target, &elsewhere(), "POST", &path, None, Some(&body))?;
            ensure!(
                (400..500).contains(&reply.status) || path.ends_with("revoke"),
                "{path}: {}",
                reply.status
            );
            silent(&reply.body, &[key, refresh, access]).context(path)?;
        }
    }
    for (path, bearer) in [
        (format!("/api/v1/products/{key}"), access.as_str()),
        (format!("/api/v1/products?brand={key}"), refresh),
        (format!("/api/v1/usage?{access}=1"), key),
        (format!("/api/v1/account?access_token={access}"), refresh),
        (format!("/admin/clients/{key}"), access),
        (format!("/admin/audit?client_id={key}"), key),
        (format!("/api/v1/shop/w_1/{key}?sig={access}"), key),
    ] {
        let reply = ask(target, &elsewhere(), "GET", &path, Some(bearer), None)?;
        silent(&reply.body, &[key, refresh, access]).context(path)?;
    }
    // JSON that breaks off inside of the secret.
    let broken = format!("{{\"client_id\":\"{}\",\"api_key\":\"{key}", client.id);
    let headers = [("content-type", "application/json")];
    let reply = send("POST", &target.url("/api/v1/auth/token"), &headers, broken.as_bytes())?;
    silent(&reply.body, &[key])?;
    l01_canary::search(target)
}

fn silent(body: &[u8], secrets: &[&String]) -> Result<()> {
    let text = String::from_utf8_lossy(body);
    ensure!(!secrets.iter().any(|secret| text.contains(secret.as_str())), "{text}");
    Ok(())
}
