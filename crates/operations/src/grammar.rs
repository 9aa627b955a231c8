//! From a segment to modifiers and their arguments.

use crate::{Error, Operations, arguments, modifier::Modifier};

/// No valid segment is longer: all modifiers with their longest arguments need less.
const MAX_LENGTH: usize = 1024;

/// The modifiers of a text, in their order. `_` alone is none.
pub(crate) fn parts(text: &str) -> Result<Vec<&str>, Error> {
    match text {
        "" => Err(Error::Missing),
        _ if text.len() > MAX_LENGTH => Err(Error::TooLong),
        "_" => Ok(Vec::new()),
        _ => Ok(split(text).collect()),
    }
}

/// A modifier and its argument.
pub(crate) fn modifier(part: &str) -> Result<(Modifier, Option<&str>), Error> {
    let (name, argument) = name_and_argument(part);
    if name.is_empty() {
        return Err(Error::EmptyModifier);
    }
    let modifier = Modifier::of(name).ok_or(Error::Unknown)?;
    Ok((modifier, argument))
}

/// Operations that modifiers are added to, each once.
#[derive(Debug, Clone, Default)]
pub(crate) struct Sum {
    pub operations: Operations,
    seen: u64,
}

impl Sum {
    /// Adds a modifier.
    pub fn add(&mut self, modifier: Modifier, argument: Option<&str>) -> Result<(), Error> {
        // A box is a width and a height: `s` beside one of them would give a side twice.
        let sides = Modifier::Width.bit() | Modifier::Height.bit();
        let excluded = match modifier {
            Modifier::Resize => Modifier::Resize.bit() | sides,
            Modifier::Width | Modifier::Height => modifier.bit() | Modifier::Resize.bit(),
            // Two ways to say the same thing.
            Modifier::Position | Modifier::Gravity => Modifier::Position.bit() | Modifier::Gravity.bit(),
            Modifier::Extend | Modifier::Pad => Modifier::Extend.bit() | Modifier::Pad.bit(),
            _ => modifier.bit(),
        };
        if self.seen & excluded != 0 {
            return Err(Error::Duplicate(modifier.name()));
        }
        self.seen |= modifier.bit();
        arguments::apply(&mut self.operations, modifier, argument)
    }
}

/// Splits at `,` and `&` outside parentheses: `rgb(255,0,0)` is one argument.
fn split(text: &str) -> impl Iterator<Item = &str> {
    let mut depth = 0u32;
    text.split(move |c| {
        match c {
            '(' => depth = depth.saturating_add(1),
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
