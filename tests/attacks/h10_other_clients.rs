//! H6: whether a product exists that a client may not see. H10: what belongs to another client.

use crate::accounts::{Account, ask, elsewhere, open, operate};
use crate::h06_enumeration::same_answer;
use crate::s05_timing::{differ, medians};
use crate::target::{Target, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{OPERATOR_TOKEN, Reply, send};
use serde_json::{Value, json};
use std::time::{Duration, Instant};

const VISIBLE: &str = "30000000001";
const HIDDEN: &str = "30000000002";
const MISSING: &str = "30000000003";
const SAMPLES: usize = 100;
const MEASUREMENTS: usize = 6;

pub fn attack(target: &Target) -> Result<()> {
    let pictures = format!(
        "{0}/good/1.jpg,{0}/good/2.jpg",
        target.source("good").trim_end_matches("/good")
    );
    let rows = format!(
        "barcode,name,brand,category,front,back\n{VISIBLE},Soup,Acme,Soups,{pictures}\n{HIDDEN},Tea,Globex,Tea,{pictures}\n"
    );
    let bearer = format!("Bearer {OPERATOR_TOKEN}");
    let headers = [("authorization", bearer.as_str()), ("content-type", "text/csv")];
    let report = send("POST", &target.url("/admin/products/import"), &headers, rows.as_bytes())?;
    ensure!(report.status == 200, "{}", String::from_utf8_lossy(&report.body));
    let settings = |name: &str| json!({ "name": name, "scope": { "brands": ["Acme"] }, "per_minute": 100_000, "per_day": 100_000 });
    let (curious, other) = (open(target, settings("Curious"))?, open(target, settings("Other"))?);
    products(target, &curious)?;
    belongings(target, &curious, &other)
}

fn product(target: &Target, client: &Account, barcode: &str) -> Result<Reply> {
    let path = format!("/api/v1/products/{barcode}");
    ask(target, &elsewhere(), "GET", &path, Some(&client.access), None)
}

/// What is out of scope and what does not exist are one answer, in one time.
fn products(target: &Target, client: &Account) -> Result<()> {
    let out_of_scope = |barcode: &str| refused(&product(target, client, barcode)?, 403, "out_of_scope");
    let masked = |barcode: &str| -> Result<Reply> {
        let mut reply = product(target, client, barcode)?;
        reply
            .headers
            .retain(|name, _| !name.starts_with("x-ratelimit-remaining"));
        Ok(reply)
    };
    same_answer(&masked(HIDDEN)?, &masked(MISSING)?)?;
    let mut seen = Vec::new();
    for _ in 0..MEASUREMENTS {
        let (hidden, missing) = medians(SAMPLES, || out_of_scope(HIDDEN), || out_of_scope(MISSING))?;
        if !differ(hidden, missing) {
            break;
        }
        seen.push((hidden, missing));
    }
    ensure!(
        seen.len() < MEASUREMENTS,
        "what is out of scope and what is missing take different times: {seen:?}"
    );
    // The measurement can tell times apart: what may be seen is paid for.
    let (id, credits) = (&client.id, json!({ "change": 1000 }));
    operate(target, "POST", "/admin/projects", Some(json!({ "slug": "catalogue" })))?;
    let (status, key) = operate(
        target,
        "POST",
        "/admin/projects/catalogue/keys",
        Some(json!({ "client_id": id })),
    )?;
    ensure!(status == 201, "{key}");
    target.keep_secret(key["secret_key"].as_str().context("no secret")?);
    operate(target, "POST", &format!("/admin/clients/{id}/credits"), Some(credits))?;
    let delivered = || {
        let reply = product(target, client, VISIBLE)?;
        ensure!(reply.status == 200, "{}", String::from_utf8_lossy(&reply.body));
        Ok(())
    };
    let mut seen = Vec::new();
    for _ in 0..MEASUREMENTS {
        let (missing, delivered) = medians(20, || out_of_scope(MISSING), delivered)?;
        if differ(missing, delivered) {
            return Ok(());
        }
        seen.push((missing, delivered));
    }
    anyhow::bail!("the clock tells nothing: {seen:?}")
}

/// A client reads and changes nothing of another's, and cannot tell that there is one.
fn belongings(target: &Target, curious: &Account, other: &Account) -> Result<()> {
    let (id, nobody) = (other.id.as_str(), "client_0000000000000000000000");
    for path in [
        "/admin/clients/ID",
        "/admin/clients/ID/credits",
        "/admin/audit?client_id=ID",
        "/admin/anomalies?client_id=ID",
        "/api/v1/account/ID",
        "/api/v1/clients/ID/usage",
        "/api/v1/account?client_id=ID",
        "/api/v1/balance?client_id=ID",
        "/api/v1/usage?client_id=ID",
    ] {
        let reply = |id: &str| -> Result<Reply> {
            let path = path.replace("ID", id);
            let mut reply = ask(target, &elsewhere(), "GET", &path, Some(&curious.access), None)?;
            let own = |name: &str| name.starts_with("x-ratelimit-remaining") || name == "content-length";
            reply.headers.retain(|name, _| !own(name));
            Ok(reply)
        };
        let (there, absent) = (reply(id)?, reply(nobody)?);
        // What knows no such parameter may answer of the one who asks.
        let text = String::from_utf8_lossy(&there.body);
        ensure!(!text.contains(id), "{path}: {text}");
        same_answer(&there, &absent).context(path)?;
    }
    for (method, path) in [
        ("POST", "/rotate"),
        ("POST", "/revoke"),
        ("POST", "/credits"),
        ("PATCH", ""),
    ] {
        let path = format!("/admin/clients/{id}{path}");
        let body = json!({ "change": 1 });
        let reply = ask(target, &elsewhere(), method, &path, Some(&curious.access), Some(&body))?;
        refused(&reply, 401, "unauthenticated").context(path)?;
    }
    // Both have asked for products; each reads of its own requests.
    product(target, other, HIDDEN)?;
    let usage = |client: &Account| -> Result<Vec<Value>> {
        let reply = ask(target, &elsewhere(), "GET", "/api/v1/usage", Some(&client.access), None)?;
        let page: Value = serde_json::from_slice(&reply.body)?;
        Ok(page["usage"].as_array().context("no usage")?.clone())
    };
    let began = Instant::now();
    let theirs = loop {
        let theirs = usage(other)?;
        if theirs.iter().any(|used| used["barcode"].is_string()) || began.elapsed() > Duration::from_secs(20) {
            break theirs;
        }
        std::thread::sleep(Duration::from_millis(100));
    };
    ensure!(theirs.iter().any(|used| used["barcode"].is_string()), "{theirs:?}");
    let own = usage(curious)?;
    for used in &theirs {
        let found = own.iter().any(|own| own["request_id"] == used["request_id"]);
        ensure!(!found, "{used} is another client's");
    }
    Ok(())
}
