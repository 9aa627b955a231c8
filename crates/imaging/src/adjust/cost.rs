//! What the steps cost, before they are made.

use operations::{Modulate, Operations, Position, Rotation, Sharpen};

use super::blur;
use super::rotate::turned_sides;
use crate::raster::Layout;
use crate::{Budget, Error};

/// The sizes that a picture goes through.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Sides {
    /// After the rotation.
    pub turned: (u32, u32),
    /// After the rotation and on its wider canvas: the output's.
    pub extended: (u32, u32),
}

/// Holds the steps that a picture of this size goes through against the budget: its sizes, the work and the memory.
pub(crate) fn check(size: (u32, u32), operations: &Operations, budget: &Budget) -> Result<Sides, Error> {
    let turned = match operations.rotate {
        Rotation::Free(angle) if operations.width.is_none() => {
            let (width, height) = turned_sides(size, angle);
            budget.check_output(width, height)?
        }
        _ => size,
    };
    let extended = match operations.extend {
        Some(extend) => {
            let side = |side: u32, before: u32, after: u32| u64::from(side) + u64::from(before) + u64::from(after);
            budget.check_output(
                side(turned.0, extend.left, extend.right),
                side(turned.1, extend.top, extend.bottom),
            )?
        }
        None => turned,
    };
    if operations.needs_pixels() {
        let pixels = u64::from(extended.0).saturating_mul(u64::from(extended.1));
        budget.check_steps(pixels.saturating_mul(steps_per_pixel(operations)))?;
        // A step has its picture, its result and a copy of it.
        let copies = Layout::Rgba.bytes(extended.0, extended.1).saturating_mul(3);
        budget.check_working(copies.saturating_add(u64::from(extended.0).saturating_mul(COLUMN_BYTES)))?;
    }
    Ok(Sides { turned, extended })
}

/// Steps for a pixel of a picture rotated by any angle.
pub(crate) const ROTATION_STEPS: u64 = 30;

/// What a step takes for each column beside that: a window's histogram, or 100 rows above and below two copies.
const COLUMN_BYTES: u64 = 2 * (256 + 16) + 2 * 2 * 100 * 4;

/// What the steps take for a pixel, in about a nanosecond: measured in the component on a photograph of 2 megapixels, and rounded up by
/// a tenth to a half.
fn steps_per_pixel(operations: &Operations) -> u64 {
    let adjustments = &operations.adjustments;
    let is = |asked: bool, cost: u64| if asked { cost } else { 0 };
    let median = match adjustments.median {
        Some(3) => 8,
        Some(_) => 450,
        None => 0,
    };
    let sharpen = match adjustments.sharpen {
        Some(Sharpen::Mask { .. }) => 115,
        Some(Sharpen::Mild) => 8,
        None => 0,
    };
    [
        is(matches!(operations.rotate, Rotation::Free(_)), ROTATION_STEPS),
        is(
            matches!(operations.position, Some(Position::Entropy | Position::Attention)),
            15,
        ),
        is(adjustments.dilate.is_some(), 10),
        is(adjustments.erode.is_some(), 10),
        is(adjustments.modulate != Modulate::default(), 40),
        is(adjustments.tint.is_some(), 8),
        is(adjustments.normalize.is_some(), 75),
        is(adjustments.clahe.is_some(), 800),
        is(operations.radius.is_some(), 12),
        adjustments.blur.map_or(0, blur::steps_per_pixel),
        median,
        sharpen,
        // All the others together.
        40,
    ]
    .iter()
    .sum()
}
