//! What a warm request costs: a rendition that is kept, marked for who asks, beside the same host and the same gate sending a file as
//! it was kept, to everybody. The latter is a component of the benchmark's own (`bench/unmarked`).

use std::path::PathBuf;

use anyhow::{Context, Result, ensure};
use deckle_tests::repository;

use crate::case::Output;
use crate::meter::Cost;
use crate::ours::Ours;
use crate::row::{Row, median, median_ratio};
use crate::{folders, origin, progress};

/// Requests of each side in a round.
const EACH: usize = 64;
/// The whole request may cost so much more than one that is not marked.
const TARGET: f64 = 1.5;
const ORIGINAL: &str = "tea-1mp.jpg";

/// Instances that serve one request each, and the host's usual ones.
const KINDS: [(&str, &str); 2] = [("fresh", "1"), ("reused", "128")];

/// Measures both kinds of instances.
pub fn run(rounds: usize) -> Result<Vec<Row>> {
    let address = origin::start(&folders::originals())?;
    let rows = KINDS.map(|(name, requests)| compare(name, requests, &address, rounds));
    progress::clear();
    rows.into_iter().collect()
}

fn compare(name: &str, requests: &str, address: &str, rounds: usize) -> Result<Row> {
    let unmarked = manifest()?;
    let arguments = [
        "--requests-per-instance",
        requests,
        "--concurrency",
        "1",
        "--variable",
        "audit=stdout",
        "--variable",
        "renditions=renditions",
    ];
    let manifest = ["--manifest".to_owned(), unmarked.to_string_lossy().into_owned()];
    let others: Vec<&str> = manifest.iter().map(String::as_str).chain(arguments).collect();
    let mut sides = [Ours::start(address, &arguments)?, Ours::start(address, &others)?];
    let mut bytes = [0; 2];
    let mut costs: Vec<[Cost; 2]> = Vec::new();
    for round in 0..=rounds {
        let mut pair = [Cost::default(); 2];
        for place in (0..2).map(|place| (place + round) % 2) {
            progress::show(&format!("warm/{name}: round {round} of {rounds}"));
            let (body, cost) = sides[place].repeat(ORIGINAL, Output::Jpeg, EACH)?;
            (bytes[place], pair[place]) = (body.len(), cost);
        }
        if round > 0 {
            costs.push(pair);
        }
    }
    ensure!(bytes[0] == bytes[1], "the sides send other files: {bytes:?}");
    let cpu = |cost: &Cost| cost.cpu.as_secs_f64();
    let cycles = |[ours, theirs]: &[Cost; 2]| Some((ours.cycles? as f64, theirs.cycles? as f64));
    Ok(Row {
        ratio_cpu: median_ratio(costs.iter().map(|[ours, theirs]| (cpu(ours), cpu(theirs)))).context("no rounds")?,
        ratio_cycles: median_ratio(costs.iter().filter_map(cycles)),
        ratio_bytes: Some(1.0),
        milliseconds: median(costs.iter().map(|[ours, _]| cpu(ours) * 1000.0 / EACH as f64).collect())
            .unwrap_or_default(),
        target: Some(TARGET),
        ..Row::of(format!("warm/{name}"), costs.len())
    })
}

/// The deployment's manifest, with the benchmark's component in the edge's place.
fn manifest() -> Result<PathBuf> {
    let text = std::fs::read_to_string(repository().join("spin.toml"))?;
    // A manifest may name no file by a path with `..` in it.
    let root = repository().canonicalize()?.to_string_lossy().into_owned();
    let ours = "target/wasm32-wasip2/component/deckle_edge.wasm";
    ensure!(text.contains(ours), "spin.toml has no edge");
    let text = text
        .replace(ours, "target/wasm32-wasip2/component/deckle_bench_unmarked.wasm")
        .replace("\"target/", &format!("\"{root}/target/"))
        .replace("\"static/", &format!("\"{root}/static/"));
    let path = repository().join("target/bench/unmarked.toml");
    std::fs::write(&path, text)?;
    Ok(path)
}
