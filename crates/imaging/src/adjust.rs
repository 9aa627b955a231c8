//! The steps that change the resized picture's pixels, in the order in which sharp makes them, whatever the order in the URL.

mod blur;
mod clahe;
mod convolution;
mod cost;
mod crop;
mod extend;
mod histogram;
mod levels;
mod median;
mod modulate;
mod morphology;
mod resample;
mod rotate;
mod sharpen;
mod transparency;
mod trim;

use operations::{Colour, Modulate, Operations, Rotation};

use crate::Error;
use crate::greyscale::grey_colour;
use crate::raster::Raster;

pub(crate) use cost::{ROTATION_STEPS, Sides, check};
pub(crate) use crop::crop;
pub(crate) use levels::darken;
pub(crate) use rotate::{rotate, turned_sides};
pub(crate) use trim::trim;

/// Makes the steps that are asked for of an RGB or RGBA picture. `sides` are what [`check`] says of it; `alpha` is whether the
/// output can be transparent.
///
/// # Errors
/// [`Error::WindowTooLarge`]
pub(crate) fn adjust(mut picture: Raster, operations: &Operations, sides: Sides, alpha: bool) -> Result<Raster, Error> {
    let adjustments = &operations.adjustments;
    let mut background = operations.background.unwrap_or(Colour::BLACK);
    if operations.grayscale {
        background = grey_colour(background);
    }
    if let Rotation::Free(angle) = operations.rotate
        && operations.width.is_none()
    {
        picture = rotate(picture, angle, sides.turned, background, alpha);
    }
    if let Some(extend) = operations.extend {
        picture = extend::extend(picture, extend, sides.extended, background, alpha);
    }
    if let Some(size) = adjustments.median {
        picture = median::median(picture, size)?;
    }
    if let Some(threshold) = adjustments.threshold {
        picture = levels::threshold(picture, threshold);
    }
    if let Some(reach) = adjustments.dilate {
        picture = morphology::dilate(picture, reach);
    }
    if let Some(reach) = adjustments.erode {
        picture = morphology::erode(picture, reach);
    }
    if let Some(blur) = adjustments.blur {
        picture = blur::blur(picture, blur)?;
    }
    if adjustments.unflatten {
        picture = transparency::unflatten(picture);
    }
    if adjustments.modulate != Modulate::default() {
        picture = modulate::modulate(picture, adjustments.modulate);
    }
    if let Some(sharpen) = adjustments.sharpen {
        picture = sharpen::sharpen(picture, sharpen);
    }
    if let Some(opacity) = adjustments.opacity {
        picture = transparency::fade(picture, opacity.value(), operations.background);
    }
    if let Some(gamma) = adjustments.gamma {
        picture = levels::brighten(picture, gamma);
    }
    if let Some(linear) = adjustments.linear {
        picture = levels::linear(picture, linear);
    }
    if let Some(normalize) = adjustments.normalize {
        picture = modulate::normalize(picture, normalize);
    }
    if let Some(clahe) = adjustments.clahe {
        picture = clahe::clahe(picture, clahe)?;
    }
    if let Some(tint) = adjustments.tint {
        picture = modulate::tint(picture, tint);
    }
    if let Some(negate) = adjustments.negate {
        picture = levels::negate(picture, negate);
    }
    if let Some(radius) = operations.radius {
        picture = transparency::round(picture, radius, operations.background);
    }
    Ok(picture)
}

/// Whether the steps may make a picture transparent that is not.
pub(crate) fn adds_alpha(operations: &Operations) -> bool {
    let adjustments = &operations.adjustments;
    let lets_through = operations.background.is_some_and(|background| background.alpha != 255);
    let turns = matches!(operations.rotate, Rotation::Free(_));
    let fades = adjustments.opacity.is_some() && operations.background.is_none();
    let rounds = operations.radius.is_some() && (operations.background.is_none() || lets_through);
    adjustments.unflatten || fades || rounds || (lets_through && (turns || operations.extend.is_some()))
}
