//! Deckle against IPX, both as they are meant to be run: over HTTP, in front of one origin, as many at a time as clients ask.

use std::io::{BufRead, BufReader};
use std::process::{Child, Command, Stdio};

use anyhow::{Context, Result, ensure};

use crate::case::{CASES, Output};
use crate::load::Load;
use crate::meter::{Cost, Meter};
use crate::ours::{Ours, fetch};
use crate::row::{Row, median, median_ratio};
use crate::{folders, origin, progress};

/// Renditions of each original in a round.
const EACH: usize = 4;
/// A core of ours should make 1.3 times as many.
const TARGET: f64 = 1.0 / 1.3;

/// A running IPX. It ends when dropped.
struct Ipx {
    process: Child,
    address: String,
}

/// Asks both for every JPEG as a JPEG, and as a WebP, a round of each at a time.
pub fn run(rounds: usize) -> Result<Vec<Row>> {
    let origin = origin::start(&folders::originals())?;
    let ours = Ours::start(&origin, &["--variable", "renditions=off"])?;
    let theirs = Ipx::start(&origin)?;
    // Both start their threads before they are watched.
    let load = Load::new();
    let mut rows = Vec::new();
    for output in [Output::Jpeg, Output::Webp] {
        let originals: Vec<&str> = CASES
            .iter()
            .filter(|case| case.output == Output::Jpeg)
            .map(|case| case.original)
            .collect();
        let mine: Vec<String> = originals.iter().map(|original| ours.url(original, output)).collect();
        let others: Vec<String> = originals
            .iter()
            .map(|original| theirs.url(&origin, original, output))
            .collect();
        let sides = [(ours.deckle.id(), mine), (theirs.process.id(), others)];
        rows.push(compare(&load, output, &sides, rounds)?);
    }
    progress::clear();
    Ok(rows)
}

fn compare(load: &Load, output: Output, sides: &[(u32, Vec<String>); 2], rounds: usize) -> Result<Row> {
    let name = output.name();
    let mut costs: Vec<[Cost; 2]> = Vec::new();
    let (mut bytes, mut rates) = ([0; 2], Vec::new());
    for round in 0..=rounds {
        let mut pair = [Cost::default(); 2];
        for place in (0..2).map(|place| (place + round) % 2) {
            progress::show(&format!(
                "http/{name}: round {round} of {rounds}, {}",
                ["deckle", "IPX"][place]
            ));
            let (process, urls) = &sides[place];
            let render = || {
                load.run(urls.len() * EACH, |agent, number| {
                    let url = &urls[number % urls.len()];
                    let (status, body) = fetch(agent, url)?;
                    ensure!(status == 200, "{status} from {url}: {}", String::from_utf8_lossy(&body));
                    Ok(body.len())
                })
            };
            // Anew each time: threads come and go.
            let ((sum, rate), cost) = Meter::of(*process)?.measure(render)?;
            (bytes[place], pair[place]) = (sum, cost);
            if place == 0 && round > 0 {
                rates.push(rate);
            }
        }
        if round > 0 {
            costs.push(pair);
        }
    }
    let cpu = |cost: &Cost| cost.cpu.as_secs_f64();
    let renditions = (sides[0].1.len() * EACH) as f64;
    let row = Row {
        ratio_cpu: median_ratio(costs.iter().map(|[ours, theirs]| (cpu(ours), cpu(theirs)))).context("no rounds")?,
        ratio_cycles: median_ratio(
            costs
                .iter()
                .filter_map(|[ours, theirs]| Some((ours.cycles? as f64, theirs.cycles? as f64))),
        ),
        ratio_bytes: Some(bytes[0] as f64 / bytes[1] as f64),
        milliseconds: median(costs.iter().map(|[ours, _]| cpu(ours) * 1000.0 / renditions).collect())
            .unwrap_or_default(),
        per_second: median(rates),
        target: Some(TARGET),
        ..Row::of(format!("http/{name}"), costs.len())
    };
    Ok(row)
}

impl Ipx {
    fn start(origin: &str) -> Result<Self> {
        let mut process = Command::new("node")
            .arg(folders::node().join("ipx.mjs"))
            .arg(format!("http://{origin}"))
            .stdout(Stdio::piped())
            .spawn()
            .context("node does not start")?;
        let mut port = String::new();
        BufReader::new(process.stdout.take().context("no standard output")?).read_line(&mut port)?;
        Ok(Self {
            process,
            address: format!("http://127.0.0.1:{}", port.trim()),
        })
    }

    fn url(&self, origin: &str, original: &str, output: Output) -> String {
        format!("{}/{}/http://{origin}/{original}", self.address, output.operations())
    }
}

impl Drop for Ipx {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}
