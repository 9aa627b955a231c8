//! Every row of the specification's tables of errors, and the attacks on authentication: A, H6, H7, J9, J10, R10, R11.

mod family;
mod limits;
mod refresh;
mod revoke;
mod token;

use crate::clients::{self, Tier};
use crate::fake::{Fake, PEER};
use crate::request::Request;
use answer::Answer;
use futures::executor::block_on;
use serde_json::{Value, json};

/// A client with its API key.
pub struct Known {
    pub id: String,
    pub key: String,
}

/// A pair of tokens.
#[derive(Debug, Clone, PartialEq)]
pub struct Pair {
    pub access: String,
    pub refresh: String,
}

/// A client of its own.
pub fn client(fake: &Fake) -> Known {
    let (id, key) = block_on(clients::create(fake, "Shop", Tier::Standard, seconds(fake))).unwrap();
    Known {
        id,
        key: key.expose().to_owned(),
    }
}

pub fn world() -> (Fake, Known) {
    let fake = Fake::new();
    let known = client(&fake);
    (fake, known)
}

pub fn seconds(fake: &Fake) -> u64 {
    fake.world.now.get() / 1000
}

pub fn later(fake: &Fake, seconds: u64) {
    fake.world.now.set(fake.world.now.get() + seconds * 1000);
}

pub fn log_in(known: &Known) -> Request {
    Fake::post(
        "/api/v1/auth/token",
        &json!({"client_id": known.id, "api_key": known.key}),
    )
}

pub fn refreshing(token: &str) -> Request {
    Fake::post("/api/v1/auth/refresh", &json!({"refresh_token": token}))
}

pub fn account(access: &str) -> Request {
    let header = format!("Bearer {access}");
    Fake::request("GET", "/api/v1/account", &[("authorization", &header)], b"")
}

pub fn from(mut request: Request, peer: &str) -> Request {
    request.peer = Some(peer.parse().unwrap());
    request
}

pub fn body(answer: &Answer) -> Value {
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.get("cache-control"), Some("no-store"));
    serde_json::from_slice(&answer.body).unwrap()
}

pub fn pair(answer: &Answer) -> Pair {
    let body = body(answer);
    assert_eq!(body["token_type"], "Bearer");
    assert_eq!(body["expires_in"], 3600);
    assert_eq!(body.as_object().unwrap().len(), 4);
    Pair {
        access: body["access_token"].as_str().unwrap().to_owned(),
        refresh: body["refresh_token"].as_str().unwrap().to_owned(),
    }
}

pub fn error(fake: &Fake, request: Request) -> (u16, String) {
    Fake::error(&fake.ask(request))
}

#[track_caller]
pub fn refused(fake: &Fake, request: Request, status: u16, code: &str) {
    assert_eq!(error(fake, request), (status, code.to_owned()));
}

#[test]
fn l1_nothing_that_was_issued_is_logged_or_stored() {
    let (fake, known) = world();
    let first = pair(&fake.ask(log_in(&known)));
    let second = pair(&fake.ask(refreshing(&first.refresh)));
    refused(&fake, refreshing(&first.refresh), 401, "refresh_token_reused");
    refused(&fake, account(&second.access), 401, "unauthenticated");
    let mut seen = fake.world.log.borrow().join("\n");
    for table in [
        "clients",
        "api_keys",
        "refresh_families",
        "refresh_tokens",
        "attempts",
        "outbox",
    ] {
        seen += &format!("{:?}", fake.sql(&format!("SELECT * FROM {table}"), &[]));
    }
    for bytes in fake.world.records.borrow().values() {
        seen += &String::from_utf8_lossy(bytes);
    }
    for secret in [
        &known.key,
        &first.access,
        &first.refresh,
        &second.access,
        &second.refresh,
    ] {
        assert!(!seen.contains(secret.as_str()));
        assert!(!seen.contains(&secret[secret.len() - 26..]));
    }
    assert!(seen.contains(PEER) && seen.contains(&known.id));
}
