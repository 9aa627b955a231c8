//! The client class as the specification prints it, run in Node against the real host: tokens, a product, its pictures, a
//! refresh, and what a refresh token that is used twice leads to.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Operator, Receiver, get, repository, send};
use hmac::{Hmac, KeyInit, Mac};
use serde_json::{Value, json};
use sha2::Sha256;
use std::process::Command;
use std::time::Duration;

/// Where the specification's API is.
const PRINTED: &str = "https://images.retaildigitals.com";
const PRODUCT: &str = "/products/017000161563";

/// What an application does with the class. It prints what it saw as JSON.
const APPLICATION: &str = r"
const rd = new RetailDigitalsClient({ clientId: process.env.RD_CLIENT_ID, apiKey: process.env.RD_API_KEY });
const seen = {};
seen.product = await rd.fetch(process.env.PRODUCT).then((r) => r.json());
seen.loads = [];
for (const url of Object.values(seen.product.images)) {
  const load = () => fetch(url).then(async (r) => [r.status, r.headers.get('content-type'), (await r.arrayBuffer()).byteLength]);
  seen.loads.push([await load(), await load()]);
}
const front = await rd.fetch(`${process.env.PRODUCT}?include=images&variants=front`).then((r) => r.json());
seen.front = front.images;
seen.balance = await rd.fetch('/balance').then((r) => r.json());

const first = { refresh: rd.refreshToken, access: rd.accessToken };
rd.expiresAt = 0;
seen.refreshed = (await rd.fetch('/balance')).status;
seen.rotated = rd.refreshToken !== first.refresh && rd.accessToken !== first.access;

const post = (body) => fetch(`${process.env.RD_URL}/api/v1/auth/refresh`, {
  method: 'POST', headers: { 'Content-Type': 'application/json' }, body: JSON.stringify(body),
}).then(async (r) => [r.status, (await r.json()).error]);
seen.replay = await post({ refresh_token: first.refresh });
seen.family = await post({ refresh_token: rd.refreshToken });
// The class tries to refresh, then to log in: neither works any more.
seen.after = await rd.fetch('/balance').then((r) => r.status, (error) => error.message);
process.stdout.write(JSON.stringify(seen));
";

fn run(class: &str, environment: &[(&str, &str)]) -> Result<Value> {
    let output = Command::new("node")
        .args(["--input-type=module", "--eval", &format!("{class}\n{APPLICATION}")])
        .envs(environment.iter().copied())
        .output()
        .context("run node")?;
    ensure!(output.status.success(), "{}", String::from_utf8_lossy(&output.stderr));
    Ok(serde_json::from_slice(&output.stdout)?)
}

#[test]
fn the_printed_class_works_until_a_refresh_token_is_used_twice() -> Result<()> {
    let owner = Receiver::start()?;
    let photos = repository().join("static/photos");
    let webhook_host = format!("webhook_host={}", owner.url);
    let deckle = Deckle::start(&["--originals", &photos.to_string_lossy(), "--variable", &webhook_host])?;
    let operator = Operator::of(&deckle)?;
    operator.import_catalogue()?;
    let settings = json!({ "name": "Shop", "webhook_url": format!("{}/deckle", owner.url) });
    let client = operator.client(&settings, 10)?;

    let printed = std::fs::read_to_string(repository().join("tests/vectors/retail-digitals-client.js"))?;
    assert_eq!(printed.matches(PRINTED).count(), 3);
    let url = deckle.url("");
    let seen = run(
        &printed.replace(PRINTED, &url),
        &[
            ("RD_URL", &url),
            ("RD_CLIENT_ID", &client.id),
            ("RD_API_KEY", &client.api_key),
            ("PRODUCT", PRODUCT),
        ],
    )?;

    assert_eq!(seen["product"]["meta"]["credits_debited"], 4, "{seen}");
    let loads = seen["loads"].as_array().context("no loads")?;
    assert_eq!(loads.len(), 4, "{seen}");
    for load in loads {
        let (once, twice) = (&load[0], &load[1]);
        ensure!(
            once[0] == 200 && once[1].as_str().is_some_and(|kind| kind.starts_with("image/")),
            "{seen}"
        );
        assert!(once[2].as_u64() > Some(1000) && twice[0] == 410, "{seen}");
    }
    assert!(
        seen["front"]["front"].is_string() && seen["front"]["back"].is_null(),
        "{seen}"
    );
    assert_eq!(seen["balance"], json!({ "credit_balance": 5 }));
    assert_eq!(
        (&seen["refreshed"], &seen["rotated"]),
        (&json!(200), &json!(true)),
        "{seen}"
    );
    assert_eq!(seen["replay"], json!([401, "refresh_token_reused"]));
    assert_eq!(seen["family"], json!([401, "refresh_token_invalid"]));
    assert_eq!(seen["after"], "Auth failed: 403", "{seen}");

    let credentials = json!({ "client_id": client.id, "api_key": client.api_key }).to_string();
    let log_in = || {
        let headers = [("content-type", "application/json")];
        send(
            "POST",
            &deckle.url("/api/v1/auth/token"),
            &headers,
            credentials.as_bytes(),
        )
    };
    let quarantined = log_in()?;
    assert_eq!(
        (quarantined.status, quarantined.error()?),
        (403, "client_disabled".to_owned())
    );
    let shown = operator.send("GET", &format!("/clients/{}", client.id), "application/json", &[])?;
    assert_eq!(
        serde_json::from_slice::<Value>(&shown.body)?["client"]["status"],
        "quarantined"
    );

    // Webhooks go out after answers, so that somebody has to ask for something.
    let told = (0..30).find_map(|_| {
        let _ = get(&deckle.url("/api/v1/account"));
        owner.next(Duration::from_secs(1))
    });
    let told = told.context("no webhook came")?;
    assert_eq!(told.path, "/deckle");
    let body: Value = serde_json::from_str(&told.body)?;
    assert_eq!(body["kind"], "refresh_token_reused", "{body}");
    let signature = told.header("deckle-signature").context("no signature")?;
    let (at, digest) = signature
        .strip_prefix("t=")
        .and_then(|rest| rest.split_once(",v1="))
        .context("no time")?;
    let mac = Hmac::<Sha256>::new_from_slice(client.webhook_secret.as_bytes())?;
    let mac = mac.chain_update(format!("{at}.{}", told.body)).finalize().into_bytes();
    let expected: String = mac.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(digest, expected);

    // A new key ends the quarantine.
    let fresh = operator.post(&format!("/clients/{}/rotate", client.id), &json!({}))?;
    assert_ne!(fresh["api_key"], client.api_key.as_str());
    let credentials = json!({ "client_id": client.id, "api_key": fresh["api_key"] }).to_string();
    let headers = [("content-type", "application/json")];
    assert_eq!(
        send(
            "POST",
            &deckle.url("/api/v1/auth/token"),
            &headers,
            credentials.as_bytes()
        )?
        .status,
        200
    );
    Ok(())
}
