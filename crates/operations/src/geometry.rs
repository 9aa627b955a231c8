//! The typed arguments of the modifiers that move pixels.

use crate::Decimal;

/// How a picture fills a box.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Fit {
    /// Fills the box and cuts what hangs over.
    #[default]
    Cover,
    /// Lies inside the box; the rest is padded with the background.
    Contain,
    /// Takes the box's sides and loses its own ratio.
    Fill,
    /// The largest size inside the box.
    Inside,
    /// The smallest size around the box.
    Outside,
}

/// Where in the box a picture sits, or which part of it stays.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Position {
    /// The middle.
    #[default]
    Centre,
    /// Middle of the top side.
    North,
    /// Top right corner.
    NorthEast,
    /// Middle of the right side.
    East,
    /// Bottom right corner.
    SouthEast,
    /// Middle of the bottom side.
    South,
    /// Bottom left corner.
    SouthWest,
    /// Middle of the left side.
    West,
    /// Top left corner.
    NorthWest,
    /// The part whose pixels are the most various; the centre where nothing is cut.
    Entropy,
    /// The part that draws the eye: edges, skin and strong colours; the centre where nothing is cut.
    Attention,
    /// As much of the middle as there is around a point of the picture; the centre where nothing is cut.
    Focal {
        /// How far to the right the point lies, 0..=1.
        x: Decimal,
        /// How far down the point lies, 0..=1.
        y: Decimal,
    },
}

/// The filter that a resize samples with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Kernel {
    /// The nearest pixel.
    Nearest,
    /// Triangle.
    Linear,
    /// Catmull-Rom spline.
    Cubic,
    /// Mitchell-Netravali cubic.
    Mitchell,
    /// Lanczos with two lobes.
    Lanczos2,
    /// Lanczos with three lobes.
    #[default]
    Lanczos3,
    /// Magic Kernel Sharp 2013.
    Mks2013,
    /// Magic Kernel Sharp 2021.
    Mks2021,
}

/// A wider canvas: pixels added to each side.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Extend {
    /// Rows above, 0..=10 000.
    pub top: u32,
    /// Columns to the right, 0..=10 000.
    pub right: u32,
    /// Rows below, 0..=10 000.
    pub bottom: u32,
    /// Columns to the left, 0..=10 000.
    pub left: u32,
    /// What fills them.
    pub with: ExtendWith,
}

/// What a wider canvas is filled with.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum ExtendWith {
    /// The background.
    #[default]
    Background,
    /// The nearest pixel of the edge.
    Copy,
    /// The picture again.
    Repeat,
    /// The picture's mirror image.
    Mirror,
}

/// A rectangle in pixels of the upright source.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Crop {
    /// Columns left of the rectangle, 0..=100 000 000.
    pub left: u32,
    /// Rows above the rectangle, 0..=100 000 000.
    pub top: u32,
    /// Columns, 1..=100 000 000.
    pub width: u32,
    /// Rows, 1..=100 000 000.
    pub height: u32,
}

/// A clockwise rotation.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq)]
pub enum Rotation {
    /// None.
    #[default]
    R0,
    /// A quarter turn clockwise.
    R90,
    /// Upside down.
    R180,
    /// A quarter turn anticlockwise.
    R270,
    /// Any other angle in degrees, above 0 and below 360; the corners show the background.
    Free(Decimal),
}

impl Fit {
    pub(crate) const NAMES: [(&str, Self); 5] = [
        ("contain", Self::Contain),
        ("cover", Self::Cover),
        ("fill", Self::Fill),
        ("inside", Self::Inside),
        ("outside", Self::Outside),
    ];
}

impl Position {
    /// Every spelling of a position: compass points, sides, and the numbers of sharp's `gravity`.
    pub(crate) const NAMES: [(&str, Self); 31] = [
        ("centre", Self::Centre),
        ("center", Self::Centre),
        ("0", Self::Centre),
        ("north", Self::North),
        ("top", Self::North),
        ("1", Self::North),
        ("east", Self::East),
        ("right", Self::East),
        ("2", Self::East),
        ("south", Self::South),
        ("bottom", Self::South),
        ("3", Self::South),
        ("west", Self::West),
        ("left", Self::West),
        ("4", Self::West),
        ("northeast", Self::NorthEast),
        ("right top", Self::NorthEast),
        ("5", Self::NorthEast),
        ("southeast", Self::SouthEast),
        ("right bottom", Self::SouthEast),
        ("6", Self::SouthEast),
        ("southwest", Self::SouthWest),
        ("left bottom", Self::SouthWest),
        ("7", Self::SouthWest),
        ("northwest", Self::NorthWest),
        ("left top", Self::NorthWest),
        ("8", Self::NorthWest),
        ("entropy", Self::Entropy),
        ("16", Self::Entropy),
        ("attention", Self::Attention),
        ("17", Self::Attention),
    ];
}

impl Rotation {
    /// The rotation of an angle in degrees, however many turns it makes.
    pub(crate) fn from_degrees(degrees: Decimal) -> Self {
        let angle = degrees.modulo(360);
        match [0, 90, 180, 270].map(|quarter| angle == Decimal::whole(quarter)) {
            [true, ..] => Self::R0,
            [_, true, ..] => Self::R90,
            [_, _, true, _] => Self::R180,
            [.., true] => Self::R270,
            _ => Self::Free(angle),
        }
    }

    /// The angle, at least 0 and below 360.
    pub(crate) fn degrees(self) -> Decimal {
        match self {
            Self::R0 => Decimal::whole(0),
            Self::R90 => Decimal::whole(90),
            Self::R180 => Decimal::whole(180),
            Self::R270 => Decimal::whole(270),
            Self::Free(angle) => angle,
        }
    }
}

impl Kernel {
    pub(crate) const NAMES: [(&str, Self); 8] = [
        ("nearest", Self::Nearest),
        ("linear", Self::Linear),
        ("cubic", Self::Cubic),
        ("mitchell", Self::Mitchell),
        ("lanczos2", Self::Lanczos2),
        ("lanczos3", Self::Lanczos3),
        ("mks2013", Self::Mks2013),
        ("mks2021", Self::Mks2021),
    ];
}

impl ExtendWith {
    pub(crate) const NAMES: [(&str, Self); 4] = [
        ("background", Self::Background),
        ("copy", Self::Copy),
        ("repeat", Self::Repeat),
        ("mirror", Self::Mirror),
    ];
}
