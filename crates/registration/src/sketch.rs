use crate::Plane;
use crate::consensus::agreement;
use crate::features::{Feature, LENGTH, features, pairs};

/// Most features of it.
const FEATURES: usize = 600;

/// The few features by which one of a thousand originals is told from the others, whatever was cut off, turned or scaled. It
/// costs a fraction of a [`Reference`](crate::Reference).
#[derive(Clone, Debug)]
pub struct Sketch(Vec<Feature>);

/// Bytes of a feature that is kept: a place, and a descriptor. Hardly any of its values is above 255.
const KEPT: usize = 2 * size_of::<f32>() + LENGTH;

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

    /// What [`Sketch::from_bytes`] reads: 136 bytes for each feature.
    #[must_use]
    #[expect(clippy::cast_possible_truncation, reason = "a hundredth of a pixel is enough")]
    pub fn to_bytes(&self) -> Vec<u8> {
        let mut bytes = Vec::with_capacity(self.0.len() * KEPT);
        for feature in &self.0 {
            bytes.extend(feature.at.map(|at| (at as f32).to_le_bytes()).as_flattened());
            bytes.extend(feature.descriptor.map(|value| u8::try_from(value).unwrap_or(u8::MAX)));
        }
        bytes
    }

    /// Reads a sketch that was kept. `None` if it is not one.
    #[must_use]
    pub fn from_bytes(bytes: &[u8]) -> Option<Self> {
        let (features, []) = bytes.as_chunks::<KEPT>() else {
            return None;
        };
        let feature = |bytes: &[u8; KEPT]| {
            let (place, descriptor) = bytes.split_at(KEPT - LENGTH);
            let [x, y] = place.as_chunks().0 else { return None };
            let at = [x, y].map(|at| f64::from(f32::from_le_bytes(*at)));
            let descriptor = <&[u8; LENGTH]>::try_from(descriptor).ok()?;
            at.iter().all(|at| at.is_finite()).then_some(Feature {
                at,
                descriptor: descriptor.map(i16::from),
            })
        };
        Some(Self(features.iter().map(feature).collect::<Option<_>>()?))
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_kept_sketch_agrees_as_the_one_that_was_made() {
        let at = |x: usize, y: usize| ((x * 13 % 17) * (y * 7 % 23)) as f32 % 97.0 + ((x / 9 + y / 7) % 5 * 30) as f32;
        let samples = (0..200 * 150).map(|place| at(place % 200, place / 200)).collect();
        let picture = Plane::new(200, 150, samples).unwrap();
        let sketch = Sketch::new(&picture);
        let kept = Sketch::from_bytes(&sketch.to_bytes()).unwrap();
        let leak = Sketch::new(&picture.scaled(0.8));
        let (made, kept) = (sketch.agreement(&leak), kept.agreement(&leak));
        assert!(made >= 20 && kept * 10 >= made * 9, "{made} {kept}");
    }

    #[test]
    fn what_is_no_sketch_is_refused() {
        assert!(Sketch::from_bytes(&[]).unwrap().0.is_empty());
        assert!(Sketch::from_bytes(&[0; KEPT - 1]).is_none());
        assert!(Sketch::from_bytes(&[0xFF; KEPT]).is_none());
        assert_eq!(Sketch::from_bytes(&[1; 2 * KEPT]).unwrap().0.len(), 2);
    }
}
