//! The modifiers: what they are called, and what they take.

/// A modifier, whatever its spelling: what "duplicate" is about.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) enum Modifier {
    Width,
    Height,
    Resize,
    Fit,
    Position,
    Gravity,
    Background,
    Kernel,
    Enlarge,
    Dpr,
    Trim,
    Crop,
    Extend,
    Pad,
    Rotate,
    Autoorient,
    Flip,
    Flop,
    Grayscale,
    Flatten,
    Gamma,
    Median,
    Threshold,
    Dilate,
    Erode,
    Blur,
    Unflatten,
    Modulate,
    Brightness,
    Saturation,
    Hue,
    Lightness,
    Sharpen,
    Opacity,
    Linear,
    Normalize,
    Clahe,
    Tint,
    Negate,
    Radius,
    Format,
    Quality,
    Progressive,
    Animated,
    Preset,
}

/// What a modifier is called.
struct Entry {
    modifier: Modifier,
    /// Its full name, as messages show it.
    name: &'static str,
    /// Its other name.
    alias: Option<&'static str>,
    /// What it takes, in words.
    expected: &'static str,
}

const FLAG: &str = "true, false, 1, 0 or nothing";

/// IPX's names and aliases, exactly as it spells them; `dpr`, `gravity`, `pad`, `preset`, `progressive` and `radius` are ours.
#[rustfmt::skip]
const TABLE: [Entry; 45] = [
    entry(Modifier::Width, "width", Some("w"), "an integer between 1 and 8192"),
    entry(Modifier::Height, "height", Some("h"), "an integer between 1 and 8192"),
    entry(Modifier::Resize, "resize", Some("s"), "WxH or N, integers between 1 and 8192"),
    entry(Modifier::Fit, "fit", None, "contain, cover, fill, inside or outside"),
    entry(Modifier::Position, "position", Some("pos"), "a side, a corner, a compass point, entropy, attention, 0 to 8, 16 or 17"),
    entry(Modifier::Gravity, "gravity", None, "fp_x_y, numbers between 0 and 1"),
    entry(Modifier::Background, "background", Some("b"), "a colour: 3, 4, 6 or 8 hexadecimal digits, a CSS name, or rgb(), hsl(), hwb()"),
    entry(Modifier::Kernel, "kernel", None, "nearest, linear, cubic, mitchell, lanczos2, lanczos3, mks2013 or mks2021"),
    entry(Modifier::Enlarge, "enlarge", None, FLAG),
    entry(Modifier::Dpr, "dpr", None, "a number between 1 and 4, and a size of at most 8192 pixels with it"),
    entry(Modifier::Trim, "trim", None, "a number that is not negative"),
    entry(Modifier::Crop, "crop", Some("extract"), "left_top_width_height, integers, width and height at least 1"),
    entry(Modifier::Extend, "extend", None, "top_right_bottom_left, integers between 0 and 10000, and background, copy, repeat or mirror"),
    entry(Modifier::Pad, "pad", None, "one to four integers between 0 and 10000: top_right_bottom_left, or fewer as in CSS"),
    entry(Modifier::Rotate, "rotate", None, "a number between -3600 and 3600"),
    entry(Modifier::Autoorient, "autoorient", None, FLAG),
    entry(Modifier::Flip, "flip", None, FLAG),
    entry(Modifier::Flop, "flop", None, FLAG),
    entry(Modifier::Grayscale, "grayscale", None, FLAG),
    entry(Modifier::Flatten, "flatten", None, FLAG),
    entry(Modifier::Gamma, "gamma", None, "gamma_gammaOut, numbers between 1 and 3"),
    entry(Modifier::Median, "median", None, "an integer between 1 and 1000"),
    entry(Modifier::Threshold, "threshold", None, "level_grayscale, an integer between 0 and 255, and true or false"),
    entry(Modifier::Dilate, "dilate", None, "an integer between 1 and 100"),
    entry(Modifier::Erode, "erode", None, "an integer between 1 and 100"),
    entry(Modifier::Blur, "blur", None, "sigma_precision_minAmplitude: 0.3 to 1000; integer, float or approximate; 0.001 to 1"),
    entry(Modifier::Unflatten, "unflatten", None, FLAG),
    entry(Modifier::Modulate, "modulate", None, "brightness_saturation_hue_lightness: the first two not negative, hue an integer"),
    entry(Modifier::Brightness, "brightness", None, "a number that is not negative"),
    entry(Modifier::Saturation, "saturation", None, "a number that is not negative"),
    entry(Modifier::Hue, "hue", None, "an integer"),
    entry(Modifier::Lightness, "lightness", None, "a number"),
    entry(Modifier::Sharpen, "sharpen", None, "sigma_flat_jagged_x1_y2_y3: sigma 0.000001 to 10, the others 0 to 1000000"),
    entry(Modifier::Opacity, "opacity", None, "a number between 0 and 1"),
    entry(Modifier::Linear, "linear", None, "a_b, numbers"),
    entry(Modifier::Normalize, "normalize", None, "lower_upper, integers between 0 and 100, the lower below the upper"),
    entry(Modifier::Clahe, "clahe", None, "width_height_maxSlope: 1 to 100, 1 to 100 and 0 to 100"),
    entry(Modifier::Tint, "tint", None, "a colour: 3, 4, 6 or 8 hexadecimal digits, a CSS name, or rgb(), hsl(), hwb()"),
    entry(Modifier::Negate, "negate", None, FLAG),
    entry(Modifier::Radius, "radius", None, "an integer between 1 and 8192"),
    entry(Modifier::Format, "format", Some("f"), "jpeg, jpg, png, webp, gif or auto"),
    entry(Modifier::Quality, "quality", Some("q"), "an integer between 1 and 100"),
    entry(Modifier::Progressive, "progressive", None, FLAG),
    entry(Modifier::Animated, "animated", Some("a"), FLAG),
    entry(Modifier::Preset, "preset", None, "a name of 1 to 32 letters, digits, `-` and `_`"),
];

impl Modifier {
    /// The modifier of a name or alias.
    pub(crate) fn of(name: &str) -> Option<Self> {
        let entry = TABLE
            .iter()
            .find(|entry| entry.name == name || entry.alias == Some(name))?;
        Some(entry.modifier)
    }

    /// Its full name, as messages show it.
    pub(crate) fn name(self) -> &'static str {
        self.entry().map_or("", |entry| entry.name)
    }

    /// What it takes, in words.
    pub(crate) fn expected(self) -> &'static str {
        self.entry().map_or("", |entry| entry.expected)
    }

    /// Its bit in a set of modifiers.
    pub(crate) fn bit(self) -> u64 {
        1 << self as u64
    }

    /// Entries stand in the order of the variants: a test holds them to it.
    fn entry(self) -> Option<&'static Entry> {
        TABLE.get(self as usize)
    }
}

const fn entry(modifier: Modifier, name: &'static str, alias: Option<&'static str>, expected: &'static str) -> Entry {
    Entry {
        modifier,
        name,
        alias,
        expected,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn each_modifier_has_its_entry_and_each_name_one_modifier() {
        for (index, entry) in TABLE.iter().enumerate() {
            assert_eq!(entry.modifier as usize, index, "{}", entry.name);
            assert_eq!(Modifier::of(entry.name), Some(entry.modifier));
            if let Some(alias) = entry.alias {
                assert_eq!(Modifier::of(alias), Some(entry.modifier));
            }
        }
        assert_eq!(Modifier::Preset as usize + 1, TABLE.len());
        assert!(TABLE.len() < 64);
    }
}
