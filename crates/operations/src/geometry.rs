//! The typed arguments of the modifiers that move pixels.

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

/// A clockwise rotation by quarter turns.
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
}

impl Fit {
    pub(crate) const NAMES: [(&str, Self); 5] = [
        ("contain", Self::Contain),
        ("cover", Self::Cover),
        ("fill", Self::Fill),
        ("inside", Self::Inside),
        ("outside", Self::Outside),
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Cover => "cover",
            Self::Contain => "contain",
            Self::Fill => "fill",
            Self::Inside => "inside",
            Self::Outside => "outside",
        }
    }
}

impl Position {
    /// Every spelling of a position: compass points, sides, and the numbers of sharp's `gravity`.
    pub(crate) const NAMES: [(&str, Self); 27] = [
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
    ];

    pub(crate) fn name(self) -> &'static str {
        match self {
            Self::Centre => "centre",
            Self::North => "north",
            Self::NorthEast => "northeast",
            Self::East => "east",
            Self::SouthEast => "southeast",
            Self::South => "south",
            Self::SouthWest => "southwest",
            Self::West => "west",
            Self::NorthWest => "northwest",
        }
    }
}

impl Rotation {
    /// The rotation of an angle in degrees; `None` if it is not a multiple of 90.
    pub(crate) fn from_degrees(degrees: i32) -> Option<Self> {
        match degrees.rem_euclid(360) {
            0 => Some(Self::R0),
            90 => Some(Self::R90),
            180 => Some(Self::R180),
            270 => Some(Self::R270),
            _ => None,
        }
    }

    pub(crate) fn degrees(self) -> u32 {
        match self {
            Self::R0 => 0,
            Self::R90 => 90,
            Self::R180 => 180,
            Self::R270 => 270,
        }
    }
}
