//! Separable convolution in floating point.

/// The weights of a Gaussian, an odd number that add up to 1: as far as it is at least `min_amplitude` of its height.
/// `whole` rounds them to twentieths first, which is what libvips calls integer precision.
pub(super) fn gaussian(sigma: f64, min_amplitude: f64, whole: bool) -> Vec<f32> {
    let mut half = Vec::new();
    for distance in 0..MAX_RADIUS {
        let x = f64::from(distance) / sigma.max(1e-9);
        let amplitude = (-x * x / 2.0).exp();
        if amplitude < min_amplitude && distance > 0 {
            break;
        }
        half.push(if whole { (20.0 * amplitude).round() } else { amplitude });
    }
    let sum = half.iter().sum::<f64>() * 2.0 - half.first().copied().unwrap_or_default();
    let left = half.iter().skip(1).rev();
    left.chain(&half).map(|weight| (weight / sum) as f32).collect()
}

/// The widest half of a kernel, in pixels: what [`super::blur`] leaves of the largest Gaussian is narrower.
pub(super) const MAX_RADIUS: u32 = 256;

/// Convolves rows of `channels` interleaved samples, `stride` samples a row, with one kernel from top to bottom and one from
/// left to right; beyond its edges the picture goes on as it ends. `row` gets each row's number and its samples.
pub(super) fn separable<S: Copy + Into<f32>>(
    samples: &[S],
    stride: usize,
    channels: usize,
    (across, down): (&[f32], &[f32]),
    mut row: impl FnMut(usize, &[f32]),
) {
    let (reach_x, reach_y) = (across.len() / 2, down.len() / 2);
    let rows: Vec<&[S]> = samples.chunks_exact(stride.max(1)).collect();
    let Some(last) = rows.len().checked_sub(1) else { return };
    let margin = reach_x * channels;
    let mut padded = vec![0f32; stride + 2 * margin];
    let mut out = vec![0f32; stride];
    for y in 0..=last {
        let sums = &mut padded[margin..margin + stride];
        sums.fill(0.0);
        for (weight, tap) in down.iter().zip(y..) {
            let from = rows[tap.saturating_sub(reach_y).min(last)];
            for (sum, sample) in sums.iter_mut().zip(from) {
                *sum += weight * (*sample).into();
            }
        }
        for x in 0..margin {
            padded[x] = padded[margin + x % channels];
            padded[margin + stride + x] = padded[margin + stride - channels + x % channels];
        }
        out.fill(0.0);
        for (tap, weight) in across.iter().enumerate() {
            for (sum, sample) in out.iter_mut().zip(&padded[tap * channels..]) {
                *sum += weight * sample;
            }
        }
        row(y, &out);
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn gaussians() {
        let narrow = gaussian(1.0, 0.2, false);
        assert_eq!(narrow.len(), 3);
        assert!((narrow.iter().sum::<f32>() - 1.0).abs() < 1e-6 && narrow[0] == narrow[2]);
        assert_eq!(gaussian(0.000_001, 0.1, true), [1.0]);
        assert_eq!(gaussian(0.3, 1.0, false), [1.0]);
        assert_eq!(gaussian(1e9, 0.0, false).len(), 2 * MAX_RADIUS as usize - 1);
    }

    #[test]
    fn a_constant_stays_and_an_impulse_shows_the_kernel() {
        let mut seen = Vec::new();
        separable(&[7u8; 24], 12, 3, (&[0.25; 4], &[0.2; 5]), |_, row| {
            seen.extend_from_slice(row);
        });
        assert!(seen.len() == 24 && seen.iter().all(|sample| (sample - 7.0).abs() < 1e-5));
        let mut impulse = [0u8; 25];
        impulse[12] = 100;
        let mut middle = Vec::new();
        separable(&impulse, 5, 1, (&[0.25, 0.5, 0.25], &[0.0, 1.0, 0.0]), |y, row| {
            if y == 2 {
                middle.extend_from_slice(row);
            }
        });
        assert_eq!(middle, [0.0, 25.0, 50.0, 25.0, 0.0]);
    }
}
