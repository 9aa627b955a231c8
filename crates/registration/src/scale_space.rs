//! The points of a picture that stand out at some scale: extrema of the difference of Gaussians.

use crate::Plane;
use rayon::prelude::*;

/// Scales looked at between one size and half of it.
const SCALES: usize = 3;
/// The blur of the first scale in pixels of its octave.
const FIRST: f32 = 1.6;
/// The blur that a picture is taken to have already.
const TAKEN: f32 = 0.5;
/// The least contrast of an extremum in grey levels: low, because a leak may be all sky.
const CONTRAST: f32 = 0.75;
/// An extremum with principal curvatures of a greater ratio lies on an edge, along which it cannot be placed.
const EDGE: f32 = 10.0;

/// One octave: the picture at one size, blurred more and more.
pub(crate) struct Octave {
    /// Pixels of the whole picture for one pixel of this octave.
    pub step: f32,
    pub blurred: Vec<Plane>,
    /// Magnitude and direction of the gradient at each pixel of the levels that have extrema, the direction as a share of the full
    /// circle.
    pub gradients: Vec<Vec<[f32; 2]>>,
}

impl Octave {
    fn new(step: f32, blurred: Vec<Plane>) -> Self {
        Self {
            step,
            gradients: blurred[1..=SCALES].iter().map(polar).collect(),
            blurred,
        }
    }

    /// Columns and rows.
    pub fn sides(&self) -> [usize; 2] {
        [self.blurred[0].width(), self.blurred[0].height()]
    }

    /// The gradients around an extremum.
    pub fn around(&self, point: &Extremum) -> &[[f32; 2]] {
        &self.gradients[point.level - 1]
    }
}

/// The gradients inside a plane; those of its outermost pixels are 0.
fn polar(plane: &Plane) -> Vec<[f32; 2]> {
    let (width, height) = (plane.width(), plane.height());
    let mut gradients = vec![[0.0; 2]; width * height];
    let line = |y: usize| &plane.samples()[y * width..][..width];
    let rows = gradients.par_chunks_exact_mut(width).enumerate();
    rows.filter(|(y, _)| (1..height - 1).contains(y)).for_each(|(y, row)| {
        let (above, here, below) = (line(y - 1), line(y), line(y + 1));
        let inside = row[1..width - 1].iter_mut().zip(here.windows(3));
        for ((gradient, here), (above, below)) in inside.zip(above[1..].iter().zip(&below[1..])) {
            let (dx, dy) = ((here[2] - here[0]) / 2.0, (below - above) / 2.0);
            *gradient = [(dx * dx + dy * dy).sqrt(), turns(dx, dy)];
        }
    });
    gradients
}

/// The angle of a vector as a share of the full circle, from 0 to 1, to a thousandth of it: a polynomial, because every pixel of
/// every scale is asked for.
fn turns(x: f32, y: f32) -> f32 {
    let (across, up) = (x.abs(), y.abs());
    let ratio = across.min(up) / across.max(up).max(1e-20);
    let square = ratio * ratio;
    let octant = ((-0.046_496_47 * square + 0.159_314_22) * square - 0.327_622_76) * square * ratio + ratio;
    let octant = octant * (0.5 * std::f32::consts::FRAC_1_PI);
    let quarter = if up > across { 0.25 - octant } else { octant };
    let half = if x < 0.0 { 0.5 - quarter } else { quarter };
    if y < 0.0 { 1.0 - half } else { half }
}

/// A point that stands out.
#[derive(Clone, Copy, Debug)]
pub(crate) struct Extremum {
    pub octave: usize,
    /// Which of the octave's planes is nearest in scale.
    pub level: usize,
    /// Place in pixels of the octave.
    pub x: f32,
    pub y: f32,
    /// Standard deviation of the scale in pixels of the octave.
    pub sigma: f32,
    pub contrast: f32,
}

/// The octaves of a picture; a small one is doubled first, so that its finest details count.
pub(crate) fn octaves(picture: &Plane) -> Vec<Octave> {
    let double = picture.width() * picture.height() < DOUBLED;
    let (mut base, mut step, taken) = if double {
        (picture.scaled(2.0), 0.5, 2.0 * TAKEN)
    } else {
        (picture.clone(), 1.0, TAKEN)
    };
    base = base.blurred((FIRST * FIRST - taken * taken).sqrt());
    let mut octaves = Vec::new();
    while base.width().min(base.height()) >= 16 {
        let mut blurred = vec![base];
        for level in 1..SCALES + 3 {
            let more = |level: usize| FIRST * 2_f32.powf(level as f32 / SCALES as f32);
            let sigma = (more(level).powi(2) - more(level - 1).powi(2)).sqrt();
            blurred.push(blurred[level - 1].blurred(sigma));
        }
        base = blurred[SCALES].decimated();
        octaves.push(Octave::new(step, blurred));
        step *= 2.0;
    }
    octaves
}

