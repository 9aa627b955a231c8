//! Arguments of what moves pixels.

use super::Slots;
use crate::modifier::Modifier;
use crate::names::named;
use crate::number::integer;
use crate::{Crop, Decimal, Extend, ExtendWith, Fit, Kernel, MAX_SIDE, Operations, Position, Rotation};

/// What a bare `trim` allows, in levels of 255: sharp's.
pub(super) const DEFAULT_TRIM: Decimal = Decimal::whole(10);

/// The largest coordinate of a crop: IPX's bound.
const MAX_COORDINATE: u32 = 100_000_000;

/// The widest border: IPX's bound.
const MAX_BORDER: u32 = 10_000;

const ZERO: Decimal = Decimal::whole(0);
const ONE: Decimal = Decimal::whole(1);

/// Sets what the argument says; `None` if it is not one of the modifier's, or the modifier is not one of these.
pub(super) fn set(operations: &mut Operations, modifier: Modifier, argument: &str) -> Option<()> {
    match modifier {
        Modifier::Width => operations.width = Some(integer(argument, 1, MAX_SIDE)?),
        Modifier::Height => operations.height = Some(integer(argument, 1, MAX_SIDE)?),
        Modifier::Resize => {
            let (width, height) = argument.split_once('x').unwrap_or((argument, argument));
            operations.width = Some(integer(width, 1, MAX_SIDE)?);
            operations.height = Some(integer(height, 1, MAX_SIDE)?);
        }
        Modifier::Fit => operations.fit = Some(named(&Fit::NAMES, argument)?),
        Modifier::Position => {
            let spaced = argument.replacen('-', " ", 1);
            operations.position = Some(named(&Position::NAMES, &spaced)?);
        }
        Modifier::Gravity => operations.position = Some(focal(argument)?),
        Modifier::Kernel => operations.kernel = Some(named(&Kernel::NAMES, argument)?),
        Modifier::Dpr => operations.dpr = Some(Decimal::within(argument, ONE, Decimal::whole(4))?),
        Modifier::Trim => operations.trim = Some(Decimal::parse(argument).filter(|trim| *trim >= ZERO)?),
        Modifier::Crop => operations.crop = Some(crop(argument)?),
        Modifier::Extend => operations.extend = Some(extend(argument)?),
        Modifier::Pad => operations.extend = Some(pad(argument)?),
        Modifier::Rotate => {
            // IPX's bound: ten turns either way.
            let degrees = Decimal::within(argument, Decimal::whole(-3600), Decimal::whole(3600))?;
            operations.rotate = Rotation::from_degrees(degrees);
        }
        Modifier::Radius => operations.radius = Some(integer(argument, 1, MAX_SIDE)?),
        _ => return None,
    }
    Some(())
}

fn focal(argument: &str) -> Option<Position> {
    let mut slots = Slots::of(argument);
    if slots.next()? != "fp" {
        return None;
    }
    let (x, y) = (slots.decimal(ZERO, ONE)??, slots.decimal(ZERO, ONE)??);
    slots.end(Position::Focal { x, y })
}

fn crop(argument: &str) -> Option<Crop> {
    let mut slots = Slots::of(argument);
    let crop = Crop {
        left: slots.integer(0, MAX_COORDINATE)?,
        top: slots.integer(0, MAX_COORDINATE)?,
        width: slots.integer(1, MAX_COORDINATE)?,
        height: slots.integer(1, MAX_COORDINATE)?,
    };
    slots.end(crop)
}

fn extend(argument: &str) -> Option<Extend> {
    let mut slots = Slots::of(argument);
    let mut border = || slots.read(0, |slot| integer(slot, 0, MAX_BORDER));
    let (top, right, bottom, left) = (border()?, border()?, border()?, border()?);
    let with = slots.read(ExtendWith::default(), |slot| named(&ExtendWith::NAMES, slot))?;
    slots.end(Extend {
        top,
        right,
        bottom,
        left,
        with,
    })
}

/// One to four lengths, meant as CSS means them: a side that is left out takes the opposite one's.
fn pad(argument: &str) -> Option<Extend> {
    let mut slots = Slots::of(argument);
    let top = slots.integer(0, MAX_BORDER)?;
    let mut side = |opposite| slots.read(opposite, |slot| integer(slot, 0, MAX_BORDER));
    let (right, bottom) = (side(top)?, side(top)?);
    let left = side(right)?;
    slots.end(Extend {
        top,
        right,
        bottom,
        left,
        with: ExtendWith::Background,
    })
}
