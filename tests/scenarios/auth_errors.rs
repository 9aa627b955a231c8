//! Every row of the specification's error tables of tokens and of refreshing, produced by a request.

use anyhow::{Context, Result};
use deckle_tests::{ApiClient, Deckle, Operator, send};
use serde_json::{Value, json};
use std::time::Duration;

fn post(deckle: &Deckle, endpoint: &str, body: &Value) -> Result<(u16, Value)> {
    let url = deckle.url(&format!("/api/v1/auth/{endpoint}"));
    let reply = send(
        "POST",
        &url,
        &[("content-type", "application/json")],
        body.to_string().as_bytes(),
    )?;
    if reply.status >= 400 {
        assert_eq!(reply.header("content-type"), Some("application/problem+json"));
        assert_eq!(reply.header("retry-after").is_some(), reply.status == 429);
    }
    Ok((reply.status, serde_json::from_slice(&reply.body)?))
}

/// Status and `error` of a refused request.
fn refused(deckle: &Deckle, endpoint: &str, body: &Value) -> Result<(u16, String)> {
    let (status, body) = post(deckle, endpoint, body)?;
    Ok((
        status,
        body["error"].as_str().with_context(|| body.to_string())?.to_owned(),
    ))
}

fn row(status: u16, error: &str) -> (u16, String) {
    (status, error.to_owned())
}

fn credentials(client: &ApiClient) -> Value {
    json!({ "client_id": client.id, "api_key": client.api_key })
}

fn refresh_token(deckle: &Deckle, client: &ApiClient) -> Result<Value> {
    let (status, body) = post(deckle, "token", &credentials(client))?;
    assert_eq!(status, 200, "{body}");
    Ok(json!({ "refresh_token": body["refresh_token"] }))
}

#[test]
fn the_table_of_tokens() -> Result<()> {
    let deckle = Deckle::demo()?;
    let operator = Operator::of(&deckle)?;
    let client = operator.client(&json!({ "name": "Shop" }), 1)?;
    for body in [
        json!({}),
        json!({ "client_id": client.id }),
        json!({ "api_key": client.api_key }),
    ] {
        assert_eq!(refused(&deckle, "token", &body)?, row(400, "missing_credentials"));
    }
    let unknown = json!({ "client_id": "client_0000000000000000000000", "api_key": client.api_key });
    assert_eq!(refused(&deckle, "token", &unknown)?, row(401, "invalid_credentials"));
    let wrong = json!({ "client_id": client.id, "api_key": "sk_live_000000000000000000000000000000000000" });
    assert_eq!(refused(&deckle, "token", &wrong)?, row(401, "invalid_credentials"));

    let limited = operator.client(&json!({ "name": "Too busy" }), 1)?;
    let mut outcomes = Vec::new();
    // A minute of the clock can end in between.
    for _ in 0..22 {
        let (status, body) = post(&deckle, "token", &credentials(&limited))?;
        outcomes.push((status, body["error"].as_str().unwrap_or_default().to_owned()));
    }
    assert!(outcomes.contains(&row(429, "auth_rate_limit")), "{outcomes:?}");
    assert!(
        outcomes.iter().all(|(status, _)| [200, 429].contains(status)),
        "{outcomes:?}"
    );

    operator.post(&format!("/clients/{}/revoke", client.id), &json!({}))?;
    assert_eq!(
        refused(&deckle, "token", &credentials(&client))?,
        row(403, "client_disabled")
    );
    Ok(())
}

#[test]
fn the_table_of_refreshing() -> Result<()> {
    let deckle = Deckle::demo()?;
    let operator = Operator::of(&deckle)?;
    let client = operator.client(&json!({ "name": "Shop" }), 1)?;
    assert_eq!(
        refused(&deckle, "refresh", &json!({}))?,
        row(400, "missing_refresh_token")
    );

    let old = refresh_token(&deckle, &client)?;
    let database = rusqlite::Connection::open(deckle.data.path().join("sqlite.db"))?;
    database.busy_timeout(Duration::from_secs(10))?;
    // Ninety days later.
    assert_eq!(database.execute("UPDATE refresh_tokens SET expires_at = 1", [])?, 1);
    assert_eq!(refused(&deckle, "refresh", &old)?, row(401, "refresh_token_expired"));

    let revoked = operator.client(&json!({ "name": "Gone" }), 1)?;
    let its = refresh_token(&deckle, &revoked)?;
    operator.post(&format!("/clients/{}/revoke", revoked.id), &json!({}))?;
    assert_eq!(refused(&deckle, "refresh", &its)?, row(403, "client_disabled"));

    let first = refresh_token(&deckle, &client)?;
    assert_eq!(post(&deckle, "refresh", &first)?.0, 200);
    assert_eq!(refused(&deckle, "refresh", &first)?, row(401, "refresh_token_reused"));
    Ok(())
}
