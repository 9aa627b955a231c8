use crate::clients::token;
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Fleet, Key, Operator, get, request};
use serde_json::{Value, json};

/// The one-shot URLs of a product's four pictures, which an access token was just spent on.
fn pictures(host: &Deckle, id: &str, api_key: &str) -> Result<Vec<String>> {
    let pair: Value = serde_json::from_slice(&token(host, id, api_key)?.body)?;
    let authorization = format!("Bearer {}", pair["access_token"].as_str().context("no token")?);
    let product = request(
        "GET",
        &host.url("/api/v1/products/017000161563"),
        &[("authorization", &authorization)],
    )?;
    let product: Value = serde_json::from_slice(&product.body)?;
    let images = product["images"].as_object().with_context(|| product.to_string())?;
    let urls: Vec<_> = images
        .values()
        // Without a public address, URLs are relative to the request's.
        .filter_map(|url| Some(host.url(url.as_str()?)))
        .collect();
    ensure!(urls.len() == 4, "{images:?}");
    Ok(urls)
}

/// A client's URLs are dead at every edge once the operator has the answer to its disabling or revocation; its one-shot URLs to a
/// rotation, too.
pub fn ended(fleet: Fleet) -> Result<()> {
    let (operator, elsewhere) = (Operator::of(fleet.first()?)?, fleet.last()?);
    operator.post("/projects", &json!({ "slug": "demo" }))?;
    operator.import_catalogue()?;
    let client = operator.client(&json!({ "name": "Shop" }), 100)?;
    let id = client.id.as_str();
    let made = operator.post("/projects/demo/keys", &json!({ "client_id": id }))?;
    let key = Key::of(&json!({
        "project": "demo", "public_key": made["key"]["public_key"], "secret_key": made["secret_key"], "client_id": id,
    }))?;
    let signed = elsewhere.url(&key.sign("w_32,f_jpeg", &fleet.source("good"), None));
    let refused = |url: &str| -> Result<(u16, String)> {
        let reply = get(url)?;
        Ok((reply.status, reply.error()?))
    };
    let disabled = || (403, "client_disabled".to_owned());

    let urls = pictures(elsewhere, id, &client.api_key)?;
    assert_eq!((get(&urls[0])?.status, get(&signed)?.status), (200, 200));
    // A new API key ends what the old one was spent on, and leaves what another key signed.
    let rotated = operator.run(&["client", "rotate", id])?;
    let api_key = rotated["api_key"].as_str().context("no key")?;
    assert_eq!(refused(&urls[1])?, (403, "Invalid or expired signature".to_owned()));
    assert_eq!(get(&signed)?.status, 200);

    let urls = pictures(elsewhere, id, api_key)?;
    operator.run(&["client", "disable", id])?;
    assert_eq!((refused(&urls[0])?, refused(&signed)?), (disabled(), disabled()));
    operator.run(&["client", "enable", id])?;
    assert_eq!(get(&signed)?.status, 200);
    assert_eq!(refused(&urls[0])?.0, 403, "what a disabled client held stays ended");

    let urls = pictures(elsewhere, id, api_key)?;
    assert_eq!(get(&urls[0])?.status, 200);
    operator.run(&["client", "revoke", id])?;
    for url in urls[1..].iter().chain([&signed]) {
        assert_eq!(refused(url)?, disabled());
    }
    Ok(())
}
