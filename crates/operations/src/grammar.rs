//! From a segment to modifiers and their arguments.

use crate::{Error, Operations, arguments, modifier::Modifier};

/// No valid segment is longer: all fourteen modifiers with their longest arguments need less than half of it.
const MAX_LENGTH: usize = 512;

pub(crate) fn parse(segment: &str) -> Result<Operations, Error> {
    if segment.is_empty() {
        return Err(Error::Missing);
    }
    if segment.len() > MAX_LENGTH {
        return Err(Error::TooLong);
    }
    let mut operations = Operations::default();
    if segment == "_" {
        return Ok(operations);
    }
    let mut seen = 0u16;
    for part in modifiers(segment) {
        let (name, argument) = name_and_argument(part);
        if name.is_empty() {
            return Err(Error::EmptyModifier);
        }
        let Some(modifier) = Modifier::of(name) else {
            return Err(Modifier::later(name).map_or(Error::Unknown, Error::NotSupported));
        };
        // A box is a width and a height: `s` beside one of them would give a side twice.
        let sides = Modifier::Width.bit() | Modifier::Height.bit();
        let excluded = match modifier {
            Modifier::Resize => Modifier::Resize.bit() | sides,
            Modifier::Width | Modifier::Height => modifier.bit() | Modifier::Resize.bit(),
            _ => modifier.bit(),
        };
        if seen & excluded != 0 {
            return Err(Error::Duplicate(modifier.name()));
        }
        seen |= modifier.bit();
        arguments::apply(&mut operations, modifier, argument)?;
    }
    Ok(operations)
}

/// Splits at `,` and `&` outside parentheses: `rgb(255,0,0)` is one argument.
fn modifiers(segment: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0u32;
    segment.split(move |c| {
        match c {
            '(' => depth += 1,
            ')' => depth = depth.saturating_sub(1),
            _ => {}
        }
        depth == 0 && matches!(c, ',' | '&')
    })
}

/// Splits at the first separator. `flip_` is `flip`: an empty argument is an omitted one.
fn name_and_argument(part: &str) -> (&str, Option<&str>) {
    match part.split_once(is_separator) {
        Some((name, "")) => (name, None),
        Some((name, argument)) => (name, Some(argument)),
        None => (part, None),
    }
}

/// Separators before and between arguments.
pub(crate) fn is_separator(c: char) -> bool {
    matches!(c, '_' | ':' | '=')
}

#[cfg(test)]
mod tests;
