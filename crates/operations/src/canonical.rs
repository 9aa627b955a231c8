mod adjustments;
mod geometry;

use std::fmt::{Display, Write};

use crate::names::name_of;
use crate::{Format, Operations};

impl Operations {
    /// The one spelling of these operations: short names in a fixed order, a box as `s_WxH`, what is at its default left
    /// out, `_` for nothing. [`crate::parse`] reads it back to the same value.
    pub fn canonical(&self) -> String {
        let mut spelling = Spelling::default();
        geometry::spell(self, &mut spelling);
        adjustments::spell(&self.adjustments, &mut spelling);
        spelling.put_value("radius", self.radius);
        spelling.put_flag("animated", self.animated);
        spelling.put_value("f", self.format.map(|format| name_of(&Format::NAMES, format)));
        spelling.put_value("q", self.quality);
        spelling.put_flag("progressive", self.progressive);
        spelling.finish()
    }
}

/// A segment that is being written.
#[derive(Default)]
struct Spelling {
    segment: String,
}

impl Spelling {
    fn put(&mut self, modifier: impl Display) {
        let separator = if self.segment.is_empty() { "" } else { "," };
        // Writing to a `String` cannot fail.
        let _ = write!(self.segment, "{separator}{modifier}");
    }

    fn put_flag(&mut self, name: &str, set: bool) {
        if set {
            self.put(name);
        }
    }

    fn put_value(&mut self, name: &str, value: Option<impl Display>) {
        if let Some(value) = value {
            self.put(format_args!("{name}_{value}"));
        }
    }

    /// A modifier of several arguments, each `None` where it is at its default: omitted at the end, empty before it.
    fn put_slots(&mut self, name: &str, slots: &[Option<String>]) {
        let given = slots.iter().rposition(Option::is_some).map_or(0, |last| last + 1);
        let mut modifier = name.to_owned();
        for slot in slots.iter().take(given) {
            modifier.push('_');
            modifier.push_str(slot.as_deref().unwrap_or_default());
        }
        self.put(modifier);
    }

    fn finish(self) -> String {
        if self.segment.is_empty() {
            "_".to_owned()
        } else {
            self.segment
        }
    }
}

/// An argument, unless it is the default.
fn unless<T: Display + PartialEq>(value: T, default: T) -> Option<String> {
    (value != default).then(|| value.to_string())
}
