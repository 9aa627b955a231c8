//! Animations: every frame goes the way of a still picture, within a share of the budget.

use operations::{Format, Operations, Position};

use crate::source::animation::Motion;
use crate::{Budget, Error, OutputFormat, Probe};

/// Steps, of about a nanosecond, that showing and resizing take for a pixel of the canvas, decoding for a pixel of a frame, and
/// encoding for one of the output.
const SHOW: u64 = 20;
const DECODE: u64 = 12;
const ENCODE: u64 = 80;

/// Whether all frames of a source are asked for: where the format can have them, by `animated`, or by asking for GIF.
pub(crate) fn wanted(operations: &Operations, format: OutputFormat, source: &Probe) -> bool {
    let asked = operations.animated || operations.format == Some(Format::Gif);
    asked && format.has_frames() && source.frames > 1
}

/// What a frame may cost when all of them stay within the budget. The frames themselves are kept until they are marked, `each`
/// bytes of them.
///
/// # Errors
/// [`Error::OverBudget`]
pub(crate) fn share(
    motion: &Motion,
    probe: &Probe,
    (width, height): (u32, u32),
    each: u64,
    budget: &Budget,
) -> Result<Budget, Error> {
    let pixels = |width, height| u64::from(width) * u64::from(height);
    let (canvas, output) = (pixels(probe.width, probe.height), pixels(width, height));
    let frames = u64::from(motion.frames);
    let encoded = output.saturating_mul(ENCODE).saturating_mul(frames);
    budget.check_steps(reading(motion, probe).saturating_add(encoded))?;
    // The canvas, and what a frame gives back.
    let kept = canvas.saturating_mul(8).saturating_add(each.saturating_mul(frames));
    budget.check_working(kept)?;
    Ok(Budget {
        steps: budget.steps / frames.max(1),
        working_bytes: budget.working_bytes - kept,
        ..*budget
    })
}

/// Holds what showing all frames takes against the budget.
///
/// # Errors
/// [`Error::OverBudget`]
pub(crate) fn check_reading(motion: &Motion, probe: &Probe, budget: &Budget) -> Result<(), Error> {
    budget.check_frames(motion.frames)?;
    budget.check_steps(reading(motion, probe))?;
    let canvas = u64::from(probe.width) * u64::from(probe.height);
    budget.check_working(canvas.saturating_mul(12).saturating_add(motion.scratch))
}

fn reading(motion: &Motion, probe: &Probe) -> u64 {
    let canvas = u64::from(probe.width) * u64::from(probe.height);
    let shown = canvas.saturating_mul(u64::from(motion.frames)).saturating_mul(SHOW);
    shown.saturating_add(motion.pixels.saturating_mul(DECODE))
}

/// Holds what is asked for against what can be done to each frame alike.
///
/// # Errors
/// [`Error::OverBudget`] for more frames than the budget has, [`Error::Moving`] for operations that would cut each frame elsewhere.
pub(crate) fn check(operations: &Operations, motion: &Motion, budget: &Budget) -> Result<(), Error> {
    budget.check_frames(motion.frames)?;
    let searches = matches!(operations.position, Some(Position::Entropy | Position::Attention));
    if searches || operations.trim.is_some() {
        return Err(Error::Moving);
    }
    Ok(())
}
