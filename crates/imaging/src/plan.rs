//! From what is asked for and the source's header to exact sizes, before a pixel is allocated.

mod target;

use operations::{Kernel, Operations, Position};
use target::{target, weights};

use crate::turn::{Rectangle, Turn};
use crate::{Budget, Error, Probe};

/// What the pixel steps do. All of it is decided from headers. Resizing and turning commute, so the turn is done last, on
/// the smaller picture, and everything before it is given in the frame of the stored pixels.
#[derive(Debug, Clone, PartialEq)]
pub(crate) struct Plan {
    /// Part of the stored picture that is used: left, top, width, height in whole pixels, inside the picture.
    pub crop: [u32; 4],
    /// Part of the crop that fills the output: for `cover` with another ratio, or else but for what rounding the output leaves over.
    /// It may reach out of the crop by half a pixel of the output.
    pub window: Rectangle,
    /// Size that the window is resized to, in the stored frame.
    pub scaled: (u32, u32),
    /// From the stored frame to the output's.
    pub turn: Turn,
    /// How the output is found in the turned picture, if that is larger.
    pub search: Option<Position>,
    /// Where the picture lies on a larger canvas.
    pub padding: Option<Padding>,
    /// The filter of the resize.
    pub kernel: Kernel,
    /// Size of the output.
    pub output: (u32, u32),
}

/// A picture's place on its canvas; the canvas is the plan's output.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub(crate) struct Padding {
    pub left: u32,
    pub top: u32,
}

impl Plan {
    /// # Errors
    /// [`Error::CropOutside`], [`Error::OverBudget`] for the output's size.
    pub fn new(source: &Probe, operations: &Operations, budget: &Budget) -> Result<Self, Error> {
        let upright = Turn::from_exif(source.orientation);
        let whole = upright.sides((source.width, source.height));
        let [left, top, width, height] = cropped(whole, operations)?;

        // Mirrors come first, as in sharp. The short names of IPX sort around `rotate`: `s` and `w` come after it, `h` before
        // it. Any angle but quarter turns is for the steps around the plan.
        let rotation = Turn::from_rotation(operations.rotate);
        let mirrors = Turn {
            transpose: false,
            flop: operations.flop,
            flip: operations.flip,
        };
        let rest = mirrors.then(rotation);
        let sides = (operations.width, operations.height);
        let rotate_first = operations.width.is_some();
        let wanted = if rotate_first { sides } else { rotation.sides(sides) };

        let frame = rest.sides((width, height));
        let target = target((u64::from(frame.0), u64::from(frame.1)), wanted, operations);
        let output = budget.check_output(target.canvas.0, target.canvas.1)?;
        let size = budget.check_output(target.size.0, target.size.1)?;

        let turn = upright.then(rest);
        let area = Rectangle {
            left: f64::from(left),
            top: f64::from(top),
            width: f64::from(width),
            height: f64::from(height),
        };
        let stored = upright.origin_of(area, (f64::from(whole.0), f64::from(whole.1)));
        Ok(Self {
            crop: [
                whole_pixels(stored.left),
                whole_pixels(stored.top),
                whole_pixels(stored.width),
                whole_pixels(stored.height),
            ],
            window: turn.origin_of(target.window, (f64::from(frame.0), f64::from(frame.1))),
            scaled: turn.sides(size),
            turn,
            search: operations.position.filter(|_| target.search && size != output),
            padding: (!target.search && size != output)
                .then(|| padding(size, output, operations.position.unwrap_or_default())),
            kernel: operations.kernel.unwrap_or_default(),
            output,
        })
    }

    /// The stored picture as it is.
    pub fn whole(source: &Probe) -> Self {
        let size = (source.width, source.height);
        Self {
            crop: [0, 0, size.0, size.1],
            window: Rectangle {
                left: 0.0,
                top: 0.0,
                width: f64::from(size.0),
                height: f64::from(size.1),
            },
            scaled: size,
            turn: Turn::default(),
            search: None,
            padding: None,
            kernel: Kernel::default(),
            output: size,
        }
    }

    /// The sides of the upright picture, or of its crop.
    ///
    /// # Errors
    /// [`Error::CropOutside`]
    pub fn frame(source: &Probe, operations: &Operations) -> Result<(u32, u32), Error> {
        let whole = Turn::from_exif(source.orientation).sides((source.width, source.height));
        let [_, _, width, height] = cropped(whole, operations)?;
        Ok((width, height))
    }

    /// Pixels that become of one, in the direction in which there are more.
    pub fn scale(&self) -> f64 {
        let (width, height) = (f64::from(self.scaled.0), f64::from(self.scaled.1));
        (width / self.window.width).max(height / self.window.height)
    }

    /// Whether the stored pixels pass through as they are.
    pub fn keeps_pixels(&self) -> bool {
        let [_, _, width, height] = self.crop;
        (width, height) == self.scaled
            && self.window
                == Rectangle {
                    left: 0.0,
                    top: 0.0,
                    width: f64::from(width),
                    height: f64::from(height),
                }
    }
}

fn cropped((width, height): (u32, u32), operations: &Operations) -> Result<[u32; 4], Error> {
    let Some(crop) = operations.crop else {
        return Ok([0, 0, width, height]);
    };
    let inside = |start: u32, length: u32, side: u32| start.checked_add(length).is_some_and(|end| end <= side);
    if crop.width == 0
        || crop.height == 0
        || !inside(crop.left, crop.width, width)
        || !inside(crop.top, crop.height, height)
    {
        return Err(Error::CropOutside);
    }
    Ok([crop.left, crop.top, crop.width, crop.height])
}

fn padding(size: (u32, u32), canvas: (u32, u32), position: Position) -> Padding {
    let (x, y) = weights(position);
    let place =
        |side: u32, canvas: u32, weight: f64| whole_pixels((f64::from(canvas.saturating_sub(side)) * weight).floor());
    Padding {
        left: place(size.0, canvas.0, x),
        top: place(size.1, canvas.1, y),
    }
}

/// A coordinate that is a whole number by construction; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn whole_pixels(value: f64) -> u32 {
    value as u32
}

#[cfg(test)]
mod tests;
