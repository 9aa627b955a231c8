//! `--mark`: what is done to marked photographs, and whom the leaks still name.

mod chart;
mod collusion;
mod delivery;
mod fidelity;
mod innocents;
mod leaks;
mod marked;
mod peers;
mod photograph;
mod row;

use std::path::PathBuf;
use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Instant;

use anyhow::{Context, Result, ensure};
use deckle_tests::repository;
use rayon::prelude::*;

use crate::progress;
use leaks::{Leak, Renditions};
pub use photograph::{PHOTOGRAPHS, Photograph};
use row::{Attack, Outcome};

/// What is asked for.
pub struct Request {
    /// Only attacks whose names contain this.
    pub only: Option<String>,
    /// The first so many photographs.
    pub photographs: usize,
    /// With those that are held back.
    pub held_back: bool,
    /// What chance starts from.
    pub seed: u64,
    /// Where rows go as lines of JSON.
    pub json: Option<PathBuf>,
    /// Where a chart of the attacks goes.
    pub chart: Option<PathBuf>,
    /// Where a picture goes that shows marked and unmarked photographs in turn.
    pub flicker: Option<PathBuf>,
}

/// Runs the benchmark and prints its tables.
pub fn run(request: &Request) -> Result<()> {
    let leaks = leaks::all(request.only.as_deref());
    ensure!(!leaks.is_empty(), "no attack is called so");
    let overlay = imaging::decode_overlay(&std::fs::read(repository().join("static/brand/overlay.png"))?)?;
    let photographs = PHOTOGRAPHS
        .iter()
        .filter(|photograph| request.held_back || !photograph.held_back);
    let photographs: Vec<&Photograph> = photographs.take(request.photographs.max(2)).collect();
    progress::show("encoding the photographs");
    let renditions: Vec<Renditions> = photographs
        .par_iter()
        .map(|photograph| Renditions::new(photograph, &leaks, &overlay))
        .collect::<Result<_>>()?;
    if let Some(file) = &request.flicker {
        fidelity::flicker(&renditions, file)?;
    }
    // Python works on a core of its own.
    let (attacks, peers) = rayon::join(
        || attacks(&leaks, &renditions, request.seed),
        || peers::compare(&renditions, request.only.as_deref(), request.seed),
    );
    let (mut attacks, (peers, more)) = (attacks?, peers?);
    if request.only.is_none() {
        attacks.push(innocents::attack(&renditions)?);
    }
    let mut figures = fidelity::figures(&renditions)?;
    if request.only.is_none() {
        match delivery::figures(&renditions, &overlay) {
            Ok(more) => figures.extend(more),
            Err(error) => eprintln!("the cost of a copy is left out: {error:#}"),
        }
    }
    figures.extend(more);
    println!(
        "{}\n{}\n{}",
        row::table(&attacks),
        row::peers(&peers),
        row::figures(&figures)
    );
    if let Some(file) = &request.json {
        let rows = attacks.iter().map(Attack::json);
        let rows = rows
            .chain(peers.iter().map(row::Peer::json))
            .chain(figures.iter().map(row::Figure::json));
        let lines: String = rows.map(|row| format!("{row}\n")).collect();
        std::fs::write(file, lines).with_context(|| format!("{} cannot be written", file.display()))?;
    }
    if let Some(file) = &request.chart {
        chart::draw(&attacks, &peers, file)?;
    }
    Ok(())
}

/// Every leak of every photograph, as many at a time as there are cores.
fn attacks(leaks: &[Leak], renditions: &[Renditions], seed: u64) -> Result<Vec<Attack>> {
    let everybody = leaks::everybody();
    let started = Instant::now();
    let (done, all) = (AtomicUsize::new(0), leaks.len() * renditions.len());
    let shown = Mutex::new(());
    let outcome = |&(leak, place): &(&Leak, usize)| {
        let (rendition, another) = (&renditions[place], &renditions[(place + 1) % renditions.len()]);
        let outcome = rendition.outcome(leak, &everybody, another, seed);
        let done = done.fetch_add(1, Ordering::Relaxed) + 1;
        if let Ok(_only) = shown.try_lock() {
            let left = started.elapsed().as_secs_f64() / done as f64 * (all - done) as f64;
            progress::show(&format!("{done} of {all} leaks, {left:.0} s left: {}", leak.name()));
        }
        outcome.with_context(|| format!("{} of {}", leak.name(), rendition.photograph().name))
    };
    let all: Vec<(&Leak, usize)> = leaks
        .iter()
        .flat_map(|leak| (0..renditions.len()).map(move |place| (leak, place)))
        .collect();
    let outcomes: Vec<Outcome> = all.par_iter().with_max_len(1).map(outcome).collect::<Result<_>>()?;
    progress::clear();
    let rows = leaks.iter().zip(outcomes.chunks(renditions.len()));
    Ok(rows
        .map(|(leak, outcomes)| Attack {
            name: leak.name(),
            outcomes: outcomes.to_vec(),
        })
        .collect())
}
