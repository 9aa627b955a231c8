//! Watermarks that can be had from PyPI, in a Python of its own that reads one command a line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result};
use deckle_tests::repository;
use distortion::{FIRST, Picture};
use serde_json::{Value, json};

use super::collusion::Dice;
use super::fidelity::psnr;
use super::leaks::Renditions;
use super::marked::decoded;
use super::row::{Figure, Peer};

/// Their names; the first two are methods of invisible-watermark.
const PEERS: [&str; 3] = ["dwtDct", "dwtDctSvd", "blind-watermark"];
/// Bits that each embeds.
const BITS: usize = 64;
/// Photographs, of which the slowest takes six seconds each time it is read.
const PHOTOGRAPHS: usize = 2;

/// A running Python. It ends when dropped.
struct Python {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
}

impl Python {
    fn start() -> Result<Self> {
        let mut process = Command::new(repository().join("target/bench/python/bin/python"))
            .arg(repository().join("bench/python/peers.py"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .stderr(Stdio::null())
            .spawn()
            .context("python does not start")?;
        Ok(Self {
            commands: process.stdin.take().context("no standard input")?,
            answers: BufReader::new(process.stdout.take().context("no standard output")?),
            process,
        })
    }

    fn ask(&mut self, command: &Value) -> Result<Value> {
        writeln!(self.commands, "{command}")?;
        let mut answer = String::new();
        self.answers.read_line(&mut answer)?;
        serde_json::from_str(&answer).with_context(|| format!("python ended at {command}"))
    }
}

impl Drop for Python {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

/// What is left of each peer's bits after each attack of the first table, and how much each changes the picture. Peers do not
/// have the original when they read.
pub fn compare(renditions: &[Renditions], only: Option<&str>, seed: u64) -> Result<(Vec<Peer>, Vec<Figure>)> {
    let attacks: Vec<_> = FIRST
        .iter()
        .filter(|attack| only.is_none_or(|only| attack.name.contains(only)))
        .collect();
    let (mut peers, mut figures) = (Vec::new(), Vec::new());
    if attacks.is_empty() {
        return Ok((peers, figures));
    }
    let files = tempfile::tempdir()?;
    let (plain, marked, leaked) = (
        files.path().join("plain.png"),
        files.path().join("marked.png"),
        files.path().join("leaked.png"),
    );
    let mut python = Python::start()?;
    for peer in PEERS {
        let mut rows: Vec<Peer> = attacks.iter().map(|attack| Peer::new(peer, attack.name)).collect();
        let mut psnrs = Vec::new();
        for rendition in renditions.iter().take(PHOTOGRAPHS) {
            let mut dice = Dice::new(seed, rendition.photograph().name);
            let bits: String = (0..BITS).map(|_| if dice.below(2) == 1 { '1' } else { '0' }).collect();
            let picture = decoded(&rendition.usual().unmarked)?;
            save(&picture, &plain)?;
            python.ask(&json!({ "command": "embed", "peer": peer, "path": plain, "out": marked, "bits": bits }))?;
            let embedded = loaded(&marked)?;
            psnrs.push(psnr(&picture, &embedded));
            for (attack, row) in attacks.iter().zip(&mut rows) {
                save(&attack.apply(&embedded)?, &leaked)?;
                let read = python.ask(&json!({ "command": "extract", "peer": peer, "path": leaked }))?;
                let read = read["bits"].as_str().unwrap_or_default();
                row.add(
                    bits.bytes().zip(read.bytes()).filter(|(bit, read)| bit == read).count(),
                    BITS,
                );
            }
        }
        peers.append(&mut rows);
        figures.push(Figure::of(&format!("PSNR of {peer}"), "dB", &psnrs, f64::min));
    }
    Ok((peers, figures))
}

fn save(picture: &Picture, file: &Path) -> Result<()> {
    let (width, height) = (picture.width.try_into()?, picture.height.try_into()?);
    Ok(image::save_buffer(
        file,
        &picture.rgb,
        width,
        height,
        image::ExtendedColorType::Rgb8,
    )?)
}

fn loaded(file: &Path) -> Result<Picture> {
    decoded(&std::fs::read(file)?)
}
