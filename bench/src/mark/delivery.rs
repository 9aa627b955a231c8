//! What a client's copy costs, beside what it costs to make one with sharp.

use std::hint::black_box;
use std::time::Duration;

use anyhow::{Context, Result};
use nix::time::{ClockId, clock_gettime};
use serde_json::json;
use watermark::{Overlay, Subject};

use super::leaks::Renditions;
use super::marked::decoded;
use super::photograph::SIDES;
use super::row::Figure;
use crate::folders;
use crate::progress;
use crate::sharp::Sharp;

/// Copies of each photograph that are timed together.
const COPIES: u32 = 200;
/// Files that sharp makes of each.
const FILES: u32 = 20;

/// What sharp knows the visible mark by.
const NAME: &str = "mark";

/// CPU time of a copy, natively on one core: codeword, copy and inverted bits; and how many times as much sharp takes to put the
/// visible mark on the same pixels and encode them.
pub fn figures(renditions: &[Renditions], overlay: &Overlay) -> Result<Vec<Figure>> {
    let folder = tempfile::tempdir()?;
    let pixels = folder.path().join("pixels");
    let mut sharp = Sharp::start(&folders::node())?;
    sharp.overlay(NAME, overlay, (SIDES.0.into(), SIDES.1.into()), folder.path())?;
    let (mut ours, mut ratios) = (Vec::new(), Vec::new());
    for rendition in renditions {
        progress::show(&format!("the cost of a copy: {}", rendition.photograph().name));
        let client = Subject::of("client 0");
        rendition.usual().copy(client)?;
        let started = clock()?;
        for _ in 0..COPIES {
            black_box(rendition.usual().copy(black_box(client))?);
        }
        let copy = (clock()? - started) / COPIES;
        let picture = decoded(&rendition.usual().unmarked)?;
        std::fs::write(&pixels, &picture.rgb)?;
        let job = json!({ "path": pixels, "width": picture.width, "height": picture.height, "times": FILES, "overlay": NAME });
        sharp.ask("deliver", &job)?;
        let (_, cost) = sharp.measure("deliver", &job)?;
        let theirs = cost.cpu / FILES;
        ours.push(copy.as_secs_f64() * 1e6);
        ratios.push(theirs.as_secs_f64() / copy.as_secs_f64());
    }
    progress::clear();
    Ok(vec![
        Figure::of("a client's copy", "µs of CPU", &ours, f64::max),
        Figure::of("sharp's composite and JPEG, a copy being 1", "", &ratios, f64::min),
    ])
}

/// What this thread has worked.
fn clock() -> Result<Duration> {
    let time = clock_gettime(ClockId::CLOCK_THREAD_CPUTIME_ID).context("threads have no clock")?;
    Ok(time.into())
}
