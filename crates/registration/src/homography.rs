use crate::linear::solve;

/// A projective map of the plane: `[a b c; d e f; g h 1]`, row by row, acting on pixel coordinates.
#[derive(Clone, Copy, Debug, PartialEq)]
pub struct Homography(pub [f64; 9]);

impl Homography {
    /// Every point where it is.
    pub const IDENTITY: Self = Self([1.0, 0.0, 0.0, 0.0, 1.0, 0.0, 0.0, 0.0, 1.0]);

    /// Scales pixels' *areas* by `x` and `y`: the corner of the picture stays where it is, and not the centre of its first pixel.
    #[must_use]
    pub fn scale(x: f64, y: f64) -> Self {
        Self([x, 0.0, (x - 1.0) / 2.0, 0.0, y, (y - 1.0) / 2.0, 0.0, 0.0, 1.0])
    }

    /// Moves by a vector.
    #[must_use]
    pub fn shift(x: f64, y: f64) -> Self {
        Self([1.0, 0.0, x, 0.0, 1.0, y, 0.0, 0.0, 1.0])
    }

    /// Where a point goes.
    #[must_use]
    pub fn apply(&self, x: f64, y: f64) -> [f64; 2] {
        let Self([a, b, c, d, e, f, g, h, i]) = self;
        let w = g * x + h * y + i;
        [(a * x + b * y + c) / w, (d * x + e * y + f) / w]
    }

    /// First `other`, then this.
    #[must_use]
    pub fn after(&self, other: &Self) -> Self {
        let mut product = [0.0; 9];
        for (at, value) in product.iter_mut().enumerate() {
            *value = (0..3).map(|k| self.0[at / 3 * 3 + k] * other.0[k * 3 + at % 3]).sum();
        }
        Self(product.map(|value| value / product[8]))
    }

    /// The way back; `None` if there is none.
    #[must_use]
    pub fn inverse(&self) -> Option<Self> {
        let Self([a, b, c, d, e, f, g, h, i]) = *self;
        let adjugate = [
            e * i - f * h,
            c * h - b * i,
            b * f - c * e,
            f * g - d * i,
            a * i - c * g,
            c * d - a * f,
            d * h - e * g,
            b * g - a * h,
            a * e - b * d,
        ];
        let determinant = a * adjugate[0] + b * adjugate[3] + c * adjugate[6];
        (determinant.abs() > 1e-12 && adjugate[8].abs() > 1e-12)
            .then(|| Self(adjugate.map(|value| value / adjugate[8])))
            .filter(|inverse| inverse.0.iter().all(|value| value.is_finite()))
    }

    /// Whether left and right change places.
    pub(crate) fn mirrors(&self) -> bool {
        let Self([a, b, c, d, e, f, g, h, i]) = self;
        a * (e * i - f * h) - b * (d * i - f * g) + c * (d * h - e * g) < 0.0
    }

    /// How many pixels of the target a pixel at the middle of a picture of this size becomes, each way.
    #[must_use]
    pub fn magnification(&self, width: usize, height: usize) -> f64 {
        let (x, y) = (width as f64 / 2.0, height as f64 / 2.0);
        let ([x0, y0], [x1, y1], [x2, y2]) = (self.apply(x, y), self.apply(x + 1.0, y), self.apply(x, y + 1.0));
        ((x1 - x0) * (y2 - y0) - (x2 - x0) * (y1 - y0)).abs().sqrt()
    }

    /// The greatest distance in pixels between where this and `other` take a corner of a picture of this size.
    #[must_use]
    pub fn distance(&self, other: &Self, width: usize, height: usize) -> f64 {
        let corner = |x: f64, y: f64| {
            let ([x0, y0], [x1, y1]) = (self.apply(x, y), other.apply(x, y));
            (x0 - x1).hypot(y0 - y1)
        };
        let (width, height) = (width as f64, height as f64);
        [(0.0, 0.0), (width, 0.0), (0.0, height), (width, height)]
            .into_iter()
            .map(|(x, y)| corner(x, y))
            .fold(0.0, f64::max)
    }

    /// The similarity (turn, scale, move) with the least squared error over pairs of points; `None` for fewer than two.
    #[must_use]
    pub(crate) fn similarity(pairs: &[Pair]) -> Option<Self> {
        let n = pairs.len() as f64;
        let mean = |of: fn(&Pair) -> f64| pairs.iter().map(of).sum::<f64>() / n;
        let (mx, my) = (mean(|pair| pair.from[0]), mean(|pair| pair.from[1]));
        let (mu, mv) = (mean(|pair| pair.to[0]), mean(|pair| pair.to[1]));
        let (mut dot, mut cross, mut norm) = (0.0, 0.0, 0.0);
        for Pair { from, to } in pairs {
            let (x, y, u, v) = (from[0] - mx, from[1] - my, to[0] - mu, to[1] - mv);
            dot += x * u + y * v;
            cross += x * v - y * u;
            norm += x * x + y * y;
        }
        let (a, b) = (dot / norm, cross / norm);
        (norm > 1e-9 && a.hypot(b) > 1e-6)
            .then(|| Self([a, -b, mu - a * mx + b * my, b, a, mv - b * mx - a * my, 0.0, 0.0, 1.0]))
    }

