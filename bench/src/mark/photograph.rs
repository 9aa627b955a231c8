//! The photographs, at the size of the usual rendition. Sources and licences: docs/BENCHMARKS.md.

use std::path::PathBuf;

use anyhow::{Context, Result};
use deckle_tests::repository;
use distortion::Picture;
use image::DynamicImage;
use watermark::Overlay;

/// Sides of every rendition.
pub const SIDES: (u16, u16) = (800, 600);

/// Who brings a photograph.
#[derive(Clone, Copy, Debug)]
enum Source {
    /// A Debian package, unpacked by `cargo xtask bench`.
    Package(&'static str),
    /// static/photos.
    Repository,
}

/// One photograph.
#[derive(Clone, Copy, Debug)]
pub struct Photograph {
    /// Its name in what is said about it.
    pub name: &'static str,
    source: Source,
    file: &'static str,
    /// Nobody looked at what becomes of it while the mark, the detector and this benchmark were made.
    pub held_back: bool,
}

const LOMIRI: Source = Source::Package("lomiri-wallpapers-16.04/usr/share/backgrounds");
const LOMIRI_20: Source = Source::Package("lomiri-wallpapers-20.04/usr/share/backgrounds");
const MATE: Source = Source::Package("mate-backgrounds/usr/share/backgrounds/mate/nature");

/// All of them; those that are held back are spread, so that any first few have some.
pub const PHOTOGRAPHS: [Photograph; 28] = [
    known("wine", LOMIRI, "Wine_by_Jakkub_Mede.jpg"),
    known("storm", MATE, "Storm.jpg"),
    held_back("bridge", LOMIRI, "Bridge_by_Sander_Klootwijk.jpg"),
    known("picos", LOMIRI, "picosdeeuropa_by_Aitzol_Berasategi.jpg"),
    known("kleiber", LOMIRI_20, "Kleiber_by_Lukas_Baubkus.jpg"),
    held_back("ladybird", MATE, "LadyBird.jpg"),
    known("dragonfly", LOMIRI, "Dragonfly_by_Bolly.jpg"),
    known("casa-mila", Source::Repository, "casa-mila.jpg"),
    known("garden", MATE, "Garden.jpg"),
    held_back("umang", LOMIRI, "umang_by_Abhishek_Mudgal.jpg"),
    known("brushes", LOMIRI, "Picture_1A_by_freespace.jpg"),
    known("otters", Source::Repository, "oakland-zoo-otters.jpg"),
    known("sunset", LOMIRI, "sunset_by_Aitzol_Berasategi.jpg"),
    held_back("raindrops", MATE, "RainDrops.jpg"),
    known("aitzgorri", LOMIRI, "aitzgorri_by_Aitzol_Berasategi.jpg"),
    known("tea-gardens", Source::Repository, "tea-gardens.jpg"),
    known("friends", LOMIRI, "friends_by_Aitzol_Berasategi.jpg"),
    held_back("greentock", LOMIRI, "greentock_by_Peter_Nerlich.jpg"),
    known("life", LOMIRI, "life_by_Aitzol_Berasategi.jpg"),
    known("colosseum", Source::Repository, "roman-colosseum.jpg"),
    known("free", LOMIRI, "free_by_Peter_Nerlich.jpg"),
    held_back("dune", MATE, "Dune.jpg"),
    known("seeding", LOMIRI, "seeding_by_Clements_Engelhardt.jpg"),
    known("aqua", MATE, "Aqua.jpg"),
    known("tools", LOMIRI, "Picture_0B_by_freespace.jpg"),
    held_back("sea", LOMIRI_20, "Infinite-Sea_by_Aury88.jpg"),
    known("blinds", MATE, "Blinds.jpg"),
    held_back("two-wings", MATE, "TwoWings.jpg"),
];

const fn known(name: &'static str, source: Source, file: &'static str) -> Photograph {
    Photograph {
        name,
        source,
        file,
        held_back: false,
    }
}

const fn held_back(name: &'static str, source: Source, file: &'static str) -> Photograph {
    Photograph {
        held_back: true,
        ..known(name, source, file)
    }
}

impl Photograph {
    /// All of it.
    pub fn open(&self) -> Result<DynamicImage> {
        let path = self.path();
        image::open(&path).with_context(|| format!("{} cannot be read", path.display()))
    }

    /// The largest part of its middle that has the rendition's proportions, at its size.
    pub fn pixels(&self) -> Result<Picture> {
        let image = self.open()?;
        let (width, height) = (u64::from(image.width()), u64::from(image.height()));
        let (w, h) = (u64::from(SIDES.0), u64::from(SIDES.1));
        let (wide, high) = if width * h > height * w {
            (height * w / h, height)
        } else {
            (width, width * h / w)
        };
        let (left, top) = ((width - wide) / 2, (height - high) / 2);
        let middle = image.crop_imm(left.try_into()?, top.try_into()?, wide.try_into()?, high.try_into()?);
        let middle = Picture::new(wide.try_into()?, high.try_into()?, middle.into_rgb8().into_raw())?;
        Ok(middle.resized(SIDES.0.into(), SIDES.1.into())?)
    }

    fn path(&self) -> PathBuf {
        match self.source {
            Source::Package(folder) => repository().join("target/bench").join(folder),
            Source::Repository => repository().join("static/photos"),
        }
        .join(self.file)
    }
}

/// A picture with the visible mark, as every rendition has it.
pub fn branded(picture: &Picture, overlay: &Overlay) -> Result<Picture> {
    let opaque = |[r, g, b]: &[u8; 3]| [*r, *g, *b, 255];
    let mut rgba: Vec<u8> = picture.rgb.as_chunks().0.iter().flat_map(opaque).collect();
    overlay.paint_rgba(&mut rgba, picture.width.try_into()?, picture.height.try_into()?);
    let rgb = rgba.as_chunks().0.iter().flat_map(|[r, g, b, _]| [*r, *g, *b]);
    Ok(Picture::new(picture.width, picture.height, rgb.collect())?)
}

#[cfg(test)]
mod tests {
    use super::*;
    use std::collections::HashSet;

    #[test]
    fn enough_are_held_back_and_names_are_of_one() {
        assert!(PHOTOGRAPHS.iter().filter(|photograph| photograph.held_back).count() >= 6);
        let names: HashSet<&str> = PHOTOGRAPHS.iter().map(|photograph| photograph.name).collect();
        assert_eq!(names.len(), PHOTOGRAPHS.len());
    }

    #[test]
    fn a_photograph_has_the_sides_of_a_rendition() {
        let otters = PHOTOGRAPHS
            .iter()
            .find(|photograph| photograph.name == "otters")
            .unwrap();
        let picture = otters.pixels().unwrap();
        assert_eq!((picture.width, picture.height), (800, 600));
    }
}
