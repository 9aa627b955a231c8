//! Background colours.

use crate::{colour_function, colour_names};

/// A colour in sRGB with straight alpha, 8 bits each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Colour {
    /// Red.
    pub red: u8,
    /// Green.
    pub green: u8,
    /// Blue.
    pub blue: u8,
    /// Opacity; 255 is opaque.
    pub alpha: u8,
}

impl Colour {
    /// Opaque black, the default background.
    pub const BLACK: Self = Self {
        red: 0,
        green: 0,
        blue: 0,
        alpha: 255,
    };

    /// Reads hexadecimal digits (`#` optional), a CSS name, or a CSS colour function. Digits win over names: there is no
    /// CSS name of 3, 4, 6 or 8 letters that are all hexadecimal digits.
    pub(crate) fn parse(text: &str) -> Option<Self> {
        let digits = text.strip_prefix('#').unwrap_or(text);
        if let Some(colour) = hexadecimal(digits) {
            return Some(colour);
        }
        if text.ends_with(')') {
            colour_function::parse(text)
        } else {
            colour_names::find(text)
        }
    }

    /// Its shortest general spelling: 6 digits, 8 if it is not opaque.
    pub(crate) fn canonical(self) -> String {
        let Self {
            red,
            green,
            blue,
            alpha,
        } = self;
        match alpha {
            255 => format!("{red:02x}{green:02x}{blue:02x}"),
            _ => format!("{red:02x}{green:02x}{blue:02x}{alpha:02x}"),
        }
    }
}

fn hexadecimal(digits: &str) -> Option<Colour> {
    if !digits.bytes().all(|b| b.is_ascii_hexdigit()) {
        return None;
    }
    let value = u32::from_str_radix(digits, 16).ok()?;
    // Each digit of a short form stands for itself twice.
    let nibble = |shift: u32| u8::try_from((value >> shift) & 0xf).unwrap_or_default() * 0x11;
    let byte = |shift: u32| u8::try_from((value >> shift) & 0xff).unwrap_or_default();
    Some(match digits.len() {
        3 => Colour {
            red: nibble(8),
            green: nibble(4),
            blue: nibble(0),
            alpha: 255,
        },
        4 => Colour {
            red: nibble(12),
            green: nibble(8),
            blue: nibble(4),
            alpha: nibble(0),
        },
        6 => Colour {
            red: byte(16),
            green: byte(8),
            blue: byte(0),
            alpha: 255,
        },
        8 => Colour {
            red: byte(24),
            green: byte(16),
            blue: byte(8),
            alpha: byte(0),
        },
        _ => return None,
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    fn rgba(red: u8, green: u8, blue: u8, alpha: u8) -> Option<Colour> {
        Some(Colour {
            red,
            green,
            blue,
            alpha,
        })
    }

    #[test]
    fn spellings() {
        assert_eq!(Colour::parse("fff"), rgba(255, 255, 255, 255));
        assert_eq!(Colour::parse("#1A2b3c"), rgba(0x1a, 0x2b, 0x3c, 255));
        assert_eq!(Colour::parse("f008"), rgba(255, 0, 0, 0x88));
        assert_eq!(Colour::parse("00ff0080"), rgba(0, 255, 0, 128));
        assert_eq!(Colour::parse("rebeccapurple"), rgba(0x66, 0x33, 0x99, 255));
        assert_eq!(Colour::parse("transparent"), rgba(0, 0, 0, 0));
        assert_eq!(Colour::parse("rgb(255,0,51)"), rgba(255, 0, 51, 255));
        assert_eq!(Colour::parse("rgba(100% 0% 0% / 50%)"), rgba(255, 0, 0, 128));
        assert_eq!(Colour::parse("hsl(120,100%,25%)"), rgba(0, 128, 0, 255));
        assert_eq!(Colour::parse("hsla(240deg,100%,50%,0.2)"), rgba(0, 0, 255, 51));
        assert_eq!(Colour::parse("hwb(0 20% 40%)"), rgba(153, 51, 51, 255));
        assert_eq!(Colour::parse("hwb(90 80% 80%)"), rgba(128, 128, 128, 255));
    }

    #[test]
    fn refusals() {
        for text in [
            "",
            "#",
            "ff",
            "fffff",
            "#ggg",
            "##fff",
            "White",
            "nocolour",
            "rgb()",
            "rgb(1,2)",
            "rgb(1,2,3,4,5)",
            "rgb(256,0,0)",
            "rgb(-1,0,0)",
            "rgb(1,2 3)",
            "rgb(1%,2,3)",
            "hsl(361,0%,0%)",
            "hsl(1,0,0)",
            "rgb((1,2,3)",
            "lab(1 2 3)",
            "rgb(1,2,3,2)",
            "rgb(1 2 3 4)",
            "+ff",
            "#+ff",
        ] {
            assert_eq!(Colour::parse(text), None, "{text}");
        }
    }
}
