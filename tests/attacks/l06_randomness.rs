//! L6: what is random comes from the system's generator for secrets, and does not repeat.

use crate::target::Target;
use anyhow::{Context, Result, ensure};
use deckle_tests::{command, get};
use std::collections::HashSet;
use std::path::Path;

pub fn attack(target: &Target) -> Result<()> {
    let command = command();
    let built = Path::new(command.get_program()).parent().and_then(Path::parent);
    let component = std::fs::read(
        built
            .unwrap_or(Path::new("."))
            .join("wasm32-wasip2/component/deckle_edge.wasm"),
    )?;
    let imports =
        |interface: &str| crate::pictures::contains(&component, format!("wasi:random/{interface}@").as_bytes());
    ensure!(imports("random"), "the component imports no randomness");
    // `insecure-seed` is for hash maps, which hold nothing of a secret; `insecure` would be for anything.
    ensure!(!imports("insecure"), "the component imports insecure randomness");
    let mut seen = HashSet::new();
    for _ in 0..2000 {
        let reply = get(&target.url("/i/a.b.c"))?;
        let id = reply.header("x-request-id").context("a request's number")?.to_owned();
        ensure!(
            id.len() == 26 && seen.insert(id.clone()),
            "{id} comes twice, or is short"
        );
    }
    let mut keys = HashSet::new();
    for _ in 0..8 {
        let key = target.create_key("shop", &[])?;
        ensure!(keys.insert(key.secret.expose().to_owned()) && keys.insert(key.public));
    }
    Ok(())
}
