//! Products, credits and one-shot pictures, through both components and the real host.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Buyer, Fleet, PARALLEL, Reply, Shop, get, request, send};
use serde_json::{Value, json};
use std::collections::BTreeMap;
use std::sync::Barrier;
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::{Duration, Instant};

const SOUP: &str = "017000161563";
const TEA: &str = "12345678";
const MISSING: &str = "99999999";

const PRODUCTS: [(&str, &str, &str, usize); 2] = [(SOUP, "Acme", "Soups", 4), (TEA, "Globex", "Tea", 1)];

fn body(reply: &Reply) -> Result<Value> {
    serde_json::from_slice(&reply.body).with_context(|| String::from_utf8_lossy(&reply.body).into_owned())
}

fn balance(shop: &Shop, buyer: &Buyer) -> Result<Value> {
    Ok(body(&shop.ask(0, buyer, "GET", "/balance")?)?["credit_balance"].clone())
}

#[test]
fn a_product_is_four_pictures_that_load_once() -> Result<()> {
    let shop = Shop::open(Fleet::on_sqlite()?, &PRODUCTS)?;
    let buyer = shop.buyer("client_soup", &json!("full"), 10)?;
    let reply = shop.ask(0, &buyer, "GET", &format!("/products/{SOUP}"))?;
    assert_eq!(reply.status, 200, "{}", String::from_utf8_lossy(&reply.body));
    assert_eq!(reply.header("x-credits-debited"), Some("4"));
    assert_eq!(reply.header("x-credits-remaining"), Some("6"));
    let images = body(&reply)?["images"].clone();
    for variant in ["front", "back", "front_clean", "back_clean"] {
        // Without a public address, URLs are relative to the request's.
        let url = shop.host()?.url(images[variant].as_str().context("a picture")?);
        assert_eq!(request("HEAD", &url, &[])?.status, 200);
        let picture = get(&url)?;
        assert_eq!(
            picture.status,
            200,
            "{variant}: {}",
            String::from_utf8_lossy(&picture.body)
        );
        assert_eq!(picture.header("cache-control"), Some("private, no-store"));
        // Clean is the picture, not the absence of marks.
        let trace = shop.host()?.trace(&picture.body)?;
        assert_eq!(trace["client_id"], buyer.id.as_str(), "{variant}: {trace}");
        let again = get(&url)?;
        assert_eq!((again.status, again.error()?), (410, "gone".to_owned()));
    }
    assert_eq!(balance(&shop, &buyer)?, 6);
    let used = usage(&shop, &buyer, "endpoint=products%2Fbarcode")?;
    assert_eq!(
        (&used["barcode"], &used["credits"], &used["status"]),
        (&json!(SOUP), &json!(4), &json!(200))
    );
    let other = shop.buyer("client_other", &json!("full"), 1)?;
    let none = shop.ask(0, &other, "GET", &format!("/usage?barcode={SOUP}"))?;
    assert_eq!(body(&none)?["usage"], json!([]), "a client reads of itself alone");
    Ok(())
}

