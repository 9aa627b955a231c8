use crate::Plane;
use crate::consensus::agreement;
use crate::features::{Feature, features, pairs};

/// Most features of it.
const FEATURES: usize = 600;

/// The few features by which one of a thousand originals is told from the others, whatever was cut off, turned or scaled. It
/// costs a fraction of a [`Reference`](crate::Reference).
#[derive(Clone, Debug)]
pub struct Sketch(Vec<Feature>);

impl Sketch {
    /// The longer side of the picture that is looked at.
    pub const LONG_SIDE: u32 = 400;

    /// Sketches a picture.
    #[must_use]
    pub fn new(picture: &Plane) -> Self {
        let shrink = f64::from(Self::LONG_SIDE) / picture.width().max(picture.height()) as f64;
        let features = if shrink < 1.0 {
            features(&picture.scaled(shrink), FEATURES)
        } else {
            features(picture, FEATURES)
        };
        Self(features)
    }

    /// How many pairs of points agree that a leak shows this picture. Chance rarely brings six together.
    #[must_use]
    pub fn agreement(&self, leak: &Self) -> usize {
        agreement(&pairs(&self.0, &leak.0))
    }
}
