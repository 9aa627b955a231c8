//! From an argument's text to its type: what every modifier accepts.

mod adjustments;
mod geometry;
mod slots;

use crate::modifier::Modifier;
use crate::names::named;
use crate::number::integer;
use crate::{Colour, Error, Fit, Format, Kernel, Operations, Position, Rotation};
use slots::{Slots, is_on};

/// Puts one modifier's argument into `operations`.
///
/// Without an argument a modifier takes its default. One that would then do nothing needs an argument: nothing is silently
/// ignored.
pub(crate) fn apply(operations: &mut Operations, modifier: Modifier, argument: Option<&str>) -> Result<(), Error> {
    match argument {
        None if !apply_default(operations, modifier) => Err(Error::MissingArgument(modifier.name())),
        None => Ok(()),
        Some(argument) => apply_argument(operations, modifier, argument),
    }
}

/// Whether a preset can have this name.
pub fn is_preset_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=32).contains(&name.len()) && name.bytes().all(plain)
}

/// What a bare modifier says; whether it says anything.
fn apply_default(operations: &mut Operations, modifier: Modifier) -> bool {
    match modifier {
        Modifier::Fit => operations.fit = Some(Fit::default()),
        Modifier::Position => operations.position = Some(Position::default()),
        Modifier::Background => operations.background = Some(Colour::BLACK),
        Modifier::Kernel => operations.kernel = Some(Kernel::default()),
        Modifier::Enlarge => operations.enlarge = true,
        // Both ask for the orientation to be applied, which always happens.
        Modifier::Rotate => operations.rotate = Rotation::R0,
        Modifier::Autoorient => {}
        Modifier::Flip => operations.flip = true,
        Modifier::Flop => operations.flop = true,
        Modifier::Grayscale => operations.grayscale = true,
        Modifier::Progressive => operations.progressive = true,
        Modifier::Animated => operations.animated = true,
        Modifier::Trim => operations.trim = Some(geometry::DEFAULT_TRIM),
        _ => return adjustments::apply_default(&mut operations.adjustments, modifier),
    }
    true
}

fn apply_argument(operations: &mut Operations, modifier: Modifier, argument: &str) -> Result<(), Error> {
    let invalid = Error::Invalid {
        modifier: modifier.name(),
        expected: modifier.expected(),
    };
    match modifier {
        Modifier::Format => {
            if let Some(later) = Format::LATER.into_iter().find(|later| *later == argument) {
                return Err(Error::NotSupported(later));
            }
        }
        // Each of the four may be given once, by itself or together.
        Modifier::Modulate | Modifier::Brightness | Modifier::Saturation | Modifier::Hue | Modifier::Lightness => {
            let given = adjustments::modulate(modifier, argument).ok_or(invalid)?;
            return operations.adjustments.modulate.add(given);
        }
        _ => {}
    }
    set(operations, modifier, argument).ok_or(invalid)
}

/// Sets what the argument says; `None` if it is not one of the modifier's.
fn set(operations: &mut Operations, modifier: Modifier, argument: &str) -> Option<()> {
    match modifier {
        Modifier::Format => operations.format = Some(named(&Format::NAMES, argument)?),
        Modifier::Quality => operations.quality = Some(u8::try_from(integer(argument, 1, 100)?).ok()?),
        Modifier::Background => operations.background = Some(Colour::parse(argument)?),
        Modifier::Enlarge => operations.enlarge = is_on(argument)?,
        Modifier::Autoorient => drop(is_on(argument)?),
        Modifier::Flip => operations.flip = is_on(argument)?,
        Modifier::Flop => operations.flop = is_on(argument)?,
        Modifier::Grayscale => operations.grayscale = is_on(argument)?,
        Modifier::Progressive => operations.progressive = is_on(argument)?,
        Modifier::Animated => operations.animated = is_on(argument)?,
        // A name that can be one; what it stands for is for `Segment::resolve`.
        Modifier::Preset => return is_preset_name(argument).then_some(()),
        _ => {
            return geometry::set(operations, modifier, argument)
                .or_else(|| adjustments::set(&mut operations.adjustments, modifier, argument));
        }
    }
    Some(())
}
