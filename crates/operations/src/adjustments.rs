//! What is done to the pixels of the resized picture: sharp's operations with sharp's arguments.

use crate::modifier::Modifier;
use crate::{Colour, Decimal, Error};

/// Changes of colour and texture. The order in which they are made is fixed, and is that of the fields. The default changes
/// nothing.
#[derive(Debug, Clone, Default, PartialEq, Eq)]
pub struct Adjustments {
    /// Put a picture with transparency on the background.
    pub flatten: bool,
    /// Darken before the resize and brighten after it.
    pub gamma: Option<Gamma>,
    /// Side of the square whose median each pixel becomes, 1..=1000.
    pub median: Option<u32>,
    /// Each sample to black or white.
    pub threshold: Option<Threshold>,
    /// Pixels by which dark areas grow, 1..=100.
    pub dilate: Option<u32>,
    /// Pixels by which bright areas grow, 1..=100.
    pub erode: Option<u32>,
    /// Gaussian blur.
    pub blur: Option<Blur>,
    /// Make pure white transparent.
    pub unflatten: bool,
    /// Lightness, chroma and hue.
    pub modulate: Modulate,
    /// Sharpening.
    pub sharpen: Option<Sharpen>,
    /// What alpha is multiplied by, 0..=1.
    pub opacity: Option<Decimal>,
    /// A line through every sample.
    pub linear: Option<Linear>,
    /// Stretch lightness over its whole range.
    pub normalize: Option<Normalize>,
    /// Contrast-limited adaptive histogram equalisation.
    pub clahe: Option<Clahe>,
    /// The hue that everything takes.
    pub tint: Option<Colour>,
    /// The negative.
    pub negate: Option<Negate>,
}

/// Exponents, 1..=3 each.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Gamma {
    /// Of the darkening before the resize.
    pub before: Decimal,
    /// Of the brightening after it.
    pub after: Decimal,
}

/// Samples at or above `level` become white, the others black.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Threshold {
    /// The darkest level that becomes white.
    pub level: u8,
    /// Whether the picture becomes grey before, and so black and white, or each channel is compared.
    pub grayscale: bool,
}

/// How a picture is blurred.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Blur {
    /// Each pixel becomes the mean of the 3 x 3 around it.
    Mild,
    /// A Gaussian.
    Gaussian {
        /// Standard deviation in pixels, 0.3..=1000.
        sigma: Decimal,
        /// Its weights.
        precision: Precision,
        /// Where the Gaussian is cut off, 0.001..=1 of its height.
        min_amplitude: Decimal,
    },
}

/// The weights of a convolution, which is computed in floating point whatever they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Precision {
    /// Rounded to twentieths of the largest: libvips' kernels of whole numbers.
    #[default]
    Integer,
    /// As they are.
    Float,
    /// As they are: what libvips replaces by box filters costs no more here.
    Approximate,
}

/// What lightness, chroma and hue (CIE LCh) become; absent: what they are.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub struct Modulate {
    /// Factor of the lightness, not negative.
    pub brightness: Option<Decimal>,
    /// Factor of the chroma, not negative.
    pub saturation: Option<Decimal>,
    /// Degrees by which the hue turns.
    pub hue: Option<i32>,
    /// What is added to the lightness, of 100.
    pub lightness: Option<Decimal>,
}

/// How a picture is sharpened.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Sharpen {
    /// A fixed 3 x 3 kernel.
    Mild,
    /// An unsharp mask of the lightness: flat areas by one slope, jagged ones by another.
    Mask {
        /// Standard deviation of the mask's Gaussian in pixels, 0.000001..=10.
        sigma: Decimal,
        /// Slope in flat areas, 0..=1 000 000.
        flat: Decimal,
        /// Slope in jagged areas.
        jagged: Decimal,
        /// The difference of lightness where flat ends and jagged begins.
        x1: Decimal,
        /// The most brightening.
        y2: Decimal,
        /// The most darkening.
        y3: Decimal,
    },
}

/// `a * sample + b`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Linear {
    /// Factor.
    pub a: Decimal,
    /// What is added, in levels of 255.
    pub b: Decimal,
}

/// The percentiles of lightness that become black and white.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Normalize {
    /// 0..=99.
    pub lower: u8,
    /// 1..=100, above `lower`.
    pub upper: u8,
}

/// The window that a pixel's histogram is taken of.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Clahe {
    /// Columns, 1..=100.
    pub width: u32,
    /// Rows, 1..=100.
    pub height: u32,
    /// The steepest that the equalisation may be, 1..=100; 0 for no limit.
    pub max_slope: u32,
}

/// Which channels are inverted.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Negate {
    /// Whether alpha is inverted too.
    pub alpha: bool,
}

impl Precision {
    pub(crate) const NAMES: [(&str, Self); 3] = [
        ("integer", Self::Integer),
        ("float", Self::Float),
        ("approximate", Self::Approximate),
    ];
}

impl Blur {
    /// sharp's own.
    pub(crate) const MIN_AMPLITUDE: Decimal = Decimal::millionths(200_000);
}

impl Sharpen {
    /// sharp's own slopes and limits: flat, jagged, x1, y2, y3.
    pub(crate) const DEFAULTS: [Decimal; 5] = [
        Decimal::whole(1),
        Decimal::whole(2),
        Decimal::whole(2),
        Decimal::whole(10),
        Decimal::whole(20),
    ];
}

impl Modulate {
    /// What it says, one thing at a time.
    pub(crate) fn parts(self) -> impl Iterator<Item = (Modifier, Self)> {
        let nothing = Self::default;
        let Self {
            brightness,
            saturation,
            hue,
            lightness,
        } = self;
        [
            (
                Modifier::Brightness,
                Self {
                    brightness,
                    ..nothing()
                },
            ),
            (
                Modifier::Saturation,
                Self {
                    saturation,
                    ..nothing()
                },
            ),
            (Modifier::Hue, Self { hue, ..nothing() }),
            (Modifier::Lightness, Self { lightness, ..nothing() }),
        ]
        .into_iter()
        .filter(move |(_, part)| *part != nothing())
    }

    /// Adds what another one says.
    ///
    /// # Errors
    /// [`Error::Duplicate`] if both say the same thing.
    pub(crate) fn add(&mut self, other: Self) -> Result<(), Error> {
        fn put<T>(name: &'static str, into: &mut Option<T>, value: Option<T>) -> Result<(), Error> {
            match (into.is_some(), value.is_some()) {
                (true, true) => return Err(Error::Duplicate(name)),
                (false, true) => *into = value,
                _ => {}
            }
            Ok(())
        }
        put("brightness", &mut self.brightness, other.brightness)?;
        put("saturation", &mut self.saturation, other.saturation)?;
        put("hue", &mut self.hue, other.hue)?;
        put("lightness", &mut self.lightness, other.lightness)
    }
}
