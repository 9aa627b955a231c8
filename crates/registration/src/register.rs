use crate::consensus::consensus;
use crate::features::{Feature, features, pairs};
use crate::refine::{LEAST, Level, correlation, levels, refine};
use crate::template::template;
use crate::warp::{Warped, warp};
use crate::{Homography, Plane};

/// What a leak may have been made from: a rendition as it was delivered, without anybody's marks but the visible one.
#[derive(Clone, Debug)]
pub struct Reference {
    plane: Plane,
    features: Vec<Feature>,
    levels: [Level; 2],
    details: Plane,
}

/// Where the reference lies in a leak.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Registration {
    /// From a pixel of the reference to one of the leak, which is mirrored before if `mirrored`.
    pub map: Homography,
    /// Whether the leak shows the picture in a mirror.
    pub mirrored: bool,
    /// How alike the two are where the leak reaches: the correlation of their details, 1 for equal ones, near 0 for another
    /// picture.
    pub likeness: f64,
}

/// Most features of one picture.
const FEATURES: usize = 3000;
/// How alike the pictures must be for a whole copy and a mirror image not to be tried, and for a search by template to be spared. That
/// many points agree is not enough: of a building's windows each is like all others, also in a mirror, and a visible mark has them too.
const SURE: f64 = 0.95;
const FOUND: f64 = 0.8;
/// Correlation above which a place found by template is looked into.
const PLAUSIBLE: f64 = 0.6;
/// How much less alike a plain map may be than a general one, and still be taken for the truth: the general one also fits noise.
const SIMPLER: f64 = 3e-4;

impl Reference {
    /// Finds the features of a rendition.
    #[must_use]
    pub fn new(plane: Plane) -> Self {
        Self {
            features: features(&plane, FEATURES),
            levels: levels(&plane),
            details: details(&plane),
            plane,
        }
    }

    /// The rendition.
    #[must_use]
    pub fn plane(&self) -> &Plane {
        &self.plane
    }

    /// Finds the rendition in a leak. `None` if nothing of it can be found; a [`likeness`](Registration::likeness) near 0 is
    /// another picture that happens to have similar points.
    #[must_use]
    pub fn register(&self, leak: &Plane) -> Option<Registration> {
        let (width, height) = (self.plane.width(), self.plane.height());
        let mirror = leak.mirrored();
        let of = |mirrored: bool| if mirrored { &mirror } else { leak };
        let judged = |map: Homography, mirrored: bool| {
            Some(Registration {
                map,
                mirrored,
                likeness: self.likeness(of(mirrored), &map)?,
            })
        };
        let refined = |map: &Homography, mirrored: bool| judged(refine(&self.levels, of(mirrored), map)?, mirrored);
        // A whole copy, of whatever size.
        let whole = Homography::scale(leak.width() as f64 / width as f64, leak.height() as f64 / height as f64);
        let mut found: Vec<Registration> = Vec::new();
        let alike = |found: &[Registration], least: f64| found.iter().any(|found| found.likeness > least);
        for mirrored in [false, true] {
            if alike(&found, SURE) {
                break;
            }
            let consensus = consensus(&pairs(&self.features, &features(of(mirrored), FEATURES)));
            found.extend(consensus.and_then(|consensus| refined(&consensus.map, mirrored)));
            if !alike(&found, SURE) {
                // As it is, too: what is clipped to white leads refinement astray.
                found.extend(refined(&whole, mirrored).into_iter().chain(judged(whole, mirrored)));
            }
        }
        if !alike(&found, FOUND) {
            for mirrored in [false, true] {
                let place = template(&self.plane, of(mirrored)).filter(|found| found.0 > PLAUSIBLE);
                found.extend(place.and_then(|(_, map)| refined(&map, mirrored)));
            }
        }
        let best = found.into_iter().max_by(|a, b| a.likeness.total_cmp(&b.likeness))?;
        let simpler = plain(&best.map, &whole, width, height).into_iter().filter_map(|map| {
            let likeness = self.likeness(of(best.mirrored), &map)?;
            Some(Registration { map, likeness, ..best }).filter(|simple| simple.likeness >= best.likeness - SIMPLER)
        });
        Some(simpler.max_by(|a, b| a.likeness.total_cmp(&b.likeness)).unwrap_or(best))
    }

    /// Brings a leak to the rendition's grid.
    #[must_use]
    pub fn align(&self, leak: &Plane, registration: &Registration) -> Option<Warped> {
        let upright = if registration.mirrored {
            leak.mirrored()
        } else {
            leak.clone()
        };
        let warped = warp(&upright, &registration.map, self.plane.width(), self.plane.height())?;
        Some(Warped {
            source: Some((upright, registration.map)),
            ..warped
        })
    }

    /// The correlation of details.
    fn likeness(&self, leak: &Plane, map: &Homography) -> Option<f64> {
        let warped = warp(leak, map, self.plane.width(), self.plane.height())?;
        if warped.mask.count() < LEAST {
            return None;
        }
        Some(correlation(&self.details, &details(&warped.plane), &warped.mask))
    }
}

/// What is finer than a blur of four pixels and coarser than one of one.
fn details(plane: &Plane) -> Plane {
    let fine = plane.blurred(1.0);
    // The second blur makes of the first one of four pixels.
    let coarse = fine.blurred(15_f32.sqrt());
    fine.less(&coarse)
}

/// Plain maps next to a general one: a whole copy, or a crop along the pixels' grid.
fn plain(map: &Homography, whole: &Homography, width: usize, height: usize) -> Vec<Homography> {
    let [x, y] = map.apply(0.0, 0.0);
    let crop = Homography::shift(x.round(), y.round());
    let step = map.magnification(width, height);
    [*whole, crop]
        .into_iter()
        .filter(|simple| simple.distance(map, width, height) < 2.0 * step.min(1.0))
        .collect()
}

#[cfg(test)]
mod tests;
