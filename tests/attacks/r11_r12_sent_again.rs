//! R11: a refresh token sent again, because the answer was lost or because it was stolen: nobody can tell, so everything ends.
//! R12: a request sent again under its `Idempotency-Key`, and another one under the same key.

use crate::a01_a02_a03_guessed_keys::at_once;
use crate::accounts::{account, elsewhere, log_in, open, operate, pair, refresh};
use crate::target::{Target, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{OPERATOR_TOKEN, Reply, send};
use serde_json::{Value, json};
use std::collections::BTreeSet;

pub fn attack(target: &Target) -> Result<()> {
    refreshed_again(target)?;
    done_again(target)
}

fn refreshed_again(target: &Target) -> Result<()> {
    let client = open(target, json!({ "name": "Lost" }))?;
    let (access, successor) = pair(target, &refresh(target, &client.refresh)?)?;
    refused(&refresh(target, &client.refresh)?, 401, "refresh_token_reused")?;
    for token in [&client.access, &access] {
        refused(&account(target, token)?, 401, "unauthenticated")?;
    }
    refused(&refresh(target, &successor)?, 401, "refresh_token_invalid")?;
    let again = log_in(target, &elsewhere(), &client.id, &client.api_key)?;
    refused(&again, 403, "client_disabled")?;
    // A new key from the operator is the way back.
    let (_, made) = operate(target, "POST", &format!("/admin/clients/{}/rotate", client.id), None)?;
    let key = made["api_key"].as_str().context("no key")?;
    target.keep_secret(key);
    pair(target, &log_in(target, &elsewhere(), &client.id, key)?).map(drop)
}

fn done_again(target: &Target) -> Result<()> {
    let bearer = format!("Bearer {OPERATOR_TOKEN}");
    let create = |name: &str, key: &str| -> Result<Reply> {
        let headers = [
            ("authorization", bearer.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let body = json!({ "name": name }).to_string();
        send("POST", &target.url("/admin/clients"), &headers, body.as_bytes())
    };
    let key = "attack-r12-000000000001";
    let replies = at_once(8, || create("Made once", key))?;
    let mut bodies = BTreeSet::new();
    for reply in &replies {
        ensure!(reply.status == 201, "{}", String::from_utf8_lossy(&reply.body));
        let made: Value = serde_json::from_slice(&reply.body)?;
        target.keep_secret(made["api_key"].as_str().context("no key")?);
        target.keep_secret(made["webhook_secret"].as_str().context("no secret")?);
        bodies.insert(made.to_string());
    }
    ensure!(bodies.len() == 1, "{} different clients", bodies.len());
    let (_, page) = operate(target, "GET", "/admin/clients?limit=200", None)?;
    let clients = page["clients"].as_array().context("no list")?;
    let made = clients.iter().filter(|client| client["name"] == "Made once").count();
    ensure!(made == 1, "{made} clients");
    refused(&create("Another", key)?, 409, "idempotency_key_mismatch")?;
    for key in ["short", "with a space in between it"] {
        refused(&create("Another", key)?, 400, "bad_request").context(key)?;
    }
    Ok(())
}
