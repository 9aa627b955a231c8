//! The modifiers' names.

/// A modifier, whatever its spelling: what "duplicate" is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modifier {
    Width,
    Height,
    Resize,
    Fit,
    Position,
    Background,
    Quality,
    Format,
    Enlarge,
    Crop,
    Rotate,
    Flip,
    Flop,
    Grayscale,
    Preset,
}

/// IPX's modifiers that are not built yet: known, so that the answer can say so.
const LATER: [&str; 25] = [
    "kernel",
    "trim",
    "extend",
    "autoorient",
    "sharpen",
    "median",
    "blur",
    "dilate",
    "erode",
    "clahe",
    "flatten",
    "unflatten",
    "gamma",
    "negate",
    "normalize",
    "threshold",
    "linear",
    "modulate",
    "brightness",
    "saturation",
    "hue",
    "lightness",
    "opacity",
    "tint",
    "animated",
];

impl Modifier {
    /// The modifier of a name or alias, exactly as IPX spells them; `preset` is ours.
    pub(crate) fn of(name: &str) -> Option<Self> {
        Some(match name {
            "w" | "width" => Self::Width,
            "h" | "height" => Self::Height,
            "s" | "resize" => Self::Resize,
            "fit" => Self::Fit,
            "pos" | "position" => Self::Position,
            "b" | "background" => Self::Background,
            "q" | "quality" => Self::Quality,
            "f" | "format" => Self::Format,
            "enlarge" => Self::Enlarge,
            "crop" | "extract" => Self::Crop,
            "rotate" => Self::Rotate,
            "flip" => Self::Flip,
            "flop" => Self::Flop,
            "grayscale" => Self::Grayscale,
            "preset" => Self::Preset,
            _ => return None,
        })
    }

    /// The name of a modifier that is IPX's and not built yet.
    pub(crate) fn later(name: &str) -> Option<&'static str> {
        let name = if name == "a" { "animated" } else { name };
        LATER.into_iter().find(|later| *later == name)
    }

    /// Its full name, as messages show it.
    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Width => "width",
            Self::Height => "height",
            Self::Resize => "resize",
            Self::Fit => "fit",
            Self::Position => "position",
            Self::Background => "background",
            Self::Quality => "quality",
            Self::Format => "format",
            Self::Enlarge => "enlarge",
            Self::Crop => "crop",
            Self::Rotate => "rotate",
            Self::Flip => "flip",
            Self::Flop => "flop",
            Self::Grayscale => "grayscale",
            Self::Preset => "preset",
        }
    }

    /// Its bit in a set of modifiers.
    pub(crate) fn bit(self) -> u16 {
        1 << self as u16
    }
}
