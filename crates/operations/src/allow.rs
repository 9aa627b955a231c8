use crate::grammar::{self, Sum};
use crate::modifier::Modifier;
use crate::{Error, Modulate, Operations};

/// One entry of a key's list of allowed operations: a modifier by any of its names (`w`: every width), or with one value
/// (`w_400`), or `_` for asking nothing. `preset` is every preset, `preset_thumb` one.
///
/// The list speaks of meanings: `w_400` allows `width=400` too, and `s_400x300` is the box that `w_400` and `h_300` together
/// are, so no other spelling gets around it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct AllowRule(Allowed);

#[derive(Debug, Clone, PartialEq, Eq)]
enum Allowed {
    Nothing,
    Every(Modifier),
    Preset(String),
    Value(Modifier, Box<Operations>),
}

impl AllowRule {
    /// Parses an entry.
    ///
    /// # Errors
    /// Those of a segment with this one modifier, where a missing argument is none; more than one is [`Error::Unknown`].
    pub fn parse(text: &str) -> Result<Self, Error> {
        let parts = grammar::parts(text)?;
        let part = match parts.as_slice() {
            [] => return Ok(Self(Allowed::Nothing)),
            [part] => *part,
            _ => return Err(Error::Unknown),
        };
        let (modifier, argument) = grammar::modifier(part)?;
        let Some(argument) = argument else {
            return Ok(Self(Allowed::Every(modifier)));
        };
        let value = value_of(modifier, Some(argument))?;
        Ok(Self(match modifier {
            Modifier::Preset => Allowed::Preset(argument.to_owned()),
            _ => Allowed::Value(modifier, Box::new(value)),
        }))
    }

    /// Whether the entry is about presets.
    pub fn is_of_presets(&self) -> bool {
        matches!(self.0, Allowed::Preset(_) | Allowed::Every(Modifier::Preset))
    }

    pub(crate) fn allows_nothing(&self) -> bool {
        self.0 == Allowed::Nothing
    }

    pub(crate) fn allows_preset(&self, name: &str) -> bool {
        match &self.0 {
            Allowed::Preset(allowed) => allowed == name,
            other => *other == Allowed::Every(Modifier::Preset),
        }
    }

    pub(crate) fn allows(&self, modifier: Modifier, argument: Option<&str>) -> bool {
        match &self.0 {
            Allowed::Every(every) => meaning(*every) == meaning(modifier),
            Allowed::Value(of, value) => {
                meaning(*of) == meaning(modifier) && value_of(modifier, argument).is_ok_and(|v| v == **value)
            }
            Allowed::Nothing | Allowed::Preset(_) => false,
        }
    }

    /// Whether the entry is about boxes, and allows this one.
    pub(crate) fn allows_box(&self, asked: &Operations) -> bool {
        let sides = |operations: &Operations| operations.width.zip(operations.height);
        match &self.0 {
            Allowed::Every(Modifier::Resize) => sides(asked).is_some(),
            Allowed::Value(Modifier::Resize, value) => sides(asked) == sides(value),
            _ => false,
        }
    }

    /// Whether there is no width, or the entry allows it.
    pub(crate) fn allows_width(&self, asked: &Operations) -> bool {
        self.allows_side(Modifier::Width, |operations| operations.width, asked)
    }

    /// Whether there is no height, or the entry allows it.
    pub(crate) fn allows_height(&self, asked: &Operations) -> bool {
        self.allows_side(Modifier::Height, |operations| operations.height, asked)
    }

    /// Whether the entry is about `modulate` as a whole, and allows this one.
    pub(crate) fn allows_modulation(&self, asked: &Operations) -> bool {
        match &self.0 {
            Allowed::Every(every) => *every == Modifier::Modulate,
            Allowed::Value(Modifier::Modulate, value) => value.adjustments.modulate == asked.adjustments.modulate,
            _ => false,
        }
    }

    /// Whether the entry is about one of `modulate`'s four, and allows this value of it.
    pub(crate) fn allows_part(&self, (part, asked): (Modifier, Modulate)) -> bool {
        match &self.0 {
            Allowed::Every(every) => *every == part,
            Allowed::Value(_, value) => value.adjustments.modulate == asked,
            _ => false,
        }
    }

    fn allows_side(&self, modifier: Modifier, side: fn(&Operations) -> Option<u32>, asked: &Operations) -> bool {
        side(asked).is_none()
            || match &self.0 {
                Allowed::Every(every) => *every == modifier,
                Allowed::Value(of, value) => *of == modifier && side(asked) == side(value),
                Allowed::Nothing | Allowed::Preset(_) => false,
            }
    }
}

/// The modifier that says the same: `pad` is a way to write `extend`.
fn meaning(modifier: Modifier) -> Modifier {
    match modifier {
        Modifier::Pad => Modifier::Extend,
        other => other,
    }
}

/// A modifier by itself.
fn value_of(modifier: Modifier, argument: Option<&str>) -> Result<Operations, Error> {
    let mut sum = Sum::default();
    sum.add(modifier, argument)?;
    Ok(sum.operations)
}

#[cfg(test)]
mod tests;
