//! What is rendered: which original, into what, and the ratio that we want.

use serde_json::{Value, json};

/// How wide every rendition is.
pub const WIDTH: u32 = 800;

/// What comes out, with the same settings on both sides.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Output {
    /// Quality 80, baseline.
    Jpeg,
    /// Quality 80, progressive.
    Progressive,
    /// Lossy, quality 75.
    Webp,
    /// Lossless.
    Png,
    /// Quality 50; sharp at effort 2.
    Avif,
}

impl Output {
    /// Its name, as sharp and our modifier `f` spell it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Jpeg | Self::Progressive => "jpeg",
            Self::Webp => "webp",
            Self::Png => "png",
            Self::Avif => "avif",
        }
    }

    /// As a signed URL asks for it.
    pub fn operations(self) -> String {
        let quality = self
            .quality()
            .map(|quality| format!(",q_{quality}"))
            .unwrap_or_default();
        let progressive = if self == Self::Progressive { ",progressive" } else { "" };
        format!("w_{WIDTH},f_{}{quality}{progressive}", self.name())
    }

    /// As sharp takes it; what is not named is its default.
    pub fn sharp(self) -> Value {
        let mut options = json!({ "format": self.name() });
        if let Some(quality) = self.quality() {
            options["quality"] = quality.into();
        }
        if self == Self::Avif {
            options["effort"] = 2.into();
        }
        if self == Self::Progressive {
            options["progressive"] = true.into();
        }
        options
    }

    fn quality(self) -> Option<u8> {
        match self {
            Self::Jpeg | Self::Progressive => Some(80),
            Self::Webp => Some(75),
            Self::Png => None,
            Self::Avif => Some(50),
        }
    }
}

/// One cell of the benchmark.
#[derive(Clone, Copy, Debug)]
pub struct Case {
    /// Format and original, as `--only` and the rows name it.
    pub name: &'static str,
    /// The file of the original.
    pub original: &'static str,
    /// What comes out.
    pub output: Output,
    /// The most CPU that we want to use, sharp's being 1.
    pub target: f64,
}

/// Every cell, in the order of the table.
pub const CASES: [Case; 20] = [
    case("jpeg/camera-12mp", "camera-12mp.jpg", Output::Jpeg, 0.60),
    case("jpeg/picos-12mp", "picos-12mp.jpg", Output::Jpeg, 0.60),
    case("jpeg/tea-10mp", "tea-10mp.jpg", Output::Jpeg, 0.50),
    case("jpeg/casa-10mp", "casa-10mp.jpg", Output::Jpeg, 0.50),
    case("jpeg/colosseum-8mp", "colosseum-8mp.jpg", Output::Jpeg, 0.50),
    case("jpeg/otters-8mp", "otters-8mp.jpg", Output::Jpeg, 0.50),
    case("jpeg/colosseum-2mp", "colosseum-2mp.jpg", Output::Jpeg, 0.40),
    case("jpeg/tea-1mp", "tea-1mp.jpg", Output::Jpeg, 0.40),
    case("jpeg/picos-1mp", "picos-1mp.jpg", Output::Jpeg, 0.40),
    case(
        "jpeg/camera-12mp-progressive",
        "camera-12mp-progressive.jpg",
        Output::Jpeg,
        0.30,
    ),
    case(
        "jpeg/sunset-12mp-progressive",
        "sunset-12mp-progressive.jpg",
        Output::Jpeg,
        0.30,
    ),
    case(
        "jpeg/picos-8mp-progressive",
        "picos-8mp-progressive.jpg",
        Output::Jpeg,
        0.30,
    ),
    case(
        "jpeg/tea-10mp-to-progressive",
        "tea-10mp.jpg",
        Output::Progressive,
        0.50,
    ),
    case("jpeg/tea-1mp-to-progressive", "tea-1mp.jpg", Output::Progressive, 0.40),
    case("webp/camera-12mp", "camera-12mp.jpg", Output::Webp, 0.85),
    case("webp/tea-10mp", "tea-10mp.jpg", Output::Webp, 0.85),
    case("webp/otters-8mp", "otters-8mp.jpg", Output::Webp, 0.85),
    case("webp/picos-1mp", "picos-1mp.jpg", Output::Webp, 0.85),
    case("png/tea-1.5mp", "tea-1.5mp.png", Output::Png, 0.60),
    case("avif/tea-10mp", "tea-10mp.jpg", Output::Avif, 1.0),
];

const fn case(name: &'static str, original: &'static str, output: Output, target: f64) -> Case {
    Case {
        name,
        original,
        output,
        target,
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn names_are_of_one_case_and_say_what_comes_out() {
        for (place, case) in CASES.iter().enumerate() {
            assert!(
                CASES.iter().skip(place + 1).all(|other| other.name != case.name),
                "{}",
                case.name
            );
            let name = case.output.name();
            assert!(case.name.starts_with(&format!("{name}/")), "{}", case.name);
        }
    }

    #[test]
    fn both_sides_are_asked_for_the_same() {
        assert_eq!(Output::Webp.operations(), "w_800,f_webp,q_75");
        assert_eq!(Output::Webp.sharp(), json!({ "format": "webp", "quality": 75 }));
        assert_eq!(Output::Progressive.operations(), "w_800,f_jpeg,q_80,progressive");
        assert_eq!(
            Output::Progressive.sharp(),
            json!({ "format": "jpeg", "quality": 80, "progressive": true })
        );
        assert_eq!(Output::Png.operations(), "w_800,f_png");
        assert_eq!(
            Output::Avif.sharp(),
            json!({ "format": "avif", "quality": 50, "effort": 2 })
        );
    }
}
