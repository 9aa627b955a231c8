//! Rendering, cell by cell: our host with a fresh instance for each request, sharp on one thread, one after the other.

use std::path::Path;
use std::time::Duration;

use anyhow::{Context, Result};
use deckle_tests::repository;
use serde_json::{Value, json};
use tempfile::TempDir;

use crate::case::{Case, WIDTH};
use crate::folders;
use crate::meter::Cost;
use crate::ours::Ours;
use crate::row::{Row, UNMARKED, median, median_ratio};
use crate::sharp::Sharp;
use crate::ssim::{luma, ssim};
use crate::{origin, progress};

/// Each instance serves one request, one at a time, and renders it; events go to standard output, since sharp has no audit log either.
const ARGUMENTS: [&str; 8] = [
    "--requests-per-instance",
    "1",
    "--concurrency",
    "1",
    "--variable",
    "audit=stdout",
    "--variable",
    "renditions=off",
];

/// Both sides, and a place for what they exchange.
struct Contest {
    ours: Ours,
    sharp: Sharp,
    files: TempDir,
}

/// A case that both sides can do, and what was seen of it.
struct Cell {
    case: Case,
    /// Ours, theirs, theirs without a visible mark; a round each.
    rounds: Vec<[Cost; 3]>,
    /// The same of the files, in bytes.
    bytes: [usize; 3],
    /// SSIM: ours, theirs, theirs without a visible mark.
    ssim: [f64; 3],
}

/// Runs the cases for so many rounds and one more to warm up. Cases whose format we do not serve are named and left out.
pub fn run(cases: &[Case], rounds: usize) -> Result<Vec<Row>> {
    let address = origin::start(&folders::originals())?;
    let mut contest = Contest {
        ours: Ours::start(&address, &ARGUMENTS)?,
        sharp: Sharp::start(&folders::node())?,
        files: tempfile::tempdir()?,
    };
    if !contest.ours.counts_cycles() {
        eprintln!("cycles are left out: the kernel does not let us count them (kernel.perf_event_paranoid)");
    }
    let mut cells = Vec::new();
    for case in cases {
        match contest.prepare(case) {
            Ok(cell) => cells.push(cell),
            Err(error) => eprintln!("{} is left out: {error:#}", case.name),
        }
    }
    for round in 0..=rounds {
        for cell in &mut cells {
            progress::show(&format!("round {round} of {rounds}: {}", cell.case.name));
            let costs = contest.round(&cell.case, round)?;
            if round > 0 {
                cell.rounds.push(costs);
            }
        }
    }
    progress::clear();
    Ok(cells.iter().flat_map(Cell::rows).collect())
}

impl Contest {
    /// Loads the original, gives both sides the same visible mark, and compares what they make of it.
    fn prepare(&mut self, case: &Case) -> Result<Cell> {
        progress::show(&format!("preparing {}", case.name));
        let original = folders::originals().join(case.original);
        let (bytes, _) = self.ours.render(case.original, case.output)?;
        let ours = self.files.path().join("ours");
        std::fs::write(&ours, &bytes)?;
        self.sharp
            .ask("load", &json!({ "name": case.original, "path": original }))?;
        let (rendition, size) = self.pixels(&ours)?;
        let overlay = imaging::decode_overlay(&std::fs::read(repository().join("static/brand/overlay.png"))?)?;
        self.sharp.overlay(case.original, &overlay, size, self.files.path())?;

        let (theirs, theirs_ssim) = self.theirs(case, true)?;
        let (unmarked, unmarked_ssim) = self.theirs(case, false)?;
        let reference = self.reference(case, true)?;
        let ssim = ssim(&rendition, &reference, size.0 as usize).context("renditions of other sizes")?;
        Ok(Cell {
            case: *case,
            rounds: Vec::new(),
            bytes: [bytes.len(), theirs, unmarked],
            ssim: [ssim, theirs_ssim, unmarked_ssim],
        })
    }

    /// One measurement of each; who goes first changes from round to round.
    fn round(&mut self, case: &Case, round: usize) -> Result<[Cost; 3]> {
        let mut costs = [Cost::default(); 3];
        for place in (0..3).map(|place| (place + round) % 3) {
            costs[place] = match place {
                0 => self.ours.render(case.original, case.output)?.1,
                _ => self.sharp.measure("render", &job(case, place == 1))?.1,
            };
        }
        Ok(costs)
    }

    /// Their file's length and SSIM.
    fn theirs(&mut self, case: &Case, marked: bool) -> Result<(usize, f64)> {
        let file = self.files.path().join("theirs");
        let bytes = self.sharp.ask("render", &job(case, marked))?["bytes"]
            .as_u64()
            .context("no length")?;
        self.sharp.ask("save", &json!({ "path": file }))?;
        let (rendition, (width, _)) = self.pixels(&file)?;
        let reference = self.reference(case, marked)?;
        let ssim = ssim(&rendition, &reference, width as usize).context("a reference of another size")?;
        Ok((usize::try_from(bytes)?, ssim))
    }

    fn reference(&mut self, case: &Case, marked: bool) -> Result<Vec<f64>> {
        let out = self.files.path().join("reference");
        let mut command = job(case, marked);
        command["out"] = json!(out);
        self.sharp.ask("reference", &command)?;
        Ok(luma(&std::fs::read(out)?))
    }

    /// A file's luma and size.
    fn pixels(&mut self, file: &Path) -> Result<(Vec<f64>, (u32, u32))> {
        let out = self.files.path().join("pixels");
        let size = self.sharp.ask("pixels", &json!({ "path": file, "out": out }))?;
        let side = |name: &str| u32::try_from(size[name].as_u64().unwrap_or_default());
        Ok((luma(&std::fs::read(out)?), (side("width")?, side("height")?)))
    }
}

/// The command for one rendition.
fn job(case: &Case, marked: bool) -> Value {
    let overlay = marked.then_some(case.original);
    json!({ "name": case.original, "width": WIDTH, "output": case.output.sharp(), "overlay": overlay })
}

impl Cell {
    /// Against sharp with the visible mark, and against sharp without any.
    fn rows(&self) -> Vec<Row> {
        [(1, "", self.case.target), (2, UNMARKED, 1.0)]
            .into_iter()
            .filter_map(|(theirs, suffix, target)| self.row(theirs, suffix, target))
            .collect()
    }

    fn row(&self, theirs: usize, suffix: &str, target: f64) -> Option<Row> {
        let cpu = |cost: &Cost| cost.cpu.as_secs_f64();
        let cycles = |[ours, others @ ..]: &[Cost; 3]| {
            let theirs = others.get(theirs - 1)?.cycles?;
            Some((ours.cycles? as f64, theirs as f64))
        };
        let length = |place: usize| self.bytes.get(place).map(|bytes| *bytes as f64);
        Some(Row {
            case: format!("{}{suffix}", self.case.name),
            ratio_cpu: median_ratio(
                self.rounds
                    .iter()
                    .filter_map(|costs| Some((cpu(&costs[0]), cpu(costs.get(theirs)?)))),
            )?,
            ratio_cycles: median_ratio(self.rounds.iter().filter_map(cycles)),
            ratio_bytes: Some(length(0)? / length(theirs)?),
            ssim_ours: Some(self.ssim[0]),
            ssim_theirs: self.ssim.get(theirs).copied(),
            runs: self.rounds.len(),
            per_second: None,
            milliseconds: median(self.rounds.iter().map(|costs| milliseconds(costs[0].cpu)).collect())?,
            target: Some(target),
        })
    }
}

fn milliseconds(time: Duration) -> f64 {
    time.as_secs_f64() * 1000.0
}
