//! Where the fragile layer lies: in the least-significant bits of samples.

use crate::Picture;
use crate::picture::Shape;
use watermark::MIN_CARRIERS;

/// Copies of the codeword, at most. Nothing is lost between writing and reading, so they help against retouching only.
const COPIES: usize = 8;
/// One row of so many has carriers: the last one of each row of cells, where no chip is.
pub(crate) const BAND: usize = 8;
/// One column of so many has a carrier: the one before and the one behind must keep their lowest bits.
const STEP: usize = 4;

/// The carriers of a picture, which follow from its sides and channels alone.
///
/// Large pictures have them on a grid, in blue, which the eye sees least; small ones in whatever samples there are.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Carriers {
    shape: Shape,
    slots: usize,
    count: usize,
    grid: bool,
}

impl Carriers {
    /// The carriers of a picture of `channels` 8-bit channels: 1 or 2 for grey, 3 or 4 for colours, without or with alpha.
    #[must_use]
    pub fn of(width: u32, height: u32, channels: usize) -> Option<Self> {
        Shape::new(width, height, channels).ok().map(Self::among)
    }

    pub(crate) fn among(shape: Shape) -> Self {
        let on_grid = (shape.height / BAND) * shape.width.div_ceil(STEP).min((shape.width + 1) / STEP);
        let grid = on_grid >= MIN_CARRIERS;
        let slots = if grid {
            on_grid
        } else {
            shape.width.saturating_mul(shape.height).saturating_mul(shape.colours())
        };
        Self {
            shape,
            slots,
            count: MIN_CARRIERS * (slots / MIN_CARRIERS).min(COPIES),
            grid,
        }
    }

    /// How many.
    #[must_use]
    pub fn count(&self) -> usize {
        self.count
    }

    /// The sample of a carrier, counted through rows and channels; `None` if there is no such carrier.
    #[must_use]
    pub fn sample(&self, carrier: usize) -> Option<usize> {
        let (x, y, channel) = self.place(carrier)?;
        Some(y * self.shape.row() + x * self.shape.channels + channel)
    }

    /// Whether carriers lie on the grid, beside chips. If not, rows are not filtered and there are no chips.
    pub(crate) fn on_grid(&self) -> bool {
        self.grid
    }

    /// Column, row and channel of a carrier. In the order of the file.
    pub(crate) fn place(&self, carrier: usize) -> Option<(usize, usize, usize)> {
        if carrier >= self.count {
            return None;
        }
        // Neither factor is above 2^32.
        let slot = (carrier as u64 * self.slots as u64 / self.count as u64) as usize;
        let colours = self.shape.colours();
        if self.grid {
            let columns = (self.shape.width + 1) / STEP;
            let (x, y) = (slot % columns * STEP + 1, slot / columns * BAND + BAND - 1);
            return Some((x, y, colours - 1));
        }
        let pixel = slot / colours;
        Some((pixel % self.shape.width, pixel / self.shape.width, slot % colours))
    }

    /// Gives every carrier a zero, and on the grid its neighbours the lowest bits that make its own difference to the left even and
    /// the next one odd.
    pub(crate) fn clear(&self, picture: &mut Picture) {
        let channels = self.shape.channels;
        for carrier in 0..self.count {
            let Some(place) = self.sample(carrier) else { continue };
            let mut put = |place: Option<usize>, bit: u8| {
                if let Some(sample) = place.and_then(|place| picture.samples.get_mut(place)) {
                    *sample = *sample & !1 | bit;
                }
            };
            put(Some(place), 0);
            if self.grid {
                put(place.checked_sub(channels), 0);
                put(place.checked_add(channels), 1);
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn carriers_are_different_samples_in_the_order_of_the_file() {
        for (width, height, channels) in [
            (800, 600, 3),
            (801, 607, 4),
            (150, 1, 3),
            (15, 10, 4),
            (1, 448, 1),
            (3, 50, 3),
            (160, 96, 2),
            (8, 4000, 1),
        ] {
            let carriers = Carriers::of(width, height, channels).unwrap();
            let places: Vec<usize> = (0..carriers.count()).map(|n| carriers.sample(n).unwrap()).collect();
            assert!(places.len() >= MIN_CARRIERS && places.len().is_multiple_of(MIN_CARRIERS));
            assert!(places.is_sorted_by(|a, b| a < b), "{width}x{height}");
            assert!(places[places.len() - 1] < (width * height) as usize * channels);
            assert_eq!(carriers.sample(carriers.count()), None);
            if carriers.on_grid() {
                let (last, ..) = (0..carriers.count()).filter_map(|n| carriers.place(n)).max().unwrap();
                assert!(last + 1 < width as usize);
            }
        }
        assert_eq!(Carriers::of(149, 1, 3).unwrap().count(), 0);
        assert_eq!(Carriers::of(800, 600, 3).unwrap().count(), 8 * MIN_CARRIERS);
    }
}
