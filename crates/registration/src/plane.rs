use rayon::prelude::*;

/// One channel of a picture: luma from 0 to 255, a number for each pixel, row by row. Coordinates are those of pixels' centres:
/// the centre of the first pixel is (0, 0).
#[derive(Clone, Debug, PartialEq)]
pub struct Plane {
    width: usize,
    height: usize,
    samples: Vec<f32>,
}

impl Plane {
    /// Takes the samples of a picture with both sides at least 1; `None` if their number is not `width` * `height`.
    #[must_use]
    pub fn new(width: usize, height: usize, samples: Vec<f32>) -> Option<Self> {
        (width > 0 && height > 0 && width.checked_mul(height) == Some(samples.len())).then_some(Self {
            width,
            height,
            samples,
        })
    }

    /// The luma of 8-bit RGB pixels (ITU-R BT.601, as JPEG has it); `None` if the buffer has another length.
    #[must_use]
    pub fn from_rgb(width: usize, height: usize, rgb: &[u8]) -> Option<Self> {
        let luma = |[r, g, b]: &[u8; 3]| 0.299 * f32::from(*r) + 0.587 * f32::from(*g) + 0.114 * f32::from(*b);
        let (pixels, rest) = rgb.as_chunks::<3>();
        if !rest.is_empty() {
            return None;
        }
        Self::new(width, height, pixels.iter().map(luma).collect())
    }

    /// Columns.
    #[must_use]
    pub fn width(&self) -> usize {
        self.width
    }

    /// Rows.
    #[must_use]
    pub fn height(&self) -> usize {
        self.height
    }

    /// All samples.
    #[must_use]
    pub fn samples(&self) -> &[f32] {
        &self.samples
    }

    /// The sample of a pixel, that of the nearest pixel for places outside.
    #[must_use]
    pub fn at(&self, x: isize, y: isize) -> f32 {
        let clamp = |at: isize, side: usize| usize::try_from(at).unwrap_or(0).min(side - 1);
        self.samples[clamp(y, self.height) * self.width + clamp(x, self.width)]
    }

    /// A plane of the same size with another number for each pixel, given its column and row.
    pub(crate) fn map(&self, sample: impl Fn(usize, usize) -> f32 + Sync) -> Self {
        let mut samples = vec![0.0; self.samples.len()];
        samples
            .par_chunks_exact_mut(self.width)
            .enumerate()
            .for_each(|(y, row)| {
                for (x, value) in row.iter_mut().enumerate() {
                    *value = sample(x, y);
                }
            });
        Self { samples, ..*self }
    }

    /// The difference to another plane of the same size, pixel by pixel.
    pub(crate) fn less(&self, other: &Self) -> Self {
        let samples = self.samples.iter().zip(&other.samples).map(|(a, b)| a - b).collect();
        Self { samples, ..*self }
    }

    /// The picture seen in a mirror, left and right exchanged.
    #[must_use]
    pub fn mirrored(&self) -> Self {
        self.map(|x, y| self.samples[y * self.width + self.width - 1 - x])
    }

    /// Convolved with a Gaussian of standard deviation `sigma` in pixels.
    #[must_use]
    pub fn blurred(&self, sigma: f32) -> Self {
        if sigma < 0.1 {
            return self.clone();
        }
        let radius = (3.0 * sigma).ceil().max(1.0) as usize;
        let weight = |at: usize| (-(at as f32 / sigma).powi(2) / 2.0).exp();
        let total: f32 = weight(0) + (1..=radius).map(|at| 2.0 * weight(at)).sum::<f32>();
        let kernel: Vec<f32> = (0..=radius).map(|at| weight(at) / total).collect();
        self.rows_convolved(&kernel).columns_convolved(&kernel)
    }

    /// `kernel` is symmetric and given from its middle outwards.
    fn rows_convolved(&self, kernel: &[f32]) -> Self {
        let mut samples = vec![0.0; self.samples.len()];
        let radius = kernel.len() - 1;
        samples
            .par_chunks_exact_mut(self.width)
            .zip(self.samples.par_chunks_exact(self.width))
            .for_each_init(
                || vec![0.0; self.width + 2 * radius],
                |padded, (out, row)| {
                    padded[..radius].fill(row[0]);
                    padded[radius..][..self.width].copy_from_slice(row);
                    padded[radius + self.width..].fill(row[self.width - 1]);
                    for (at, &weight) in kernel.iter().enumerate() {
                        let sides = [
                            &padded[radius - at..][..self.width],
                            &padded[radius + at..][..self.width],
                        ];
                        let weight = if at == 0 { weight / 2.0 } else { weight };
                        for ((out, left), right) in out.iter_mut().zip(sides[0]).zip(sides[1]) {
                            *out += weight * (left + right);
                        }
                    }
                },
            );
        Self { samples, ..*self }
    }

