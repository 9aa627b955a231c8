//! The brightness of any picture that can be read: what a leak is compared by.

use crate::colour;
use crate::raster::Layout;
use crate::{Budget, Error, SourceFormat, source};
use jpeg::{Colours, Plane, Planes, Scale};
use operations::Colour;

/// The luma of a picture.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Luma {
    /// Columns.
    pub width: u32,
    /// Rows.
    pub height: u32,
    /// A byte for each pixel, row by row.
    pub samples: Vec<u8>,
}

/// Decodes a file of any source format to its luma, as it is stored: neither turned nor converted, transparent parts white.
///
/// # Errors
/// [`Error::Unsupported`], [`Error::Malformed`] or [`Error::OverBudget`] if the file cannot be read.
pub fn luma(file: &[u8], budget: &Budget) -> Result<Luma, Error> {
    of(file, |_, _| Scale::Full, budget)
}

/// As [`luma`], of the picture made smaller where its coding makes that cheap: a JPEG's longer side is between `side` and twice as
/// long then, if it was longer.
///
/// # Errors
/// As [`luma`].
pub fn small_luma(file: &[u8], side: u32, budget: &Budget) -> Result<Luma, Error> {
    let scales = [Scale::Eighth, Scale::Quarter, Scale::Half];
    let fits = |width: u32, height: u32| {
        let found = scales
            .into_iter()
            .find(|scale| width.max(height) / scale.divisor() >= side);
        found.unwrap_or(Scale::Full)
    };
    of(file, fits, budget)
}

fn of(file: &[u8], scale: impl Fn(u32, u32) -> Scale, budget: &Budget) -> Result<Luma, Error> {
    budget.check_file(file.len())?;
    let header = source::header(file)?;
    if header.probe.format == SourceFormat::Jpeg {
        let scale = scale(header.probe.width, header.probe.height);
        header.check(file, scale, budget)?;
        return of_planes(header.planes(file, scale, false, budget)?);
    }
    header.check(file, Scale::Full, budget)?;
    let raster = header.decode(file)?;
    let opaque = if raster.layout.has_alpha() {
        colour::flatten(raster.into_colour(), WHITE)
    } else {
        raster
    };
    let samples = match opaque.layout {
        Layout::Grey => opaque.samples,
        _ => opaque.samples.as_chunks().0.iter().map(weigh).collect(),
    };
    Ok(Luma {
        width: opaque.width,
        height: opaque.height,
        samples,
    })
}

const WHITE: Colour = Colour {
    red: 255,
    green: 255,
    blue: 255,
    ..Colour::BLACK
};

fn of_planes(picture: Planes) -> Result<Luma, Error> {
    let (width, height) = (picture.width, picture.height);
    let whole = |plane: &Plane| plane.width as u64 == u64::from(width) && plane.height as u64 == u64::from(height);
    let samples = match (picture.colours, picture.planes.as_slice()) {
        (Colours::Rgb, [red, green, blue]) if whole(red) && whole(green) && whole(blue) => {
            let pixels = red.samples.iter().zip(&green.samples).zip(&blue.samples);
            pixels
                .map(|((&red, &green), &blue)| weigh(&[red, green, blue]))
                .collect()
        }
        (Colours::Grey | Colours::YCbCr, [luma, ..]) if whole(luma) => luma.samples.clone(),
        _ => return Err(Error::Unsupported),
    };
    Ok(Luma { width, height, samples })
}

/// BT.601 in 16 bits, as JPEG has it.
fn weigh(&[red, green, blue]: &[u8; 3]) -> u8 {
    let luma = 19595 * u32::from(red) + 38470 * u32::from(green) + 7471 * u32::from(blue) + 32768;
    luma.to_be_bytes()[1]
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::tests::fixtures;

    #[test]
    fn every_format_has_the_luma_of_its_pixels() {
        let budget = Budget::default();
        let rgb = fixtures::rgb(64, 48);
        let expected: Vec<u8> = rgb.as_chunks().0.iter().map(weigh).collect();
        let png = luma(&fixtures::png(64, 48), &budget).unwrap();
        assert_eq!((png.width, png.height), (64, 48));
        assert_eq!(png.samples, expected);
        let jpeg = luma(&fixtures::jpeg(64, 48), &budget).unwrap();
        let error: u32 = jpeg
            .samples
            .iter()
            .zip(&expected)
            .map(|(a, b)| u32::from(a.abs_diff(*b)))
            .sum();
        assert!(error < 64 * 48 * 3, "{error}");
        assert_eq!(luma(b"no picture", &budget), Err(Error::Unsupported));
    }

    #[test]
    fn a_small_one_is_as_long_as_is_asked_or_longer() {
        let budget = Budget::default();
        let sides = |side: u32| {
            let small = small_luma(&fixtures::jpeg(64, 48), side, &budget).unwrap();
            assert_eq!(small.samples.len() as u32, small.width * small.height);
            (small.width, small.height)
        };
        assert_eq!(sides(8), (8, 6));
        assert_eq!(sides(9), (16, 12));
        assert_eq!(sides(64), (64, 48));
        assert_eq!(sides(500), (64, 48));
    }
}
