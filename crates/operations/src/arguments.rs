//! From an argument's text to its type: what every modifier accepts.

use crate::grammar::is_separator;
use crate::modifier::Modifier;
use crate::number::integer;
use crate::{Colour, Crop, Error, Fit, Format, MAX_SIDE, Operations, Position, Rotation};

/// The largest coordinate of a crop: IPX's bound.
const MAX_COORDINATE: u32 = 100_000_000;

/// Puts one modifier's argument into `operations`.
pub(crate) fn apply(operations: &mut Operations, modifier: Modifier, argument: Option<&str>) -> Result<(), Error> {
    match modifier {
        Modifier::Enlarge => operations.enlarge = flag(modifier, argument)?,
        Modifier::Flip => operations.flip = flag(modifier, argument)?,
        Modifier::Flop => operations.flop = flag(modifier, argument)?,
        Modifier::Grayscale => operations.grayscale = flag(modifier, argument)?,
        // Bare `rotate` asks for the orientation to be applied, which always happens.
        Modifier::Rotate => operations.rotate = argument.map_or(Ok(Rotation::R0), rotation)?,
        _ => {
            let argument = argument.ok_or(Error::MissingArgument(modifier.name()))?;
            apply_value(operations, modifier, argument)?;
        }
    }
    Ok(())
}

fn apply_value(operations: &mut Operations, modifier: Modifier, argument: &str) -> Result<(), Error> {
    let invalid = |expected| Error::Invalid {
        modifier: modifier.name(),
        expected,
    };
    let side = || integer(argument, 1, MAX_SIDE).ok_or(invalid("an integer between 1 and 8192"));
    match modifier {
        Modifier::Width => operations.width = Some(side()?),
        Modifier::Height => operations.height = Some(side()?),
        Modifier::Resize => {
            let (width, height) = sides(argument).ok_or(invalid("WxH or N, integers between 1 and 8192"))?;
            operations.width = Some(width);
            operations.height = Some(height);
        }
        Modifier::Fit => {
            let fit = named(&Fit::NAMES, argument);
            operations.fit = Some(fit.ok_or(invalid("contain, cover, fill, inside or outside"))?);
        }
        Modifier::Position => operations.position = Some(position(argument)?),
        Modifier::Background => {
            let colour = Colour::parse(argument);
            operations.background = Some(colour.ok_or(invalid(
                "a colour: 3, 4, 6 or 8 hexadecimal digits, a CSS name, or rgb(), hsl(), hwb()",
            ))?);
        }
        Modifier::Quality => {
            let quality = integer(argument, 1, 100).and_then(|q| u8::try_from(q).ok());
            operations.quality = Some(quality.ok_or(invalid("an integer between 1 and 100"))?);
        }
        Modifier::Format => {
            if let Some(later) = Format::LATER.into_iter().find(|later| *later == argument) {
                return Err(Error::NotSupported(later));
            }
            operations.format = Some(named(&Format::NAMES, argument).ok_or(invalid("jpeg, jpg, png, webp or auto"))?);
        }
        Modifier::Crop => {
            let crop = crop(argument);
            operations.crop =
                Some(crop.ok_or(invalid("left_top_width_height, integers, width and height at least 1"))?);
        }
        // A name that can be one; what it stands for is for `Segment::resolve`.
        Modifier::Preset if is_preset_name(argument) => {}
        Modifier::Preset => return Err(invalid("a name of 1 to 32 letters, digits, `-` and `_`")),
        Modifier::Enlarge | Modifier::Rotate | Modifier::Flip | Modifier::Flop | Modifier::Grayscale => {}
    }
    Ok(())
}

/// Whether a preset can have this name.
pub fn is_preset_name(name: &str) -> bool {
    let plain = |b: u8| b.is_ascii_alphanumeric() || b == b'-' || b == b'_';
    (1..=32).contains(&name.len()) && name.bytes().all(plain)
}

fn flag(modifier: Modifier, argument: Option<&str>) -> Result<bool, Error> {
    match argument {
        None | Some("true" | "1") => Ok(true),
        Some("false" | "0") => Ok(false),
        Some(_) => Err(Error::Invalid {
            modifier: modifier.name(),
            expected: "true, false, 1, 0 or nothing",
        }),
    }
}

fn sides(argument: &str) -> Option<(u32, u32)> {
    let (width, height) = argument.split_once('x').unwrap_or((argument, argument));
    Some((integer(width, 1, MAX_SIDE)?, integer(height, 1, MAX_SIDE)?))
}

fn named<T: Copy>(names: &[(&str, T)], argument: &str) -> Option<T> {
    names
        .iter()
        .find(|(name, _)| *name == argument)
        .map(|(_, value)| *value)
}

fn position(argument: &str) -> Result<Position, Error> {
    match argument {
        "entropy" | "16" => return Err(Error::NotSupported("position entropy")),
        "attention" | "17" => return Err(Error::NotSupported("position attention")),
        _ => {}
    }
    let spaced = argument.replacen('-', " ", 1);
    named(&Position::NAMES, &spaced).ok_or(Error::Invalid {
        modifier: "position",
        expected: "a side, a corner, a compass point or 0 to 8",
    })
}

/// An angle in whole degrees within ten turns either way, as IPX takes it.
fn rotation(argument: &str) -> Result<Rotation, Error> {
    let (negative, magnitude) = argument
        .strip_prefix('-')
        .map_or((false, argument), |magnitude| (true, magnitude));
    let degrees = integer(magnitude, u32::from(negative), 3600)
        .and_then(|degrees| i32::try_from(degrees).ok())
        .ok_or(Error::Invalid {
            modifier: "rotate",
            expected: "a multiple of 90 between -3600 and 3600",
        })?;
    Rotation::from_degrees(if negative { -degrees } else { degrees })
        .ok_or(Error::NotSupported("rotate by other than multiples of 90"))
}

fn crop(argument: &str) -> Option<Crop> {
    let mut parts = argument.split(is_separator);
    let mut next = |min| integer(parts.next()?, min, MAX_COORDINATE);
    let crop = Crop {
        left: next(0)?,
        top: next(0)?,
        width: next(1)?,
        height: next(1)?,
    };
    parts.next().is_none().then_some(crop)
}
