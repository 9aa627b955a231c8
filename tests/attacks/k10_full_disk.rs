//! K10: a disk that is full. What cannot be written down is not given; what needs no writing goes on.

use crate::target::{Target, now, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, get};
use signed_url::PublicKey;
use signed_url::v2::{Options, signed_path};

/// 512 KiB for each file.
const BLOCKS: u32 = 1024;

pub fn attack(target: &Target) -> Result<()> {
    let deckle = Deckle::with_origin_on_full_disk(&target.origin.url, BLOCKS)?;
    let key = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "client_shop"])?)?;
    target.keep_secret(key.secret.expose());
    let public = PublicKey::parse(&key.public).context("a public key")?;
    let source = target.source("good/x.jpg");
    let once = |number: usize| -> Result<String> {
        let once = format!("attack-k10-{number:08}");
        let options = Options::until(now() + 600).once(&once);
        Ok(deckle.url(&signed_path(
            &key.project,
            "w_48,f_jpeg",
            &source,
            &public,
            &key.secret,
            &options,
        )?))
    };
    let (mut used, mut full) = (Vec::new(), 0);
    for number in 0..1000 {
        let url = once(number)?;
        let reply = get(&url)?;
        if reply.status == 200 {
            used.push(url);
        } else {
            refused(&reply, 503, "Service unavailable").with_context(|| format!("the {number}th"))?;
            full += 1;
            if full == 10 {
                break;
            }
        }
    }
    ensure!(
        full == 10 && !used.is_empty(),
        "{} used, the disk was full {full} times",
        used.len()
    );
    // The log's file is full soon as well: a line that cannot be written is no reason to refuse.
    let unsigned = deckle.url("/api/v1/shop/w_48/x");
    for _ in 0..2500 {
        ensure!(get(&unsigned)?.status == 401);
    }
    let log = deckle.data.path().join("logs/edge.jsonl");
    ensure!(
        std::fs::metadata(log)?.len() >= u64::from(BLOCKS) * 512 - 1000,
        "the log was not full"
    );
    let reply = get(&deckle.url(&key.sign("w_48", &source, None)))?;
    ensure!(
        reply.status == 200,
        "without a claim: {} {}",
        reply.status,
        String::from_utf8_lossy(&reply.body)
    );
    for url in used.iter().rev().take(20) {
        ensure!([410, 503].contains(&get(url)?.status), "used twice");
    }
    let sound: String = deckle
        .store()?
        .query_row("PRAGMA integrity_check", [], |row| row.get(0))?;
    ensure!(sound == "ok", "{sound}");
    Ok(())
}
