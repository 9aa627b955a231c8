//! Colour work on the resized picture: profile to sRGB, background.

use moxcms::{ColorProfile, DataColorSpace, Layout as ProfileLayout, TransformOptions};
use operations::Colour;

use crate::raster::{Layout, Raster};

/// The longest profile that is looked at; real ones take 0.5 to 4 KiB, those with tables up to 1 MiB.
pub(crate) const MAX_PROFILE: usize = 2 << 20;

/// A way from a profile's colours to sRGB.
pub(crate) struct Conversion {
    transform: std::sync::Arc<moxcms::Transform8BitExecutor>,
    /// Of the result.
    layout: Layout,
}

impl Conversion {
    /// For pictures of a layout. `None` if their values count as sRGB already: without a profile, or with one that says
    /// sRGB, does not fit the channels or cannot be used.
    pub fn new(profile: &[u8], layout: Layout) -> Option<Self> {
        if profile.len() > MAX_PROFILE {
            return None;
        }
        let profile = ColorProfile::new_from_slice(profile).ok()?;
        let (space, from, to, result) = match layout {
            Layout::Grey => (
                DataColorSpace::Gray,
                ProfileLayout::Gray,
                ProfileLayout::Rgb,
                Layout::Rgb,
            ),
            Layout::GreyAlpha => (
                DataColorSpace::Gray,
                ProfileLayout::GrayAlpha,
                ProfileLayout::Rgba,
                Layout::Rgba,
            ),
            Layout::Rgb => (DataColorSpace::Rgb, ProfileLayout::Rgb, ProfileLayout::Rgb, Layout::Rgb),
            Layout::Rgba => (
                DataColorSpace::Rgb,
                ProfileLayout::Rgba,
                ProfileLayout::Rgba,
                Layout::Rgba,
            ),
        };
        // A CMYK picture's values are RGB by then: see `Inks`.
        if profile.color_space != space {
            return None;
        }
        let transform = profile
            .create_transform_8bit(from, &ColorProfile::new_srgb(), to, TransformOptions::default())
            .ok()?;
        if layout == Layout::Rgb && keeps_colours(transform.as_ref()) {
            return None;
        }
        Some(Self {
            transform,
            layout: result,
        })
    }

    fn apply(&self, raster: &Raster) -> Option<Raster> {
        let mut result = Raster::zeros(raster.width, raster.height, self.layout);
        self.transform.transform(&raster.samples, &mut result.samples).ok()?;
        Some(result)
    }
}

/// Whether a profile is sRGB by another name: it leaves a lattice of colours as it is. Converting would only add noise.
fn keeps_colours(transform: &moxcms::Transform8BitExecutor) -> bool {
    let lattice: Vec<u8> = (0..125u8)
        .flat_map(|n| [n % 5, n / 5 % 5, n / 25])
        .map(|step| step * 63)
        .collect();
    let mut image = vec![0; lattice.len()];
    transform.transform(&lattice, &mut image).is_ok()
        && lattice
            .iter()
            .zip(&image)
            .all(|(before, after)| before.abs_diff(*after) <= 1)
}

/// Converts to sRGB, RGB or RGBA.
pub(crate) fn to_srgb(raster: Raster, conversion: Option<&Conversion>) -> Raster {
    match conversion.and_then(|conversion| conversion.apply(&raster)) {
        Some(converted) => converted,
        None => raster.into_colour(),
    }
}

/// Puts a picture with alpha on an opaque background. The background's own alpha has no meaning here.
pub(crate) fn flatten(raster: Raster, background: Colour) -> Raster {
    if raster.layout != Layout::Rgba {
        return raster;
    }
    let (pixels, _) = raster.samples.as_chunks::<4>();
    let over = |top: u8, under: u8, alpha: u8| {
        let (top, under, alpha) = (u16::from(top), u16::from(under), u16::from(alpha));
        // At most 255 * 255 + 127, which is below 2^16; the quotient is at most 255.
        u8::try_from((top * alpha + under * (255 - alpha) + 127) / 255).unwrap_or(u8::MAX)
    };
    let samples = pixels
        .iter()
        .flat_map(|[red, green, blue, alpha]| {
            [
                over(*red, background.red, *alpha),
                over(*green, background.green, *alpha),
                over(*blue, background.blue, *alpha),
            ]
        })
        .collect();
    Raster {
        layout: Layout::Rgb,
        samples,
        ..raster
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn flattening_is_exact_at_the_ends() {
        let samples = vec![10, 20, 30, 255, 10, 20, 30, 0, 100, 100, 100, 128];
        let raster = Raster {
            width: 3,
            height: 1,
            layout: Layout::Rgba,
            samples,
        };
        let flat = flatten(
            raster,
            Colour {
                red: 200,
                green: 0,
                blue: 255,
                alpha: 0,
            },
        );
        assert_eq!(flat.samples, [10, 20, 30, 200, 0, 255, 150, 50, 177]);
    }
}
