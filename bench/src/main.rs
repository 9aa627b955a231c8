//! What `cargo xtask bench` runs once everything is built and fetched: Deckle against sharp and IPX, and the mark under attack.

mod case;
mod chart;
mod control;
mod folders;
mod http;
mod load;
mod mark;
mod meter;
mod origin;
mod ours;
mod progress;
mod render;
mod row;
mod sharp;
mod ssim;
mod trace;
mod warm;

use std::path::PathBuf;
use std::process::ExitCode;

use anyhow::{Result, ensure};
use case::{CASES, Case};
use clap::Parser;

/// Measure Deckle against sharp, on the same photographs, on this machine.
///
/// Ours is the edge component in `deckle up`, over HTTP, with a fresh instance for each request and
/// both marks. Theirs is sharp in Node, concurrency 1 and no cache, doing the same: decode, resize,
/// composite of the same overlay, encode. They take turns; a figure is the median of each round's
/// ratio, ours to theirs, of what the whole process spends: below 1 we need less.
///
///   cargo xtask bench                              every case, then the table
///   cargo xtask bench --only webp --rounds 5       a look at some of them
///   cargo xtask bench --json rows.jsonl --chart docs/bench.png
///   cargo xtask bench --http                       against IPX over HTTP, 16 connections
///   cargo xtask bench --control                    the control component, a bare 401 being 1
///   cargo xtask bench --mark --photos 4            the invisible mark, attacked
///   cargo xtask bench --warm                       a kept rendition, marked; the same file unmarked being 1
///   cargo xtask bench --trace                      a leak among 10^6 viewers and 1,000 renditions
///
/// CPU is user and kernel time; cycles are in user mode. Bytes and SSIM (luma, against a resize of
/// the whole original without loss) say that the same was done. Cases that end in /unmarked compare
/// our marked rendition with theirs without a mark. `ours, ms` and `ours/s` are of this machine and
/// this minute: compare ratios. The machine need not be idle, but quieter is better: what other
/// programs do costs caches.
#[derive(Parser)]
#[command(name = "cargo xtask bench", bin_name = "cargo xtask bench", verbatim_doc_comment)]
struct Arguments {
    /// Only cases whose name contains this, such as `jpeg/` or `progressive`
    #[arg(long, value_name = "CASE", conflicts_with_all = ["http", "control", "warm"])]
    only: Option<String>,
    /// Rounds that count; one more comes first
    #[arg(long, value_name = "N", default_value_t = 15, value_parser = clap::value_parser!(u16).range(1..))]
    rounds: u16,
    /// Compare with IPX over HTTP instead: every JPEG as JPEG and as WebP, neither with a cache of results
    #[arg(long, conflicts_with_all = ["control", "warm"])]
    http: bool,
    /// Measure the control component instead, on SQLite
    #[arg(long)]
    control: bool,
    /// Attack the invisible mark instead, and see whom the leaks name; `--only` names attacks, such as `crop` or `3x`
    #[arg(long, conflicts_with_all = ["http", "control", "warm"])]
    mark: bool,
    /// See how long `deckle trace` takes among a million viewers and a thousand renditions instead
    #[arg(long, conflicts_with_all = ["only", "http", "control", "mark", "warm"])]
    trace: bool,
    /// With --mark: only the first so many photographs
    #[arg(long, value_name = "N", default_value_t = usize::MAX, hide_default_value = true, requires = "mark")]
    photos: usize,
    /// With --mark: leave out the photographs that are held back, as whoever works on the mark must
    #[arg(long, requires = "mark")]
    developing: bool,
    /// With --mark: what chance starts from
    #[arg(long, value_name = "N", default_value_t = 1, requires = "mark")]
    seed: u64,
    /// With --mark: write an animated PNG that shows the photographs with and without a mark in turn
    #[arg(long, value_name = "PNG", requires = "mark")]
    flicker: Option<PathBuf>,
    /// Measure warm requests instead, beside the same bytes sent unmarked behind the same gate
    #[arg(long, conflicts_with = "control")]
    warm: bool,
    /// Write a line of JSON for each row
    #[arg(long, value_name = "FILE")]
    json: Option<PathBuf>,
    /// Draw the ratios of CPU time, or with --mark how many leaks name their client
    #[arg(long, value_name = "PNG")]
    chart: Option<PathBuf>,
}

fn main() -> ExitCode {
    match run(&Arguments::parse()) {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}

fn run(arguments: &Arguments) -> Result<()> {
    if arguments.mark {
        return mark::run(&mark::Request {
            only: arguments.only.clone(),
            photographs: arguments.photos,
            held_back: !arguments.developing,
            seed: arguments.seed,
            json: arguments.json.clone(),
            chart: arguments.chart.clone(),
            flicker: arguments.flicker.clone(),
        });
    }
    if arguments.trace {
        return trace::run();
    }
    let rounds = usize::from(arguments.rounds);
    let rows = match arguments {
        Arguments { http: true, .. } => http::run(rounds)?,
        Arguments { control: true, .. } => control::run(rounds)?,
        Arguments { warm: true, .. } => warm::run(rounds)?,
        Arguments { only, .. } => render::run(&cases(only.as_deref())?, rounds)?,
    };
    print!("{}", row::table(&rows));
    if let Some(file) = &arguments.json {
        let lines: String = rows.iter().map(|row| format!("{}\n", row.json())).collect();
        std::fs::write(file, lines)?;
    }
    if let Some(file) = &arguments.chart {
        chart::draw(&rows, file)?;
    }
    Ok(())
}

/// The cases whose names contain this.
fn cases(part: Option<&str>) -> Result<Vec<Case>> {
    let wanted = |case: &Case| part.is_none_or(|part| case.name.contains(part));
    let cases: Vec<Case> = CASES.into_iter().filter(wanted).collect();
    let names = CASES.map(|case| case.name).join(", ");
    ensure!(!cases.is_empty(), "no case is called so: there are {names}");
    Ok(cases)
}
