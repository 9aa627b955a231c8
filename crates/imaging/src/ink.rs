//! From printing inks to light: pictures in CMYK.

use moxcms::{ColorProfile, DataColorSpace, Layout, TransformOptions};

/// What four inks look like on coated paper, in sRGB, for a picture that does not say: libvips' own profile for such pictures
/// at a lattice of five amounts (0, a quarter, ... of 255) of cyan, magenta, yellow and black, black the fastest.
const COATED: &[u8; SIDE * SIDE * SIDE * SIDE * 3] = include_bytes!("ink/coated.bin");
const SIDE: usize = 5;

/// A way from inks, 0 for none and 255 for all of it, to sRGB.
pub(crate) struct Inks(Option<std::sync::Arc<moxcms::Transform8BitExecutor>>);

impl Inks {
    /// By the picture's own profile, if it has one that is about four inks and can be used.
    pub fn new(profile: Option<&[u8]>) -> Self {
        let own = profile.filter(|profile| profile.len() <= crate::colour::MAX_PROFILE);
        Self(own.and_then(|profile| {
            let profile = ColorProfile::new_from_slice(profile).ok()?;
            if profile.color_space != DataColorSpace::Cmyk {
                return None;
            }
            let srgb = ColorProfile::new_srgb();
            profile
                .create_transform_8bit(Layout::Rgba, &srgb, Layout::Rgb, TransformOptions::default())
                .ok()
        }))
    }

    /// Red, green and blue of pixels of cyan, magenta, yellow and black.
    pub fn light(&self, inks: &[[u8; 4]]) -> Vec<u8> {
        let mut light = vec![[0; 3]; inks.len()];
        let done = self.0.as_ref().is_some_and(|transform| {
            transform
                .transform(inks.as_flattened(), light.as_flattened_mut())
                .is_ok()
        });
        if !done {
            light
                .iter_mut()
                .zip(inks)
                .for_each(|(light, inks)| *light = coated(*inks));
        }
        light.into_flattened()
    }
}

/// Between the sixteen nearest points of the lattice, linearly in each ink.
fn coated(inks: [u8; 4]) -> [u8; 3] {
    let steps = SIDE - 1;
    let places = inks.map(|ink| {
        let scaled = usize::from(ink) * steps;
        let low = (scaled / 255).min(steps - 1);
        (low, (scaled - low * 255) as f32 / 255.0)
    });
    let mut sum = [0.5f32; 3];
    for corner in 0..16usize {
        let (mut at, mut weight) = (0, 1.0);
        for (axis, (low, part)) in places.iter().enumerate() {
            let up = corner >> axis & 1;
            at = at * SIDE + low + up;
            weight *= if up == 1 { *part } else { 1.0 - part };
        }
        let colour = COATED.as_chunks::<3>().0.get(at).copied().unwrap_or_default();
        for (sum, sample) in sum.iter_mut().zip(colour) {
            *sum += weight * f32::from(sample);
        }
    }
    // At most 255.5, which `as` rounds down.
    sum.map(|sample| sample as u8)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn paper_and_inks() {
        let inks = Inks::new(None);
        let light = inks.light(&[[0; 4], [255; 4], [0, 255, 255, 0], [0, 0, 255, 0], [0, 0, 0, 128]]);
        let [paper, all, red, yellow, half] = light.as_chunks::<3>().0 else {
            panic!("five colours");
        };
        assert_eq!((*paper, *all, *yellow), ([255; 3], [0; 3], [255, 240, 0]));
        assert!(red[0] > 200 && red[1] < 50 && red[2] < 50, "{red:?}");
        assert!(half.iter().all(|sample| (110..160).contains(sample)), "{half:?}");
    }

    #[test]
    fn what_is_no_profile_of_inks_is_none() {
        let srgb = ColorProfile::new_srgb().encode().unwrap();
        for profile in [&b""[..], b"noise", &srgb] {
            assert!(Inks::new(Some(profile)).0.is_none());
        }
    }
}
