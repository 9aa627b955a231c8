use crate::Picture;

/// Contrast about the picture's mean luma.
pub(crate) fn contrast(picture: &Picture, factor: f64) -> Picture {
    let pixels = picture.rgb.as_chunks::<3>().0;
    let mean = pixels.iter().map(|&pixel| Picture::luma(pixel)).sum::<f64>() / pixels.len() as f64;
    picture.bytes(|value| mean + (value - mean) * factor)
}

pub(crate) fn grey(picture: &Picture) -> Picture {
    let mut grey = picture.clone();
    for pixel in grey.rgb.as_chunks_mut::<3>().0 {
        *pixel = [Picture::luma(*pixel).round() as u8; 3];
    }
    grey
}

/// Gaussian noise on every sample, the same every time.
pub(crate) fn noise(picture: &Picture, deviation: f64) -> Picture {
    // SplitMix64 (Steele, Lea and Flood 2014), and Box and Muller's transform.
    let mut state = 1_u64;
    let mut unit = || {
        state = state.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = state;
        value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        ((value ^ value >> 31) >> 11) as f64 / (1_u64 << 53) as f64
    };
    let mut normal = || (-2.0 * unit().max(1e-300).ln()).sqrt() * (std::f64::consts::TAU * unit()).cos();
    let rgb = picture
        .rgb
        .iter()
        .map(|&value| (f64::from(value) + deviation * normal()).round().clamp(0.0, 255.0) as u8);
    Picture {
        rgb: rgb.collect(),
        ..*picture
    }
}

pub(crate) fn blur(picture: &Picture, sigma: f64) -> Picture {
    let radius = (3.0 * sigma).ceil() as isize;
    let weights: Vec<f64> = (-radius..=radius)
        .map(|at| (-(at as f64 / sigma).powi(2) / 2.0).exp())
        .collect();
    let total: f64 = weights.iter().sum();
    let along = |picture: &Picture, dx: isize, dy: isize| {
        Picture::drawn(picture.width, picture.height, |x, y| {
            let mut sums = [0.0; 3];
            for (at, weight) in (-radius..=radius).zip(&weights) {
                for (sum, value) in sums
                    .iter_mut()
                    .zip(picture.at(x.cast_signed() + at * dx, y.cast_signed() + at * dy))
                {
                    *sum += weight / total * f64::from(value);
                }
            }
            sums.map(|sum| sum.round() as u8)
        })
    };
    along(&along(picture, 1, 0), 0, 1)
}

/// Each sample the median of the nine around it.
pub(crate) fn median(picture: &Picture) -> Picture {
    Picture::drawn(picture.width, picture.height, |x, y| {
        std::array::from_fn(|channel| {
            let mut around: [u8; 9] = std::array::from_fn(|at| {
                let (dx, dy) = ((at % 3).cast_signed() - 1, (at / 3).cast_signed() - 1);
                picture.at(x.cast_signed() + dx, y.cast_signed() + dy)[channel]
            });
            *around.select_nth_unstable(4).1
        })
    })
}
