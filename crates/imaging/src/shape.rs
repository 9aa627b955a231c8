//! From decoded pixels to the picture in its size: trimmed, cut, resized, turned.

use operations::{Colour, Decimal, Operations, Rotation};

use crate::greyscale::grey_colour;
use crate::plan::Plan;
use crate::raster::Raster;
use crate::turn::Turn;
use crate::{Budget, Error, Probe, adjust, resize};

/// What becomes of a picture's shape, decided from its header. A trim decides anew, once there are pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Shape {
    /// Rotation by any angle that comes before the resize.
    pub rotation: Option<EarlyRotation>,
    /// Everything else.
    pub plan: Plan,
    /// Sizes of the steps that follow.
    pub sides: adjust::Sides,
}

/// A rotation before the resize, which is what a width asks for.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct EarlyRotation {
    /// What is rotated. What the resize would throw away anyway is not: the picture first shrinks to twice the size that it
    /// needs.
    pub plan: Plan,
    angle: Decimal,
    turned: (u32, u32),
}

impl Shape {
    /// # Errors
    /// [`Error::CropOutside`], [`Error::OverBudget`].
    pub fn new(probe: &Probe, operations: &Operations, budget: &Budget) -> Result<Self, Error> {
        let (rotation, plan) = match operations.rotate {
            Rotation::Free(angle) if operations.width.is_some() => {
                let (rotation, plan) = rotated_first(probe, angle, operations, budget)?;
                (Some(rotation), plan)
            }
            _ => (None, Plan::new(probe, operations, budget)?),
        };
        let sides = adjust::check(plan.output, operations, budget)?;
        Ok(Self { rotation, plan, sides })
    }

    /// The plan of the first resize.
    pub fn first(&self) -> &Plan {
        self.rotation.as_ref().map_or(&self.plan, |rotation| &rotation.plan)
    }

    /// What is done with the original's own pixels; the shape of what is left.
    ///
    /// # Errors
    /// Those of [`Shape::new`] for what a trim leaves.
    pub fn prepared(
        mut self,
        mut original: Raster,
        probe: &Probe,
        operations: &Operations,
        budget: &Budget,
    ) -> Result<(Raster, Self), Error> {
        if let Some(threshold) = operations.trim {
            original = adjust::trim(original, threshold.value(), Turn::from_exif(probe.orientation));
            let trimmed = Probe {
                width: original.width,
                height: original.height,
                ..*probe
            };
            self = Self::new(&trimmed, operations, budget)?;
        }
        if let Some(gamma) = operations.adjustments.gamma {
            adjust::darken(&mut original, gamma);
        }
        Ok((original, self))
    }

    /// Cuts, resizes and turns the decoded picture.
    pub fn resized(&self, decoded: Raster) -> Result<Raster, Error> {
        Ok(self.first().turn.apply(resize::resize(decoded, self.first())?))
    }

    /// What remains to be done with a picture that is resized and sRGB: the early rotation and its second resize, and the cut
    /// that looks at the picture.
    pub fn finished(&self, mut picture: Raster, operations: &Operations) -> Result<Raster, Error> {
        if let Some(first) = &self.rotation {
            let mut background = operations.background.unwrap_or(Colour::BLACK);
            if operations.grayscale {
                background = grey_colour(background);
            }
            let turned = adjust::rotate(picture, first.angle, first.turned, background, true);
            picture = self.plan.turn.apply(resize::resize(turned, &self.plan)?);
        }
        match self.plan.search {
            Some(position) => adjust::crop(picture, self.plan.output, position),
            None => Ok(picture),
        }
    }
}

/// Whether a step is about the original's own pixels, before any resize.
pub(crate) fn wants_original(operations: &Operations) -> bool {
    operations.trim.is_some() || operations.adjustments.gamma.is_some()
}

fn rotated_first(
    probe: &Probe,
    angle: Decimal,
    operations: &Operations,
    budget: &Budget,
) -> Result<(EarlyRotation, Plan), Error> {
    let before = Operations {
        crop: operations.crop,
        flip: operations.flip,
        flop: operations.flop,
        kernel: operations.kernel,
        ..Operations::default()
    };
    let after = Operations {
        crop: None,
        flip: false,
        flop: false,
        rotate: Rotation::R0,
        ..operations.clone()
    };
    let plan_after = |turned: (u32, u32)| {
        let upright = Probe {
            width: turned.0,
            height: turned.1,
            orientation: 1,
            ..*probe
        };
        Plan::new(&upright, &after, budget)
    };
    let turned = |size| {
        let (width, height) = adjust::turned_sides(size, angle);
        let side = |side: u64| u32::try_from(side).map_err(|_| Error::CropOutside);
        Ok::<_, Error>((side(width)?, side(height)?))
    };
    let frame = Plan::frame(probe, operations)?;
    let scale = plan_after(turned(frame)?)?.scale();
    let shrunk = Operations {
        width: Some(shrunk_side(frame.0, 2.0 * scale)),
        ..before
    };
    let plan = Plan::new(probe, &shrunk, budget)?;
    let turned = turned(plan.output)?;
    // The picture and what it is turned into, which may have transparent corners.
    let pixels = |(width, height): (u32, u32)| u64::from(width).saturating_mul(u64::from(height));
    let together = pixels(plan.output).saturating_add(pixels(turned));
    budget.check_working(together.saturating_mul(4))?;
    budget.check_steps(pixels(turned).saturating_mul(adjust::ROTATION_STEPS))?;
    let after = plan_after(turned)?;
    Ok((EarlyRotation { plan, angle, turned }, after))
}

/// A side at a scale of at most 1, in whole pixels.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn shrunk_side(side: u32, scale: f64) -> u32 {
    (f64::from(side) * scale.min(1.0)).ceil().max(1.0) as u32
}
