//! kill -9 under load, and a restart over the same folder: what was acknowledged is still there, and the store is whole.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, get, request, send};
use serde_json::{Value, json};
use std::sync::Arc;
use std::sync::atomic::{AtomicBool, AtomicU64, Ordering};
use std::time::{Duration, Instant};

#[test]
fn the_stores_are_intact_after_kill_9_under_load() -> Result<()> {
    let mut deckle = Deckle::demo()?;
    // Every admitted request writes a counter, so the kill comes between writes.
    let limited = |limit: &str| {
        deckle.run(&[
            "key",
            "create",
            "--project",
            "demo",
            "--client",
            "client_load",
            "--per-day",
            limit,
        ])
    };
    let key = Key::of(&limited("1000000")?)?;
    let mut answered = Vec::new();
    for _ in 0..3 {
        let stop = Arc::new(AtomicBool::new(false));
        let served = Arc::new(AtomicU64::new(0));
        let url = deckle.url(&key.sign("w_32,f_jpeg", &deckle.source("tea-gardens-small.webp"), None));
        let clients: Vec<_> = (0..8)
            .map(|_| {
                let (url, stop, served) = (url.clone(), stop.clone(), served.clone());
                std::thread::spawn(move || {
                    while !stop.load(Ordering::Relaxed) {
                        if get(&url).is_ok_and(|reply| reply.status == 200) {
                            served.fetch_add(1, Ordering::Relaxed);
                        }
                    }
                })
            })
            .collect();
        std::thread::sleep(Duration::from_millis(700));
        deckle.kill()?;
        stop.store(true, Ordering::Relaxed);
        clients.into_iter().for_each(|client| drop(client.join()));
        answered.push(served.load(Ordering::Relaxed));
        // The loopback origin gets a new port: URLs are signed anew below.
        deckle = deckle.kill_and_restart()?;
        let keys = deckle.run(&["key", "list"])?;
        assert!(keys.to_string().contains(&key.public), "the key is gone: {keys}");
        let again = get(&deckle.url(&key.sign("w_32,f_jpeg", &deckle.source("tea-gardens-small.webp"), None)))?;
        assert_eq!(again.status, 200);
        let left: u64 = again.header("x-ratelimit-remaining-day").unwrap_or_default().parse()?;
        let counted = 1_000_000 - left;
        assert!(
            counted > answered.iter().sum::<u64>(),
            "{counted} counted, {answered:?} answered"
        );
    }
    assert!(answered.iter().all(|served| *served > 0), "no load: {answered:?}");
    let check: String = deckle
        .store()?
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    assert_eq!(check, "ok");
    Ok(())
}

/// The demo's clients, with what each of them sees of the catalogue.
fn seen(deckle: &Deckle) -> Result<Vec<(Value, usize)>> {
    let clients = deckle.ready["api_clients"].as_array().context("no clients")?;
    let mut seen = Vec::new();
    for client in clients {
        let body = json!({ "client_id": client["client_id"], "api_key": client["api_key"] }).to_string();
        let headers = [("content-type", "application/json")];
        let pair = send("POST", &deckle.url("/api/v1/auth/token"), &headers, body.as_bytes())?;
        ensure!(pair.status == 200, "{pair:?}");
        let pair: Value = serde_json::from_slice(&pair.body)?;
        let authorization = format!("Bearer {}", pair["access_token"].as_str().context("no token")?);
        let url = deckle.url("/api/v1/products?limit=100");
        let page: Value = serde_json::from_slice(&request("GET", &url, &[("authorization", &authorization)])?.body)?;
        seen.push((
            client["tier"].clone(),
            page["products"].as_array().context("no products")?.len(),
        ));
    }
    Ok(seen)
}

#[test]
fn the_demo_s_catalogue_and_clients_outlive_a_restart() -> Result<()> {
    let deckle = Deckle::demo_with_catalogue()?;
    let expected: [(Value, usize); 3] = [("enterprise".into(), 36), ("standard".into(), 11), ("free".into(), 5)];
    assert_eq!(seen(&deckle)?, expected);
    let fresh = |deckle: &Deckle| send("POST", &deckle.url("/demo/client.json"), &[], b"");
    let told: Value = serde_json::from_slice(&fresh(&deckle)?.body)?;
    let before = deckle.ready["api_clients"].clone();
    assert_eq!(told["client"]["client_id"], before[0]["client_id"]);
    assert_ne!(told["client"]["api_key"], before[0]["api_key"]);

    let deckle = deckle.kill_and_restart()?;
    assert_eq!(deckle.ready["api_clients"][0], told["client"], "the key that works");
    assert_eq!(deckle.ready["api_clients"][1], before[1]);
    assert_eq!(seen(&deckle)?, expected);
    // Without a catalogue there is nobody to tell of.
    assert_eq!(fresh(&Deckle::demo()?)?.status, 404);
    Ok(())
}

/// Chores are done where nobody asks for anything.
#[test]
fn the_control_component_is_called_by_itself() -> Result<()> {
    let deckle = Deckle::demo()?;
    let log = deckle.data.path().join("logs/control.jsonl");
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        if let Some(line) = text.lines().find(|line| line.contains("internal/chores")) {
            ensure!(serde_json::from_str::<Value>(line)?["status"] == 200, "{line}");
            return Ok(());
        }
        ensure!(start.elapsed() < Duration::from_secs(60), "nothing was called: {text}");
        std::thread::sleep(Duration::from_millis(200));
    }
}
