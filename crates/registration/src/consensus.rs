//! The map that most pairs of points agree on, although many of the pairs are wrong.

use crate::homography::{Homography, Pair};

/// How far from where a map takes it a point may be, in pixels of the leak.
const TOLERANCE: f64 = 2.0;
/// Samples that are drawn at most. With a third of the pairs right, four of them are all right once in 81 draws.
const DRAWS: usize = 2500;
/// Samples that are drawn at least.
const FEWEST: usize = 200;
/// Natural logarithm of the greatest probability that no sample was right when the search ends early.
const MISSED: f64 = -16.0;

/// A map, and how many pairs agree with it.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Consensus {
    pub map: Homography,
    pub agreeing: usize,
}

/// The similarity that most pairs agree on, or a homography if it has clearly more of them: fewer degrees of freedom are placed
/// more surely.
pub(crate) fn consensus(pairs: &[Pair]) -> Option<Consensus> {
    let similarity = search::<2>(pairs, Homography::similarity);
    let homography = search::<4>(pairs, Homography::fitted);
    match (similarity, homography) {
        (Some(simple), Some(general)) if general.agreeing as f64 > 1.15 * simple.agreeing as f64 + 3.0 => Some(general),
        (simple, general) => simple.or(general),
    }
}

/// How many pairs agree on one similarity.
pub(crate) fn agreement(pairs: &[Pair]) -> usize {
    search::<2>(pairs, Homography::similarity).map_or(0, |found| found.agreeing)
}

fn search<const SAMPLE: usize>(pairs: &[Pair], fit: fn(&[Pair]) -> Option<Homography>) -> Option<Consensus> {
    if pairs.len() < SAMPLE + 2 {
        return None;
    }
    let mut random = Draw(1);
    let count = |map: &Homography| {
        pairs
            .iter()
            .filter(|pair| pair.error(map) < TOLERANCE * TOLERANCE)
            .count()
    };
    let mut best: Option<Consensus> = None;
    let mut enough = DRAWS;
    for draw in 0..DRAWS {
        if draw >= enough.max(FEWEST) {
            break;
        }
        let sample: [Pair; SAMPLE] = std::array::from_fn(|_| pairs[random.below(pairs.len())]);
        // A mirrored leak is tried by itself: its own features are found more surely than chance pairs of symmetric ones.
        let Some(map) = fit(&sample).filter(|map| !map.mirrors()) else {
            continue;
        };
        let agreeing = count(&map);
        if best.is_none_or(|best| agreeing > best.agreeing) {
            best = Some(Consensus { map, agreeing });
            // So many samples are all wrong only with a small probability, if as many pairs are right as agree with this one.
            let right = (agreeing as f64 / pairs.len() as f64).powf(SAMPLE as f64);
            enough = (MISSED / (1.0 - right).ln()).ceil().min(DRAWS as f64) as usize;
        }
    }
    // Fitted again to all that agree, as long as that convinces more.
    let mut best = best?;
    for _ in 0..4 {
        let agreeing: Vec<Pair> = pairs
            .iter()
            .copied()
            .filter(|pair| pair.error(&best.map) < 2.0 * TOLERANCE * TOLERANCE)
            .collect();
        let Some(map) = fit(&agreeing) else { break };
        let agreeing = count(&map);
        if agreeing < best.agreeing {
            break;
        }
        best = Consensus { map, agreeing };
    }
    Some(best)
}

/// A small generator (Marsaglia's xorshift, 2003): the same leak is registered the same way every time.
struct Draw(u64);

impl Draw {
    fn below(&mut self, end: usize) -> usize {
        self.0 ^= self.0 << 13;
        self.0 ^= self.0 >> 7;
        self.0 ^= self.0 << 17;
        ((self.0 >> 32) as usize) % end
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn wrong_pairs_are_outvoted() {
        let mut random = Draw(77);
        for map in [
            Homography([0.8, -0.1, 30.0, 0.1, 0.8, 12.0, 0.0, 0.0, 1.0]),
            Homography([1.0, 0.05, 12.0, -0.04, 0.97, 30.0, 1e-4, -5e-5, 1.0]),
        ] {
            let pairs: Vec<Pair> = (0..300)
                .map(|at| {
                    let [x, y, u, v] = [800, 600, 800, 600].map(|side| random.below(side) as f64);
                    Pair {
                        from: [x, y],
                        to: if at % 3 == 0 { map.apply(x, y) } else { [u, v] },
                    }
                })
                .collect();
            let found = consensus(&pairs).unwrap();
            assert!(found.map.distance(&map, 800, 600) < 0.5, "{found:?}");
            assert!((100..115).contains(&found.agreeing), "{found:?}");
        }
    }

    #[test]
    fn few_pairs_agree_on_nothing() {
        assert!(consensus(&[]).is_none());
        assert!(
            consensus(
                &[Pair {
                    from: [1.0, 1.0],
                    to: [2.0, 2.0]
                }; 50]
            )
            .is_none()
        );
    }
}