/// The newest request of a client of this sort, once the log has it: it is written after the answer.
fn usage(shop: &Shop, buyer: &Buyer, filter: &str) -> Result<Value> {
    let began = Instant::now();
    loop {
        let page = body(&shop.ask(0, buyer, "GET", &format!("/usage?{filter}"))?)?;
        let newest = page["usage"].as_array().and_then(|usage| usage.first());
        if let Some(newest) = newest {
            return Ok(newest.clone());
        }
        ensure!(began.elapsed() < Duration::from_secs(20), "{page}");
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn what_is_free_is_free() -> Result<()> {
    let shop = Shop::open(Fleet::on_sqlite()?, &PRODUCTS)?;
    let buyer = shop.buyer("client_window", &json!({"brands": ["acme"]}), 3)?;
    let head = shop.ask(0, &buyer, "HEAD", &format!("/products/{SOUP}"))?;
    assert_eq!((head.status, head.header("x-credits-debited")), (200, Some("0")));
    let meta = shop.ask(0, &buyer, "GET", &format!("/products/{SOUP}?include=product_meta"))?;
    assert_eq!((meta.status, body(&meta)?["images"].clone()), (200, Value::Null));
    let list = body(&shop.ask(0, &buyer, "GET", "/products?limit=1")?)?;
    assert_eq!(
        (&list["products"][0]["barcode"], &list["next_cursor"]),
        (&json!(SOUP), &Value::Null)
    );
    let check = shop.post(
        &buyer,
        "/products/bulk-check",
        &json!({"barcodes": [SOUP, TEA, MISSING]}),
    )?;
    let available: Vec<_> = body(&check)?["results"]
        .as_array()
        .context("results")?
        .iter()
        .map(|found| found["available"] == true)
        .collect();
    assert_eq!(available, [true, false, false]);
    let form = [
        ("authorization", buyer.authorization.as_str()),
        ("content-type", "text/plain"),
    ];
    let url = shop.host()?.url("/api/v1/products/bulk-check");
    assert_eq!(send("POST", &url, &form, b"{\"barcodes\":[\"12345678\"]}")?.status, 415);
    // Four pictures cost more than there is.
    let refused = shop.ask(0, &buyer, "GET", &format!("/products/{SOUP}"))?;
    assert_eq!(
        (refused.status, refused.error()?),
        (402, "insufficient_credits".to_owned())
    );
    assert_eq!(
        ["x-credits-debited", "x-credits-remaining"].map(|name| refused.header(name)),
        [Some("0"), Some("3")]
    );
    assert_eq!(balance(&shop, &buyer)?, 3);
    Ok(())
}

#[test]
fn h6_missing_and_out_of_scope_are_one_answer() -> Result<()> {
    let shop = Shop::open(Fleet::on_sqlite()?, &PRODUCTS)?;
    // What an answer says, without what is another one each time.
    let said = |reply: Reply| -> Result<(u16, BTreeMap<String, String>, Value)> {
        let mut body = body(&reply)?;
        body["request_id"] = Value::Null;
        let changing = |name: &String| {
            name.starts_with("x-ratelimit") || ["x-request-id", "date", "content-length"].contains(&name.as_str())
        };
        let headers = reply.headers.into_iter().filter(|(name, _)| !changing(name)).collect();
        Ok((reply.status, headers, body))
    };
    for (number, scope) in [
        json!("full"),
        json!({"brands": ["globex"]}),
        json!({"categories": ["tea"]}),
        json!({"list": [TEA]}),
    ]
    .iter()
    .enumerate()
    {
        let buyer = shop.buyer(&format!("client_{number}"), scope, 1)?;
        let missing = said(shop.ask(0, &buyer, "GET", &format!("/products/{MISSING}"))?)?;
        assert_eq!((missing.0, &missing.2["error"]), (403, &json!("out_of_scope")));
        if number > 0 {
            let outside = said(shop.ask(0, &buyer, "GET", &format!("/products/{SOUP}"))?)?;
            assert_eq!(outside, missing, "{scope}");
        }
        assert_eq!(
            shop.ask(0, &buyer, "GET", &format!("/products/{TEA}"))?.status,
            200,
            "{scope}"
        );
    }
    Ok(())
}

/// Debits of one credit each, at once and over all hosts: what they came to.
fn storm(shop: &Shop, buyer: &Buyer, requests: usize) -> BTreeMap<u16, usize> {
    let barrier = Barrier::new(requests);
    let ask = |number: usize| {
        barrier.wait();
        shop.ask(number, buyer, "GET", &format!("/products/{TEA}"))
            .map_or(0, |reply| reply.status)
    };
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..requests).map(|number| scope.spawn(move || ask(number))).collect();
        let mut outcomes = BTreeMap::new();
        for status in asking.into_iter().map(|asking| asking.join().unwrap_or_default()) {
            *outcomes.entry(status).or_default() += 1;
        }
        outcomes
    })
}

