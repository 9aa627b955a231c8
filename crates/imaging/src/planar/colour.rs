//! Planes to interleaved pixels.

use jpeg::Colours;

use crate::ink::Inks;
use crate::raster::{Layout, Raster};

/// Y, Cb and Cr of a colour (T.871 section 7).
pub(super) fn ycc([red, green, blue]: [u8; 3]) -> [u8; 3] {
    let [r, g, b] = [red, green, blue].map(i32::from);
    let round = |sum: i32| ((sum + (1 << 15)) >> 16).clamp(0, 255) as u8;
    [
        round(19595 * r + 38470 * g + 7471 * b),
        round(-11059 * r - 21709 * g + 32768 * b + (128 << 16)),
        round(32768 * r - 27439 * g - 5329 * b + (128 << 16)),
    ]
}

/// Interleaves planes that all have the picture's sides: grey stays grey, everything else becomes RGB. Adobe's CMYK is
/// stored inverted, so that each ink's sample is what it lets through; `profile` is asked for it alone.
pub(crate) fn into_raster(
    planes: &[Vec<u8>],
    colours: Colours,
    (width, height): (u32, u32),
    profile: impl FnOnce() -> Option<Vec<u8>>,
) -> Option<Raster> {
    let (layout, samples) = match (colours, planes) {
        (Colours::Grey, [grey]) => (Layout::Grey, grey.clone()),
        (Colours::YCbCr, [y, cb, cr]) => (Layout::Rgb, interleaved([y, cb, cr], rgb).into_flattened()),
        (Colours::Rgb, [r, g, b]) => (Layout::Rgb, interleaved([r, g, b], |pixel| pixel).into_flattened()),
        (Colours::Cmyk, [c, m, y, k]) => (
            Layout::Rgb,
            Inks::new(profile().as_deref()).light(&interleaved([c, m, y, k], |inks| inks.map(|ink| 255 - ink))),
        ),
        (Colours::Ycck, [y, cb, cr, k]) => (
            Layout::Rgb,
            Inks::new(profile().as_deref()).light(&interleaved([y, cb, cr, k], |[y, cb, cr, k]| {
                let [c, m, y] = rgb([y, cb, cr]);
                [c, m, y, 255 - k]
            })),
        ),
        _ => return None,
    };
    Some(Raster {
        width,
        height,
        layout,
        samples,
    })
}

fn interleaved<const N: usize, const M: usize>(
    planes: [&Vec<u8>; N],
    pixel: impl Fn([u8; N]) -> [u8; M],
) -> Vec<[u8; M]> {
    let count = planes.iter().map(|plane| plane.len()).min().unwrap_or_default();
    let mut out = vec![[0; M]; count];
    let planes = planes.map(|plane| &plane[..count]);
    for (i, out) in out.iter_mut().enumerate() {
        *out = pixel(planes.map(|plane| plane[i]));
    }
    out
}

/// Red, green and blue of Y, Cb and Cr.
#[inline(always)]
fn rgb([y, cb, cr]: [u8; 3]) -> [u8; 3] {
    let (y, cb, cr) = (i32::from(y) << 16, i32::from(cb) - 128, i32::from(cr) - 128);
    [91881 * cr, -22554 * cb - 46802 * cr, 116_130 * cb].map(|sum| ((y + sum + (1 << 15)) >> 16).clamp(0, 255) as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn colours_come_back() {
        for n in 0..4096u32 {
            let colour = [n % 16, n / 16 % 16, n / 256].map(|step| (step * 17) as u8);
            let back = rgb(ycc(colour));
            assert!(
                colour.iter().zip(back).all(|(a, b)| a.abs_diff(b) <= 2),
                "{colour:?} {back:?}"
            );
        }
        assert_eq!((ycc([255; 3]), ycc([0; 3])), ([255, 128, 128], [0, 128, 128]));
    }
}
