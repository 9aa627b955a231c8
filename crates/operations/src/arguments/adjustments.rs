//! Arguments of what changes pixels: sharp's ranges and defaults.

use super::{Slots, is_on};
use crate::adjustments::{
    Adjustments, Blur, Clahe, Gamma, Linear, Modulate, Negate, Normalize, Precision, Sharpen, Threshold,
};
use crate::modifier::Modifier;
use crate::names::named;
use crate::number::integer;
use crate::{Colour, Decimal};

const ZERO: Decimal = Decimal::whole(0);
const ONE: Decimal = Decimal::whole(1);
const MILLION: Decimal = Decimal::whole(1_000_000);

/// What a bare modifier says; whether it says anything.
pub(super) fn apply_default(adjustments: &mut Adjustments, modifier: Modifier) -> bool {
    match modifier {
        Modifier::Flatten => adjustments.flatten = true,
        Modifier::Unflatten => adjustments.unflatten = true,
        Modifier::Dilate => adjustments.dilate = Some(1),
        Modifier::Erode => adjustments.erode = Some(1),
        Modifier::Median => adjustments.median = Some(3),
        Modifier::Blur => adjustments.blur = Some(Blur::Mild),
        Modifier::Sharpen => adjustments.sharpen = Some(Sharpen::Mild),
        Modifier::Gamma | Modifier::Threshold | Modifier::Linear | Modifier::Normalize | Modifier::Negate => {
            return set(adjustments, modifier, "").is_some();
        }
        _ => return false,
    }
    true
}

/// Sets what the argument says; `None` if it is not one of the modifier's, or the modifier is not one of these.
pub(super) fn set(adjustments: &mut Adjustments, modifier: Modifier, argument: &str) -> Option<()> {
    let mut slots = Slots::of(argument);
    match modifier {
        Modifier::Flatten => adjustments.flatten = is_on(argument)?,
        Modifier::Unflatten => adjustments.unflatten = is_on(argument)?,
        Modifier::Dilate => adjustments.dilate = Some(integer(argument, 1, 100)?),
        Modifier::Erode => adjustments.erode = Some(integer(argument, 1, 100)?),
        Modifier::Median => adjustments.median = Some(integer(argument, 1, 1000)?),
        Modifier::Opacity => adjustments.opacity = Some(Decimal::within(argument, ZERO, ONE)?),
        Modifier::Tint => adjustments.tint = Some(Colour::parse(argument)?),
        Modifier::Negate => {
            let alpha = slots.read(true, is_on)?;
            adjustments.negate = slots.end(Some(Negate { alpha }))?;
        }
        Modifier::Gamma => {
            let before = slots.decimal(ONE, Decimal::whole(3))?;
            let before = before.unwrap_or(Decimal::millionths(2_200_000));
            let after = slots.decimal(ONE, Decimal::whole(3))?.unwrap_or(before);
            adjustments.gamma = slots.end(Some(Gamma { before, after }))?;
        }
        Modifier::Threshold => {
            let level = slots.read(128, |slot| u8::try_from(integer(slot, 0, 255)?).ok())?;
            let grayscale = slots.read(true, is_on)?;
            adjustments.threshold = slots.end(Some(Threshold { level, grayscale }))?;
        }
        Modifier::Linear => {
            let a = slots.read(ONE, Decimal::parse)?;
            let b = slots.read(ZERO, Decimal::parse)?;
            adjustments.linear = slots.end(Some(Linear { a, b }))?;
        }
        Modifier::Normalize => {
            let lower = slots.read(1, |slot| u8::try_from(integer(slot, 0, 99)?).ok())?;
            let upper = slots.read(99, |slot| u8::try_from(integer(slot, 1, 100)?).ok())?;
            adjustments.normalize = slots.end(Some(Normalize { lower, upper })).filter(|_| lower < upper)?;
        }
        Modifier::Clahe => {
            let width = slots.integer(1, 100)?;
            let height = slots.read(width, |slot| integer(slot, 1, 100))?;
            let max_slope = slots.read(3, |slot| integer(slot, 0, 100))?;
            adjustments.clahe = slots.end(Some(Clahe {
                width,
                height,
                max_slope,
            }))?;
        }
        Modifier::Blur => adjustments.blur = Some(blur(slots)?),
        Modifier::Sharpen => adjustments.sharpen = Some(sharpen(slots)?),
        _ => return None,
    }
    Some(())
}

/// Reads `modulate` or one of its four by itself.
pub(super) fn modulate(modifier: Modifier, argument: &str) -> Option<Modulate> {
    let mut slots = Slots::of(argument);
    let factor = |slot| Decimal::parse(slot).filter(|factor| *factor >= ZERO).map(Some);
    let mut modulate = Modulate::default();
    match modifier {
        Modifier::Brightness => modulate.brightness = factor(argument)?,
        Modifier::Saturation => modulate.saturation = factor(argument)?,
        Modifier::Hue => modulate.hue = degrees(argument)?,
        Modifier::Lightness => modulate.lightness = Some(Decimal::parse(argument)?),
        _ => {
            modulate = Modulate {
                brightness: slots.read(None, factor)?,
                saturation: slots.read(None, factor)?,
                hue: slots.read(None, degrees)?,
                lightness: slots.read(None, |slot| Decimal::parse(slot).map(Some))?,
            };
            return slots.end(modulate).filter(|modulate| *modulate != Modulate::default());
        }
    }
    Some(modulate)
}

/// Any whole number of degrees that fits.
fn degrees(text: &str) -> Option<Option<i32>> {
    let (negative, magnitude) = match text.strip_prefix('-') {
        Some(magnitude) => (true, magnitude),
        None => (false, text),
    };
    let degrees = integer(magnitude, u32::from(negative), i32::MAX.unsigned_abs())?;
    let degrees = i32::try_from(degrees).ok()?;
    Some(Some(if negative { -degrees } else { degrees }))
}

fn blur(mut slots: Slots<'_>) -> Option<Blur> {
    let sigma = slots.decimal(Decimal::millionths(300_000), Decimal::whole(1000))??;
    let precision = slots.read(Precision::default(), |slot| named(&Precision::NAMES, slot))?;
    let min_amplitude = slots.decimal(Decimal::millionths(1000), ONE)?;
    slots.end(Blur::Gaussian {
        sigma,
        precision,
        min_amplitude: min_amplitude.unwrap_or(Blur::MIN_AMPLITUDE),
    })
}

fn sharpen(mut slots: Slots<'_>) -> Option<Sharpen> {
    let sigma = slots.decimal(Decimal::millionths(1), Decimal::whole(10))??;
    let mut next = |default| Some(slots.decimal(ZERO, MILLION)?.unwrap_or(default));
    let [flat, jagged, x1, y2, y3] = Sharpen::DEFAULTS;
    let (flat, jagged, x1, y2, y3) = (next(flat)?, next(jagged)?, next(x1)?, next(y2)?, next(y3)?);
    slots.end(Sharpen::Mask {
        sigma,
        flat,
        jagged,
        x1,
        y2,
        y3,
    })
}