fn debits_are_exact(fleet: Fleet) -> Result<()> {
    let shop = Shop::open(fleet, &PRODUCTS)?;
    for (number, credits) in [1_u32, 20].into_iter().enumerate() {
        let buyer = shop.buyer(&format!("client_{number}"), &json!("full"), credits)?;
        let outcomes = storm(&shop, &buyer, 50);
        let paid = credits as usize;
        assert_eq!(outcomes, BTreeMap::from([(200, paid), (402, 50 - paid)]));
        assert_eq!(shop.audited_balance(&buyer)?, 0);
    }
    Ok(())
}

#[test]
fn r9_fifty_debits_at_once_are_exact() -> Result<()> {
    debits_are_exact(Fleet::on_sqlite()?)
}

#[test]
fn r9_fifty_debits_at_once_are_exact_on_two_hosts_with_one_database() -> Result<()> {
    debits_are_exact(Fleet::on_servers()?)
}

#[test]
fn k9_what_was_acknowledged_before_a_kill_is_in_the_embedded_ledger() -> Result<()> {
    killed(Fleet::on_sqlite()?)
}

#[test]
fn k9_what_was_acknowledged_before_a_kill_is_in_the_ledger_of_two_hosts() -> Result<()> {
    killed(Fleet::on_servers()?)
}

fn killed(fleet: Fleet) -> Result<()> {
    let mut shop = Shop::open(fleet, &PRODUCTS)?;
    let buyer = shop.buyer("client_kill", &json!("full"), 1_000_000)?;
    let done = AtomicBool::new(false);
    let hammer = || {
        let mut remaining = Vec::new();
        while !done.load(Ordering::Relaxed) {
            if let Ok(reply) = shop.ask(0, &buyer, "GET", &format!("/products/{TEA}"))
                && reply.status == 200
            {
                remaining.extend(reply.header("x-credits-remaining").map(str::to_owned));
            }
        }
        remaining
    };
    let process = shop.host()?.id();
    let acknowledged: Vec<String> = std::thread::scope(|scope| -> Result<Vec<String>> {
        let hammers: Vec<_> = (0..PARALLEL / 8).map(|_| scope.spawn(hammer)).collect();
        std::thread::sleep(Duration::from_secs(2));
        let killed = std::process::Command::new("kill")
            .args(["-s", "KILL", &process.to_string()])
            .status();
        done.store(true, Ordering::Relaxed);
        assert!(killed?.success());
        Ok(hammers
            .into_iter()
            .flat_map(|hammer| hammer.join().unwrap_or_default())
            .collect())
    })?;
    assert!(!acknowledged.is_empty());
    let host = shop.fleet.hosts.remove(0).kill_and_restart()?;
    shop.fleet.hosts.insert(0, host);
    let left = shop.audited_balance(&buyer)?;
    let debits: usize = shop
        .sql("SELECT COUNT(*) FROM credit_ledger WHERE client_id = 'client_kill' AND kind = 'debit'")?
        .parse()?;
    assert_eq!(left, 1_000_000 - i64::try_from(debits)?);
    assert!(acknowledged.len() <= debits, "{} of {debits}", acknowledged.len());
    for balance in acknowledged {
        let rows = format!(
            "SELECT COUNT(*) FROM credit_ledger WHERE client_id = 'client_kill' AND balance = {balance} AND seq > 1"
        );
        assert_eq!(shop.sql(&rows)?, "1", "a debit that was acknowledged is lost");
    }
    // And life goes on.
    assert_eq!(shop.ask(0, &buyer, "GET", &format!("/products/{TEA}"))?.status, 200);
    assert_eq!(shop.audited_balance(&buyer)?, left - 1);
    Ok(())
}
