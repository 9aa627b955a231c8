//! Accounts of the control API, for attacks on them: on a host behind a proxy that it trusts, so that every caller has the
//! address that the attack says.

use crate::target::Target;
use anyhow::{Context, Result, ensure};
use deckle_tests::{OPERATOR_TOKEN, Reply, send};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicU16, Ordering};

/// A client that logged in.
pub struct Account {
    pub id: String,
    pub api_key: String,
    pub access: String,
    pub refresh: String,
}

/// An address that nobody called from before.
pub fn elsewhere() -> String {
    static NEXT: AtomicU16 = AtomicU16::new(1);
    format!("2001:db8:{:x}::1", NEXT.fetch_add(1, Ordering::Relaxed))
}

/// Asks the admin API.
pub fn operate(target: &Target, method: &str, path: &str, body: Option<Value>) -> Result<(u16, Value)> {
    let reply = ask(target, &elsewhere(), method, path, Some(OPERATOR_TOKEN), body.as_ref())?;
    Ok((reply.status, serde_json::from_slice(&reply.body)?))
}

/// Asks from an address, with a bearer token and a JSON body. No secret that was sent may come back in a refusal.
pub fn ask(
    target: &Target,
    address: &str,
    method: &str,
    path: &str,
    bearer: Option<&str>,
    body: Option<&Value>,
) -> Result<Reply> {
    let bearer = bearer.map(|token| format!("Bearer {token}"));
    let mut headers = vec![("x-forwarded-for", address), ("content-type", "application/json")];
    headers.extend(bearer.iter().map(|bearer| ("authorization", bearer.as_str())));
    let body = body.map(Value::to_string).unwrap_or_default();
    let reply = send(method, &target.url(path), &headers, body.as_bytes())?;
    let text = String::from_utf8_lossy(&reply.body);
    ensure!(reply.status < 400 || !text.contains("sk_live_"), "{path}: {text}");
    Ok(reply)
}

/// Makes a client, which is not logged in. Gives its id and API key.
pub fn create(target: &Target, settings: Value) -> Result<(String, String)> {
    let (status, made) = operate(target, "POST", "/admin/clients", Some(settings))?;
    ensure!(status == 201, "{made}");
    let text = |value: &Value| value.as_str().map(str::to_owned).context("no text");
    let (id, api_key) = (text(&made["client"]["id"])?, text(&made["api_key"])?);
    target.keep_secret(&api_key);
    target.keep_secret(&text(&made["webhook_secret"])?);
    Ok((id, api_key))
}

/// Makes a client, and logs in.
pub fn open(target: &Target, settings: Value) -> Result<Account> {
    let (id, api_key) = create(target, settings)?;
    let (access, refresh) = pair(target, &log_in(target, &elsewhere(), &id, &api_key)?)?;
    Ok(Account {
        id,
        api_key,
        access,
        refresh,
    })
}

pub fn log_in(target: &Target, address: &str, id: &str, api_key: &str) -> Result<Reply> {
    let body = json!({ "client_id": id, "api_key": api_key });
    ask(target, address, "POST", "/api/v1/auth/token", None, Some(&body))
}

pub fn refresh(target: &Target, token: &str) -> Result<Reply> {
    let body = json!({ "refresh_token": token });
    ask(target, &elsewhere(), "POST", "/api/v1/auth/refresh", None, Some(&body))
}

pub fn account(target: &Target, access: &str) -> Result<Reply> {
    ask(target, &elsewhere(), "GET", "/api/v1/account", Some(access), None)
}

/// The tokens of an answer: access and refresh.
pub fn pair(target: &Target, reply: &Reply) -> Result<(String, String)> {
    ensure!(reply.status == 200, "{}", String::from_utf8_lossy(&reply.body));
    let body: Value = serde_json::from_slice(&reply.body)?;
    let text = |name: &str| body[name].as_str().map(str::to_owned).context("no token");
    let tokens = (text("access_token")?, text("refresh_token")?);
    target.keep_secret(&tokens.0);
    target.keep_secret(&tokens.1);
    Ok(tokens)
}
