//! H9: a request of the operator sets what it is meant to set and nothing else, and its texts are never a page.

use crate::a04_naming_another_client::operate;
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use deckle_tests::{OPERATOR_TOKEN, send};
use serde_json::json;

pub fn attack(target: &Target) -> Result<()> {
    let name = "<img src=x onerror=alert(1)>";
    let (status, made) = operate(target, "POST", "/admin/clients", Some(json!({ "name": name })))?;
    ensure!(status == 201, "{made}");
    let id = made["client"]["id"].as_str().context("no client")?;
    for secret in ["api_key", "webhook_secret"] {
        target.keep_secret(made[secret].as_str().context("no secret")?);
    }
    let path = format!("/admin/clients/{id}");
    for member in [
        "credits",
        "credit_balance",
        "epoch",
        "id",
        "key_id",
        "scope_hash",
        "revoked_at",
        "status",
        "__proto__",
    ] {
        let (status, _) = operate(target, "PATCH", &path, Some(json!({ member: 1, "name": "x" })))?;
        ensure!(status == 400, "{member}: {status}");
    }
    let bearer = format!("Bearer {OPERATOR_TOKEN}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "application/json")];
    for twice in [
        "{\"name\":\"a\",\"name\":\"b\"}",
        "{\"name\":\"a\",\"n\\u0061me\":\"b\"}",
        "[{\"name\":\"a\"}]",
    ] {
        let reply = send("PATCH", &target.deckle.url(&path), &headers, twice.as_bytes())?;
        ensure!(reply.status == 400, "{twice}: {}", reply.status);
    }
    let reply = send("GET", &target.deckle.url(&path), &headers, &[])?;
    ensure!(reply.header("content-type") == Some("application/json"), "{reply:?}");
    ensure!(reply.header("x-content-type-options") == Some("nosniff"), "{reply:?}");
    ensure!(reply.header("cache-control") == Some("no-store"), "{reply:?}");
    let read: serde_json::Value = serde_json::from_slice(&reply.body)?;
    ensure!(read["client"]["name"] == name, "{read}");
    Ok(())
}
