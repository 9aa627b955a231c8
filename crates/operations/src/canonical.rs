use std::fmt::Write;

use crate::{Operations, Rotation};

impl Operations {
    /// The one spelling of these operations: short names in a fixed order, a box as `s_WxH`, what is at its default left
    /// out, `_` for nothing. [`crate::parse`] reads it back to the same value.
    pub fn canonical(&self) -> String {
        let mut segment = String::new();
        let mut put = |modifier: std::fmt::Arguments<'_>| {
            let separator = if segment.is_empty() { "" } else { "," };
            // Writing to a `String` cannot fail.
            let _ = write!(segment, "{separator}{modifier}");
        };
        if let Some(crop) = self.crop {
            put(format_args!(
                "crop_{}_{}_{}_{}",
                crop.left, crop.top, crop.width, crop.height
            ));
        }
        match (self.width, self.height) {
            (Some(width), Some(height)) => put(format_args!("s_{width}x{height}")),
            (Some(width), None) => put(format_args!("w_{width}")),
            (None, Some(height)) => put(format_args!("h_{height}")),
            (None, None) => {}
        }
        if let Some(fit) = self.fit {
            put(format_args!("fit_{}", fit.name()));
        }
        if let Some(position) = self.position {
            put(format_args!("pos_{}", position.name()));
        }
        if let Some(background) = self.background {
            put(format_args!("b_{}", background.canonical()));
        }
        if self.rotate != Rotation::R0 {
            put(format_args!("rotate_{}", self.rotate.degrees()));
        }
        for (set, name) in [
            (self.enlarge, "enlarge"),
            (self.flip, "flip"),
            (self.flop, "flop"),
            (self.grayscale, "grayscale"),
        ] {
            if set {
                put(format_args!("{name}"));
            }
        }
        if let Some(format) = self.format {
            put(format_args!("f_{}", format.name()));
        }
        if let Some(quality) = self.quality {
            put(format_args!("q_{quality}"));
        }
        if segment.is_empty() { "_".to_owned() } else { segment }
    }
}
