//! L3: the store alone gives nobody a secret, and sealed secrets do not fit other keys.

use crate::l01_canary::holds_secret;
use crate::pictures::contains;
use crate::target::{Target, now};
use anyhow::{Context, Result, ensure};
use identity::KeyRecord;

pub fn attack(target: &Target) -> Result<()> {
    let (one, other) = (target.create_key("shop", &[])?, target.create_key("shop", &[])?);
    for file in ["key_value.db", "key_value.db-wal"] {
        let Ok(bytes) = std::fs::read(target.deckle.data.path().join(file)) else {
            continue;
        };
        for secret in [&one.secret, &other.secret, &target.key.secret] {
            let text = secret.expose().trim_start_matches("sk_");
            ensure!(
                !contains(&bytes, text.as_bytes()) && !holds_secret(&bytes),
                "{file} holds a secret"
            );
        }
    }
    let store = target.deckle.store()?;
    let read = |public: &str| -> Result<KeyRecord> {
        let name = KeyRecord::name_of(public);
        let bytes: Vec<u8> = store.query_row("SELECT value FROM spin_key_value WHERE key = ?1", [name], |row| {
            row.get(0)
        })?;
        KeyRecord::from_bytes(public, &bytes).context("a key's record")
    };
    let write = |record: &KeyRecord| -> Result<usize> {
        Ok(store.execute(
            "UPDATE spin_key_value SET value = ?1 WHERE key = ?2",
            (record.to_bytes(), record.name()),
        )?)
    };
    let (mut first, second) = (read(&one.public)?, read(&other.public)?);
    ensure!(first.secret != second.secret);
    let own = first.secret.clone();
    // Whoever can write the store, and knows one key's secret, gives it to another key.
    first.secret = second.secret;
    write(&first)?;
    let source = target.source("good/x.jpg");
    let forged = deckle_tests::Key {
        public: one.public.clone(),
        ..other
    };
    let reply = target.refuses(
        &forged.sign("w_96", &source, Some(now() + 60)),
        503,
        "Service unavailable",
    )?;
    ensure!(reply.header("retry-after").is_some());
    for damaged in [
        String::new(),
        "plain".to_owned(),
        own.chars().rev().collect(),
        own[..own.len() - 4].to_owned(),
    ] {
        first.secret = damaged;
        write(&first)?;
        target.refuses(&one.sign("w_96", &source, Some(now() + 60)), 503, "Service unavailable")?;
    }
    first.secret = own;
    write(&first)?;
    target.serves(&one.sign("w_96", &source, Some(now() + 60))).map(drop)
}
