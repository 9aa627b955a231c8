//! Structural similarity of two pictures' luma (Wang, Bovik, Sheikh, Simoncelli, IEEE Transactions on Image Processing 13,
//! 2004): a Gaussian window of 11 by 11 samples and standard deviation 1.5, the mean over every whole window.

const RADIUS: usize = 5;
const SIGMA: f64 = 1.5;
/// (0.01 * 255)^2 and (0.03 * 255)^2.
const C1: f64 = 6.5025;
const C2: f64 = 58.5225;

/// Luma (BT.601) of 8-bit RGB pixels, row by row.
pub fn luma(rgb: &[u8]) -> Vec<f64> {
    let luma = |[r, g, b]: &[u8; 3]| 0.299 * f64::from(*r) + 0.587 * f64::from(*g) + 0.114 * f64::from(*b);
    rgb.as_chunks::<3>().0.iter().map(luma).collect()
}

/// 1 for pictures that are alike, less for others. `None` where the sizes differ or no window fits.
pub fn ssim(one: &[f64], other: &[f64], width: usize) -> Option<f64> {
    let rows = one.len().checked_div(width)?;
    let window = 2 * RADIUS + 1;
    if one.len() != other.len() || width < window || rows < window {
        return None;
    }
    let product = |a: &[f64], b: &[f64]| a.iter().zip(b).map(|(a, b)| a * b).collect::<Vec<_>>();
    let mean = |samples: &[f64]| blur(samples, width);
    let (mean_one, mean_other) = (mean(one), mean(other));
    let (squares_one, squares_other, products) = (
        mean(&product(one, one)),
        mean(&product(other, other)),
        mean(&product(one, other)),
    );
    let mut sum = 0.0;
    for (place, (a, b)) in mean_one.iter().zip(&mean_other).enumerate() {
        let at = |samples: &[f64]| samples.get(place).copied().unwrap_or_default();
        let variance = at(&squares_one) - a * a + at(&squares_other) - b * b;
        let covariance = at(&products) - a * b;
        sum += (2.0 * a * b + C1) * (2.0 * covariance + C2) / ((a * a + b * b + C1) * (variance + C2));
    }
    Some(sum / mean_one.len() as f64)
}

/// The Gaussian mean of every whole window: of each row's, then of each column's.
fn blur(samples: &[f64], width: usize) -> Vec<f64> {
    let weights = weights();
    let mean =
        |window: &mut dyn Iterator<Item = f64>| window.zip(weights).map(|(sample, weight)| sample * weight).sum();
    let rows: Vec<Vec<f64>> = samples
        .chunks_exact(width)
        .map(|row| {
            row.windows(weights.len())
                .map(|window| mean(&mut window.iter().copied()))
                .collect()
        })
        .collect();
    let across = (width + 1).saturating_sub(weights.len());
    let at = |row: &Vec<f64>, column| row.get(column).copied().unwrap_or_default();
    rows.windows(weights.len())
        .flat_map(|window| (0..across).map(move |column| (window, column)))
        .map(|(window, column)| mean(&mut window.iter().map(|row| at(row, column))))
        .collect()
}

fn weights() -> [f64; 2 * RADIUS + 1] {
    let weights = std::array::from_fn(|place| {
        let distance = place as f64 - RADIUS as f64;
        (-distance * distance / (2.0 * SIGMA * SIGMA)).exp()
    });
    let sum: f64 = weights.iter().sum();
    weights.map(|weight| weight / sum)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn ramp(noise: f64) -> Vec<f64> {
        let sample = |place: usize| (place % 32 * 8) as f64 + if place.is_multiple_of(2) { noise } else { -noise };
        (0..32 * 24).map(sample).collect()
    }

    #[test]
    fn alike_is_one_and_noise_takes_from_it() {
        let (clean, little, much) = (ramp(0.0), ramp(2.0), ramp(20.0));
        assert!((ssim(&clean, &clean, 32).unwrap() - 1.0).abs() < 1e-12);
        let (little, much) = (ssim(&clean, &little, 32).unwrap(), ssim(&clean, &much, 32).unwrap());
        assert!(much < little && little < 1.0, "{much} {little}");
    }

    #[test]
    fn of_flat_pictures_only_the_luminance_term_is_left() {
        let (dark, bright) = (vec![100.0; 11 * 11], vec![120.0; 11 * 11]);
        let expected = (2.0 * 100.0 * 120.0 + C1) / (100.0 * 100.0 + 120.0 * 120.0 + C1);
        assert!((ssim(&dark, &bright, 11).unwrap() - expected).abs() < 1e-9);
    }

    #[test]
    fn pictures_of_other_sizes_cannot_be_compared() {
        assert!(ssim(&ramp(0.0), &ramp(0.0)[32..], 32).is_none());
        assert!(ssim(&[0.0; 100], &[0.0; 100], 10).is_none());
        assert!(ssim(&[], &[], 0).is_none());
    }

    #[test]
    fn luma_weighs_green_most() {
        assert_eq!(luma(&[255, 255, 255])[0].round(), 255.0);
        assert!(luma(&[0, 255, 0])[0] > luma(&[255, 0, 0])[0]);
    }
}