/// Pictures of fewer pixels are doubled.
const DOUBLED: usize = 250_000;

/// All extrema of one octave.
pub(crate) fn extrema(octave: usize, Octave { blurred, .. }: &Octave) -> Vec<Extremum> {
    let differences: Vec<Plane> = blurred.windows(2).map(|pair| pair[1].less(&pair[0])).collect();
    let (width, height) = (blurred[0].width(), blurred[0].height());
    let mut found = Vec::new();
    for level in 1..=SCALES {
        for y in MARGIN..height.saturating_sub(MARGIN) {
            for x in MARGIN..width.saturating_sub(MARGIN) {
                let value = differences[level].samples()[y * width + x];
                if value.abs() > CONTRAST * 0.5 && is_extremum(&differences, level, x, y, value) {
                    found.extend(placed(&differences, octave, level, x, y));
                }
            }
        }
    }
    found
}

/// Pixels at the edge in which nothing is looked for.
const MARGIN: usize = 4;

fn is_extremum(differences: &[Plane], level: usize, x: usize, y: usize, value: f32) -> bool {
    let width = differences[0].width();
    let sign = value.signum();
    differences[level - 1..=level + 1]
        .iter()
        .enumerate()
        .all(|(plane, difference)| {
            (y - 1..=y + 1).all(|row| {
                let row_samples = &difference.samples()[row * width + x - 1..][..3];
                row_samples
                    .iter()
                    .enumerate()
                    .all(|(at, &other)| (plane == 1 && row == y && at == 1) || sign * value > sign * other)
            })
        })
}

/// The extremum's place to a fraction of a pixel, by one step of Newton's method along each axis; `None` if it is too faint, on an
/// edge, or not where it seemed to be.
fn placed(differences: &[Plane], octave: usize, level: usize, x: usize, y: usize) -> Option<Extremum> {
    let (column, row) = (x.cast_signed(), y.cast_signed());
    let at = |dx: isize, dy: isize, ds: isize| {
        differences[level.checked_add_signed(ds).unwrap_or(level)].at(column + dx, row + dy)
    };
    let middle = at(0, 0, 0);
    let (dx, dy, ds) = (
        (at(1, 0, 0) - at(-1, 0, 0)) / 2.0,
        (at(0, 1, 0) - at(0, -1, 0)) / 2.0,
        (at(0, 0, 1) - at(0, 0, -1)) / 2.0,
    );
    let dxx = at(1, 0, 0) + at(-1, 0, 0) - 2.0 * middle;
    let dyy = at(0, 1, 0) + at(0, -1, 0) - 2.0 * middle;
    let dss = at(0, 0, 1) + at(0, 0, -1) - 2.0 * middle;
    let dxy = (at(1, 1, 0) - at(-1, 1, 0) - at(1, -1, 0) + at(-1, -1, 0)) / 4.0;
    let (trace, determinant) = (dxx + dyy, dxx * dyy - dxy * dxy);
    if determinant <= 0.0 || trace * trace * EDGE > (EDGE + 1.0) * (EDGE + 1.0) * determinant {
        return None;
    }
    // The cross term of the two places is not small where the structure is slanted; those with the scale are.
    let (ox, oy) = ((dxy * dy - dyy * dx) / determinant, (dxy * dx - dxx * dy) / determinant);
    let os = if dss == 0.0 { 0.0 } else { (-ds / dss).clamp(-1.0, 1.0) };
    let contrast = middle + (dx * ox + dy * oy + ds * os) / 2.0;
    if ox.abs() > 1.0 || oy.abs() > 1.0 || contrast.abs() < CONTRAST {
        return None;
    }
    Some(Extremum {
        octave,
        level,
        x: x as f32 + ox,
        y: y as f32 + oy,
        sigma: FIRST * 2_f32.powf((level as f32 + os) / SCALES as f32),
        contrast: contrast.abs(),
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn angles_are_right_to_a_thousandth() {
        for step in 0..1000_u16 {
            let angle = f32::from(step) / 1000.0;
            let (y, x) = (angle * std::f32::consts::TAU).sin_cos();
            let error = (turns(3.0 * x, 3.0 * y) - angle).abs();
            assert!(error.min(1.0 - error) < 1e-3, "{angle}: {error}");
        }
        assert_eq!(turns(0.0, 0.0), 0.0);
    }
}
