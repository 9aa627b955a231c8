use crate::codec::{jpeg, webp, webp_file};
use crate::geometry::{crop, flip, perspective, resize, rotate, scale, screenshot, trimmed};
use crate::tone::{blur, contrast, grey, median, noise};
use crate::{Error, Picture};

/// A distortion with a name.
#[derive(Clone, Copy, Debug)]
pub struct Distortion {
    /// Its name in tables.
    pub name: &'static str,
    means: Means,
}

#[derive(Clone, Copy, Debug)]
enum Means {
    Pixels(fn(&Picture) -> Result<Picture, Error>),
    /// Lossy WebP of this quality.
    WebP(u8),
}

impl Distortion {
    /// Distorts a picture, the same way every time.
    ///
    /// # Errors
    /// [`Error::Sides`] if it is too large for the codecs, [`Error::Codec`] if one refuses it.
    pub fn apply(&self, picture: &Picture) -> Result<Picture, Error> {
        match self.means {
            Means::Pixels(apply) => apply(picture),
            Means::WebP(quality) => webp(picture, quality),
        }
    }

    /// The file that a distortion ends with, where it says more than its pixels do: lossy WebP. `None` of all others.
    ///
    /// # Errors
    /// As [`Self::apply`].
    pub fn file(&self, picture: &Picture) -> Result<Option<Vec<u8>>, Error> {
        match self.means {
            Means::Pixels(_) => Ok(None),
            Means::WebP(quality) => webp_file(picture, quality).map(Some),
        }
    }
}

/// The distortion of a name, of either list.
#[must_use]
pub fn named(name: &str) -> Option<Distortion> {
    FIRST
        .iter()
        .chain(HARDER)
        .find(|distortion| distortion.name == name)
        .copied()
}

const fn named_as(name: &'static str, apply: fn(&Picture) -> Result<Picture, Error>) -> Distortion {
    Distortion {
        name,
        means: Means::Pixels(apply),
    }
}

const fn webp_as(name: &'static str, quality: u8) -> Distortion {
    Distortion {
        name,
        means: Means::WebP(quality),
    }
}

fn back(picture: &Picture, factor: f64) -> Result<Picture, Error> {
    resize(&scale(picture, factor)?, picture.width, picture.height)
}

/// What ordinary use does to a picture.
pub const FIRST: &[Distortion] = &[
    named_as("none", |p| Ok(p.clone())),
    named_as("jpeg90", |p| jpeg(p, 90)),
    named_as("jpeg75", |p| jpeg(p, 75)),
    named_as("jpeg50", |p| jpeg(p, 50)),
    named_as("jpeg30", |p| jpeg(p, 30)),
    webp_as("webp75", 75),
    webp_as("webp50", 50),
    named_as("resize75", |p| scale(p, 0.75)),
    named_as("resize50", |p| scale(p, 0.5)),
    named_as("resize150", |p| scale(p, 1.5)),
    named_as("resize75_back", |p| back(p, 0.75)),
    named_as("resize50_back", |p| back(p, 0.5)),
    named_as("resize150_back", |p| back(p, 1.5)),
    named_as("crop10", |p| Ok(crop(p, 0.9))),
    named_as("crop25", |p| Ok(crop(p, 0.75))),
    named_as("crop50", |p| Ok(crop(p, 0.5))),
    named_as("rot1", |p| Ok(rotate(p, 1.0))),
    named_as("rot5", |p| Ok(rotate(p, 5.0))),
    named_as("bright+20", |p| Ok(p.bytes(|value| value * 1.2))),
    named_as("bright-20", |p| Ok(p.bytes(|value| value * 0.8))),
    named_as("contrast+20", |p| Ok(contrast(p, 1.2))),
    named_as("contrast-20", |p| Ok(contrast(p, 0.8))),
    named_as("noise5", |p| Ok(noise(p, 5.0))),
    named_as("noise10", |p| Ok(noise(p, 10.0))),
    named_as("blur1", |p| Ok(blur(p, 1.0))),
    named_as("blur2", |p| Ok(blur(p, 2.0))),
    named_as("shot08_j80", |p| jpeg(&scale(p, 0.8)?, 80)),
    named_as("screenshot_page", |p| jpeg(&screenshot(p)?, 80)),
];

/// What somebody does who wants the mark gone, or does not care what the picture looks like.
pub const HARDER: &[Distortion] = &[
    named_as("crop75", |p| Ok(crop(p, 0.25))),
    named_as("crop90", |p| Ok(crop(p, 0.1))),
    named_as("crop50_j50", |p| jpeg(&crop(p, 0.5), 50)),
    named_as("crop75_r80_j60", |p| jpeg(&scale(&crop(p, 0.25), 0.8)?, 60)),
    named_as("resize50_j50", |p| jpeg(&scale(p, 0.5)?, 50)),
    named_as("resize25", |p| scale(p, 0.25)),
    named_as("rot5_crop_j75", |p| jpeg(&trimmed(&rotate(p, 5.0), 0.12), 75)),
    named_as("rot15", |p| Ok(rotate(p, 15.0))),
    named_as("flip", |p| Ok(flip(p))),
    named_as("persp3_j80", |p| jpeg(&perspective(p, 0.03), 80)),
    named_as("aspect_95x100", |p| {
        resize(p, (p.width as f64 * 0.95).round() as usize, p.height)
    }),
    named_as("gray_j75", |p| jpeg(&grey(p), 75)),
    named_as("gamma0.7", |p| Ok(p.bytes(|value| 255.0 * (value / 255.0).powf(0.7)))),
    named_as("median3", |p| Ok(median(p))),
    named_as("jpeg10", |p| jpeg(p, 10)),
    named_as("social", |p| jpeg(&scale(&jpeg(p, 85)?, 0.6)?, 70)),
    webp_as("webp20", 20),
    named_as("posterize16", |p| {
        Ok(p.bytes(|value| (value / 16.0).floor() * 16.0 + 8.0))
    }),
    named_as("3gen", |p| jpeg(&webp(&jpeg(p, 80)?, 70)?, 60)),
];

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn every_distortion_changes_the_picture_but_the_first() {
        let texture = |x: usize, y: usize| ((x * 7 + y * 13 + x * y % 11) % 97 + 80) as u8;
        let picture = Picture::drawn(96, 80, |x, y| [texture(x, y), texture(y, x), 100 + (x / 3) as u8]);
        let names: HashSet<&str> = FIRST.iter().chain(HARDER).map(|distortion| distortion.name).collect();
        assert_eq!(names.len(), FIRST.len() + HARDER.len());
        for distortion in FIRST.iter().chain(HARDER) {
            let distorted = distortion.apply(&picture).unwrap();
            assert_eq!(distorted, distortion.apply(&picture).unwrap());
            assert_eq!(distorted == picture, distortion.name == "none", "{}", distortion.name);
            assert_eq!(
                distortion.file(&picture).unwrap().is_some(),
                distortion.name.starts_with("webp")
            );
            assert_eq!(named(distortion.name).map(|found| found.name), Some(distortion.name));
        }
        assert!(named("rot90").is_none());
    }
}
