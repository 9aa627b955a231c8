//! A file's samples, plane by plane, at full size or a power of two smaller.
//!
//! Smaller sizes come from the transform itself: the inverse DCT of 4, 2 or 1 points over a block's lowest frequencies gives the
//! block at that many samples a side (T.81 A.3.3 with N in place of 8).

mod inverse;

use crate::{Component, Error, Limits, read};

/// How many samples a block's side of 8 becomes.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Default)]
pub enum Scale {
    /// All 8.
    #[default]
    Full,
    /// 4: the picture at half its size.
    Half,
    /// 2.
    Quarter,
    /// 1: each block's mean.
    Eighth,
}

impl Scale {
    /// By how much a side is divided: 1, 2, 4 or 8.
    pub fn divisor(self) -> u32 {
        match self {
            Self::Full => 1,
            Self::Half => 2,
            Self::Quarter => 4,
            Self::Eighth => 8,
        }
    }

    /// Samples of a block's side: 8, 4, 2 or 1.
    fn samples(self) -> usize {
        8 / self.divisor() as usize
    }
}

/// The samples of one component, as stored: nothing is upsampled or converted.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Plane {
    /// Samples of a row.
    pub width: usize,
    /// Rows.
    pub height: usize,
    /// Horizontal sampling factor, 1..=4: a sample stands for `h_max / h` columns of the picture.
    pub h: u8,
    /// Vertical sampling factor, 1..=4.
    pub v: u8,
    /// `width * height` samples, row by row from the top, without padding.
    pub samples: Vec<u8>,
}

/// What the components stand for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Colours {
    /// One component.
    Grey,
    /// Full-range YCbCr of BT.601 (T.871).
    YCbCr,
    /// Red, green, blue: Adobe's marker or the components' identifiers say so.
    Rgb,
    /// Cyan, magenta, yellow, black.
    Cmyk,
    /// CMYK whose first three components are transformed like RGB: Adobe's marker says so.
    Ycck,
}

/// A decoded picture. A side of `n` pixels has `ceil(n / divisor)` at a smaller [`Scale`]; a component sampled less densely has
/// `ceil(n * h / (h_max * divisor))` samples.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Planes {
    /// Width in pixels at the scale asked for.
    pub width: u32,
    /// Height in pixels at the scale asked for.
    pub height: u32,
    /// What the planes stand for.
    pub colours: Colours,
    /// Whether Adobe's APP14 is there: such files store CMYK inverted. Without it nobody knows.
    pub adobe: bool,
    /// 1, 3 or 4 planes, in the order of the frame header.
    pub planes: Vec<Plane>,
}

/// Decodes what [`read`](crate::read) reads, except files of two components.
///
/// # Errors
/// As [`read`](crate::read).
pub fn decode(file: &[u8], scale: Scale, limits: &Limits) -> Result<Planes, Error> {
    let picture = read(file, limits)?;
    let (colours, adobe) = colours(file, &picture.components)?;
    let max = |factor: fn(&Component) -> u8| picture.components.iter().map(factor).max().unwrap_or(1);
    let (h_max, v_max) = (max(|component| component.h), max(|component| component.v));
    let mut planes = Vec::new();
    for component in &picture.components {
        let side = |pixels: u16, factor: u8, max: u8| {
            (usize::from(pixels) * usize::from(factor)).div_ceil(usize::from(max) * scale.divisor() as usize)
        };
        let (width, height) = (
            side(picture.width, component.h, h_max),
            side(picture.height, component.v, v_max),
        );
        planes.push(Plane {
            width,
            height,
            h: component.h,
            v: component.v,
            samples: inverse::plane(component, scale.samples(), width, height)?,
        });
    }
    Ok(Planes {
        width: u32::from(picture.width).div_ceil(scale.divisor()),
        height: u32::from(picture.height).div_ceil(scale.divisor()),
        colours,
        adobe,
        planes,
    })
}

/// What libjpeg makes of the markers: JFIF is YCbCr, else Adobe's transform flag decides, else the identifiers.
fn colours(file: &[u8], components: &[Component]) -> Result<(Colours, bool), Error> {
    let (mut jfif, mut adobe) = (false, None);
    let mut rest = file.get(2..).unwrap_or_default();
    while let [0xFF, code, high, low, ..] = *rest {
        if code == 0xDA {
            break;
        }
        let segment = rest.get(4..).unwrap_or_default();
        match code {
            0xE0 if segment.starts_with(b"JFIF\0") => jfif = true,
            0xEE if segment.starts_with(b"Adobe") => adobe = segment.get(11).copied(),
            _ => {}
        }
        let length = usize::from(u16::from_be_bytes([high, low]));
        rest = rest.get(2 + length..).unwrap_or_default();
    }
    let ids: Vec<u8> = components.iter().map(|component| component.id).collect();
    let colours = match (ids.as_slice(), adobe) {
        ([_], _) => Colours::Grey,
        ([_, _, _], _) if jfif => Colours::YCbCr,
        ([_, _, _], Some(0)) => Colours::Rgb,
        (b"RGB", None) => Colours::Rgb,
        ([_, _, _], _) => Colours::YCbCr,
        ([_, _, _, _], Some(2)) => Colours::Ycck,
        ([_, _, _, _], _) => Colours::Cmyk,
        _ => return Err(Error::Unsupported("two components")),
    };
    Ok((colours, adobe.is_some()))
}
