//! sharp, in a Node of its own that reads one command a line.

use std::io::{BufRead, BufReader, Write};
use std::path::Path;
use std::process::{Child, ChildStdin, ChildStdout, Command, Stdio};

use anyhow::{Context, Result, bail};
use serde_json::{Value, json};
use watermark::Overlay;

use crate::meter::{Cost, Meter};

/// A running Node. It ends when dropped.
pub struct Sharp {
    process: Child,
    commands: ChildStdin,
    answers: BufReader<ChildStdout>,
    meter: Meter,
}

impl Sharp {
    /// Starts `sharp.mjs` of a folder that has its packages beside it.
    pub fn start(folder: &Path) -> Result<Self> {
        let mut process = Command::new("node")
            .arg(folder.join("sharp.mjs"))
            .stdin(Stdio::piped())
            .stdout(Stdio::piped())
            .spawn()
            .context("node does not start")?;
        let commands = process.stdin.take().context("no standard input")?;
        let mut answers = BufReader::new(process.stdout.take().context("no standard output")?);
        let mut commands = commands;
        // Its threads are there once it has worked.
        exchange(&mut commands, &mut answers, "versions", &Value::Null)?;
        Ok(Self {
            meter: Meter::of(process.id())?,
            process,
            commands,
            answers,
        })
    }

    /// Has a command done.
    pub fn ask(&mut self, command: &str, parameters: &Value) -> Result<Value> {
        exchange(&mut self.commands, &mut self.answers, command, parameters)
    }

    /// Gives sharp our visible mark as it is on a picture of this size, so that it need not scale it in its own time.
    pub fn overlay(&mut self, name: &str, overlay: &Overlay, (width, height): (u32, u32), folder: &Path) -> Result<()> {
        let place = overlay.place(width, height);
        let mut canvas = vec![0; width as usize * height as usize * 4];
        overlay.paint_rgba(&mut canvas, width, height);
        let (left, right) = (place.x as usize * 4, (place.x + place.width) as usize * 4);
        let rows = canvas
            .chunks_exact(width as usize * 4)
            .skip(place.y as usize)
            .take(place.height as usize);
        let pixels: Vec<u8> = rows.filter_map(|row| row.get(left..right)).flatten().copied().collect();
        let path = folder.join(format!("{name}.rgba"));
        std::fs::write(&path, pixels)?;
        let (width, height) = (place.width, place.height);
        let overlay =
            json!({ "name": name, "path": path, "width": width, "height": height, "left": place.x, "top": place.y });
        self.ask("overlay", &overlay).map(drop)
    }

    /// As [`Sharp::ask`], and what the whole process spent on it.
    pub fn measure(&mut self, command: &str, parameters: &Value) -> Result<(Value, Cost)> {
        let Self {
            commands,
            answers,
            meter,
            ..
        } = self;
        meter.measure(|| exchange(commands, answers, command, parameters))
    }
}

impl Drop for Sharp {
    fn drop(&mut self) {
        let _ = self.process.kill();
        let _ = self.process.wait();
    }
}

fn exchange(commands: &mut ChildStdin, answers: &mut impl BufRead, command: &str, parameters: &Value) -> Result<Value> {
    let mut line = parameters.clone();
    line["command"] = command.into();
    writeln!(commands, "{line}")?;
    let mut answer = String::new();
    answers.read_line(&mut answer)?;
    let answer: Value = serde_json::from_str(&answer).with_context(|| format!("sharp ended at {line}"))?;
    match answer["error"].as_str() {
        Some(error) => bail!("sharp: {error} at {line}"),
        None => Ok(answer),
    }
}
