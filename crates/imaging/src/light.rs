//! sRGB samples and linear light (IEC 61966-2-1).

use std::sync::LazyLock;

/// Linear light of a sample, 0..=1.
pub(crate) fn decoded(sample: u8) -> f32 {
    TABLES.decoded[usize::from(sample)]
}

/// The sample of a linear light; what is outside 0..=1 is clipped.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn encoded(light: f32) -> u8 {
    // `as` saturates, and takes what is no number to 0.
    let step = (light * STEPS as f32 + 0.5) as usize;
    TABLES.encoded[step.min(STEPS)]
}

/// Fine enough that the darkest samples, where the curve is steepest, are met within half a level.
const STEPS: usize = 1 << 13;

struct Tables {
    decoded: [f32; 256],
    encoded: [u8; STEPS + 1],
}

static TABLES: LazyLock<Tables> = LazyLock::new(|| {
    let mut tables = Tables {
        decoded: [0.0; 256],
        encoded: [0; STEPS + 1],
    };
    for (light, sample) in tables.decoded.iter_mut().zip(0u16..) {
        let value = f32::from(sample) / 255.0;
        *light = if value <= 0.04045 {
            value / 12.92
        } else {
            ((value + 0.055) / 1.055).powf(2.4)
        };
    }
    for (sample, step) in tables.encoded.iter_mut().zip(0u16..) {
        let value = f32::from(step) / STEPS as f32;
        let encoded = if value <= 0.003_130_8 {
            value * 12.92
        } else {
            1.055 * value.powf(1.0 / 2.4) - 0.055
        };
        *sample = rounded(encoded * 255.0);
    }
    tables
});

/// The nearest sample; `as` saturates.
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
pub(crate) fn rounded(value: f32) -> u8 {
    (value + 0.5) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn samples_come_back() {
        for sample in 0..=255 {
            assert_eq!(encoded(decoded(sample)), sample);
        }
        assert_eq!([-1.0, f32::NAN, 2.0, f32::INFINITY].map(encoded), [0, 0, 255, 255]);
    }
}
