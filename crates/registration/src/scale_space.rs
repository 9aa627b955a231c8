//! The points of a picture that stand out at some scale: extrema of the difference of Gaussians.

use crate::Plane;

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
        octaves.push(Octave { step, blurred });
        step *= 2.0;
    }
    octaves
}

/// Pictures of fewer pixels are doubled.
const DOUBLED: usize = 250_000;

/// All extrema of one octave.
pub(crate) fn extrema(octave: usize, Octave { blurred, .. }: &Octave) -> Vec<Extremum> {
    let differences: Vec<Plane> = blurred
        .windows(2)
        .map(|pair| {
            pair[0]
                .map(|x, y| pair[1].at(x.cast_signed(), y.cast_signed()) - pair[0].at(x.cast_signed(), y.cast_signed()))
        })
        .collect();
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
