use crate::Decimal;
use crate::grammar::is_separator;
use crate::number::integer;

/// The arguments of a modifier that takes several, in their order. One that is empty is omitted.
pub(super) struct Slots<'a> {
    rest: Option<&'a str>,
}

impl<'a> Slots<'a> {
    pub fn of(argument: &'a str) -> Self {
        Self { rest: Some(argument) }
    }

    /// The next argument; `None` if it is omitted.
    pub fn next(&mut self) -> Option<&'a str> {
        let rest = self.rest?;
        let (slot, rest) = match rest.split_once(is_separator) {
            Some((slot, rest)) => (slot, Some(rest)),
            None => (rest, None),
        };
        self.rest = rest;
        Some(slot).filter(|slot| !slot.is_empty())
    }

    /// The next argument read by `read`, or `default` where it is omitted; `None` if it cannot be read.
    pub fn read<T>(&mut self, default: T, read: impl FnOnce(&'a str) -> Option<T>) -> Option<T> {
        self.next().map_or(Some(default), read)
    }

    /// The next argument as a whole number, which must be there.
    pub fn integer(&mut self, min: u32, max: u32) -> Option<u32> {
        integer(self.next()?, min, max)
    }

    /// The next argument as a number, if it is there; `None` if it is none in `min..=max`.
    pub fn decimal(&mut self, min: Decimal, max: Decimal) -> Option<Option<Decimal>> {
        self.read(None, |slot| Decimal::within(slot, min, max).map(Some))
    }

    /// `value`, if no argument is left.
    pub fn end<T>(self, value: T) -> Option<T> {
        self.rest.is_none().then_some(value)
    }
}

/// A truth value.
pub(super) fn is_on(argument: &str) -> Option<bool> {
    match argument {
        "true" | "1" => Some(true),
        "false" | "0" => Some(false),
        _ => None,
    }
}