    /// The homography with the least squared error over pairs of points, in the linear form (Hartley and Zisserman, "Multiple
    /// view geometry", section 4.1), points brought around the origin first; `None` for fewer than four or for degenerate ones.
    #[must_use]
    pub(crate) fn fitted(pairs: &[Pair]) -> Option<Self> {
        if pairs.len() < 4 {
            return None;
        }
        let from = around(pairs.iter().map(|pair| pair.from));
        let to = around(pairs.iter().map(|pair| pair.to));
        let mut a = vec![vec![0.0; 8]; 8];
        let mut b = vec![0.0; 8];
        for pair in pairs {
            let ([x, y], [u, v]) = (from.apply(pair.from[0], pair.from[1]), to.apply(pair.to[0], pair.to[1]));
            for (row, target) in [
                ([x, y, 1.0, 0.0, 0.0, 0.0, -u * x, -u * y], u),
                ([0.0, 0.0, 0.0, x, y, 1.0, -v * x, -v * y], v),
            ] {
                for i in 0..8 {
                    for j in 0..=i {
                        a[i][j] += row[i] * row[j];
                    }
                    b[i] += row[i] * target;
                }
            }
        }
        let h = solve(a, b)?;
        let inner = Self([h[0], h[1], h[2], h[3], h[4], h[5], h[6], h[7], 1.0]);
        Some(to.inverse()?.after(&inner).after(&from)).filter(|found| found.0.iter().all(|value| value.is_finite()))
    }
}

/// A point of one picture and where it is in another.
#[derive(Clone, Copy, Debug, PartialEq)]
pub(crate) struct Pair {
    pub from: [f64; 2],
    pub to: [f64; 2],
}

impl Pair {
    /// The squared distance in pixels by which a map misses.
    pub fn error(&self, map: &Homography) -> f64 {
        let [x, y] = map.apply(self.from[0], self.from[1]);
        (x - self.to[0]).powi(2) + (y - self.to[1]).powi(2)
    }
}

/// The map that brings points around the origin, at a distance of about one.
fn around(points: impl Iterator<Item = [f64; 2]> + Clone) -> Homography {
    let n = points.clone().count() as f64;
    let mean = |axis: usize| points.clone().map(|point| point[axis]).sum::<f64>() / n;
    let (x, y) = (mean(0), mean(1));
    let spread = points
        .clone()
        .map(|point| (point[0] - x).hypot(point[1] - y))
        .sum::<f64>()
        / n;
    let s = if spread > 1e-9 { 1.0 / spread } else { 1.0 };
    Homography([s, 0.0, -s * x, 0.0, s, -s * y, 0.0, 0.0, 1.0])
}

#[cfg(test)]
mod tests {
    use super::*;

    fn pairs(map: &Homography) -> Vec<Pair> {
        [(3.0, 5.0), (790.0, 20.0), (10.0, 580.0), (700.0, 590.0), (400.0, 310.0)]
            .map(|(x, y)| Pair {
                from: [x, y],
                to: map.apply(x, y),
            })
            .to_vec()
    }

    #[test]
    fn maps_are_found_again_from_points() {
        let tilted = Homography([1.02, 0.1, 12.0, -0.08, 0.97, 30.0, 2e-5, -3e-5, 1.0]);
        let turned = Homography([0.8, -0.3, 5.0, 0.3, 0.8, -7.0, 0.0, 0.0, 1.0]);
        assert!(Homography::fitted(&pairs(&tilted)).unwrap().distance(&tilted, 800, 600) < 1e-6);
        assert!(
            Homography::similarity(&pairs(&turned))
                .unwrap()
                .distance(&turned, 800, 600)
                < 1e-6
        );
        let back = tilted.inverse().unwrap().after(&tilted);
        assert!(back.distance(&Homography::IDENTITY, 800, 600) < 1e-6);
        assert!((turned.magnification(800, 600) - 0.73_f64.sqrt()).abs() < 1e-9);
        let corner = Homography::scale(2.0, 2.0).apply(-0.5, -0.5);
        assert_eq!(corner, [-0.5, -0.5]);
    }

    #[test]
    fn too_few_or_degenerate_points_give_nothing() {
        let line: Vec<Pair> = (0..6)
            .map(|at| Pair {
                from: [f64::from(at), 0.0],
                to: [f64::from(at), 0.0],
            })
            .collect();
        assert_eq!(Homography::fitted(&line), None);
        assert_eq!(Homography::fitted(&line[..3]), None);
        assert_eq!(Homography::similarity(&line[..1]), None);
        assert_eq!(Homography::similarity(&[]), None);
    }
}