    fn columns_convolved(&self, kernel: &[f32]) -> Self {
        let mut samples = vec![0.0; self.samples.len()];
        let row = |y: usize| &self.samples[y * self.width..][..self.width];
        samples
            .par_chunks_exact_mut(self.width)
            .enumerate()
            .for_each(|(y, out)| {
                for (at, &weight) in kernel.iter().enumerate() {
                    let weight = if at == 0 { weight / 2.0 } else { weight };
                    let sides = [row(y.saturating_sub(at)), row((y + at).min(self.height - 1))];
                    for ((out, above), below) in out.iter_mut().zip(sides[0]).zip(sides[1]) {
                        *out += weight * (above + below);
                    }
                }
            });
        Self { samples, ..*self }
    }

    /// Every second pixel of every second row, with no regard to aliasing: for pictures that are blurred already.
    pub(crate) fn decimated(&self) -> Self {
        let (width, height) = (self.width.div_ceil(2), self.height.div_ceil(2));
        let small = Self {
            width,
            height,
            samples: vec![0.0; width * height],
        };
        small.map(|x, y| self.samples[2 * y * self.width + 2 * x])
    }

    /// Scaled by `factor`, each way: blurred against aliasing where it shrinks, interpolated.
    #[must_use]
    pub fn scaled(&self, factor: f64) -> Self {
        let side = |side: usize| ((side as f64 * factor).round() as usize).max(1);
        let (width, height) = (side(self.width), side(self.height));
        let source = if factor < 1.0 {
            self.blurred(antialias(1.0 / factor))
        } else {
            self.clone()
        };
        let small = Self {
            width,
            height,
            samples: vec![0.0; width * height],
        };
        let back = |at: usize| (at as f64 + 0.5) / factor - 0.5;
        small.map(|x, y| source.cubic(back(x) as f32, back(y) as f32))
    }

    /// Interpolates between pixels (cubic convolution with a = -0.5, Keys 1981).
    #[must_use]
    pub fn cubic(&self, x: f32, y: f32) -> f32 {
        let (left, top) = (x.floor(), y.floor());
        let (columns, rows) = (weights(x - left), weights(y - top));
        let (left, top) = (left as isize - 1, top as isize - 1);
        let inside = left >= 0 && top >= 0 && left as usize + 4 <= self.width && top as usize + 4 <= self.height;
        let mut sum = 0.0;
        for (row, weight) in rows.iter().enumerate() {
            let y = top + row.cast_signed();
            let line = if inside {
                let from = &self.samples[y as usize * self.width + left as usize..][..4];
                from[0] * columns[0] + from[1] * columns[1] + from[2] * columns[2] + from[3] * columns[3]
            } else {
                columns
                    .iter()
                    .enumerate()
                    .map(|(at, weight)| weight * self.at(left + at.cast_signed(), y))
                    .sum()
            };
            sum += weight * line;
        }
        sum
    }
}

/// The blur in pixels that a picture needs before every `step`-th pixel is enough of it.
pub(crate) fn antialias(step: f64) -> f32 {
    (0.42 * (step * step - 1.0).max(0.0).sqrt()) as f32
}

fn weights(t: f32) -> [f32; 4] {
    let (t2, t3) = (t * t, t * t * t);
    [
        -0.5 * t3 + t2 - 0.5 * t,
        1.5 * t3 - 2.5 * t2 + 1.0,
        -1.5 * t3 + 2.0 * t2 + 0.5 * t,
        0.5 * t3 - 0.5 * t2,
    ]
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp() -> Plane {
        Plane::new(
            20,
            10,
            (0..200).map(|at| (at % 20) as f32 + 3.0 * (at / 20) as f32).collect(),
        )
        .unwrap()
    }

    #[test]
    fn a_ramp_stays_a_ramp() {
        let blurred = ramp().blurred(1.2);
        assert!((blurred.at(9, 5) - 24.0).abs() < 1e-4);
        assert!((ramp().cubic(9.25, 4.5) - 22.75).abs() < 1e-4);
        assert!((ramp().scaled(0.5).at(4, 2) - (8.5 + 3.0 * 4.5)).abs() < 1e-3);
        assert_eq!(ramp().mirrored().mirrored(), ramp());
    }

    #[test]
    fn a_buffer_of_another_length_is_refused() {
        assert_eq!(Plane::new(2, 2, vec![0.0; 3]), None);
        assert_eq!(Plane::new(0, 2, vec![]), None);
        assert_eq!(Plane::from_rgb(1, 1, &[1, 2, 3, 4]), None);
    }
}
