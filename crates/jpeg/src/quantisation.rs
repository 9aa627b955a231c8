//! Quantisation tables: the examples of T.81 annex K.1, scaled by quality as libjpeg does.

use crate::coefficients::ZIGZAG;

/// Luminance steps (table K.1), row by row.
const LUMINANCE: [u8; 64] = [
    16, 11, 10, 16, 24, 40, 51, 61, //
    12, 12, 14, 19, 26, 58, 60, 55, //
    14, 13, 16, 24, 40, 57, 69, 56, //
    14, 17, 22, 29, 51, 87, 80, 62, //
    18, 22, 37, 56, 68, 109, 103, 77, //
    24, 35, 55, 64, 81, 104, 113, 92, //
    49, 64, 78, 87, 103, 121, 120, 101, //
    72, 92, 95, 98, 112, 100, 103, 99,
];

/// Chrominance steps (table K.2), row by row.
const CHROMINANCE: [u8; 64] = [
    17, 18, 24, 47, 99, 99, 99, 99, //
    18, 21, 26, 66, 99, 99, 99, 99, //
    24, 26, 56, 99, 99, 99, 99, 99, //
    47, 66, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99, //
    99, 99, 99, 99, 99, 99, 99, 99,
];

/// Luminance steps for a quality of 1..=100, in zigzag order, each 1..=255.
pub fn luminance(quality: u8) -> [u16; 64] {
    scaled(&LUMINANCE, quality)
}

/// Chrominance steps for a quality of 1..=100, in zigzag order, each 1..=255.
pub fn chrominance(quality: u8) -> [u16; 64] {
    scaled(&CHROMINANCE, quality)
}

/// libjpeg's `jpeg_quality_scaling`: 50 keeps the tables, 100 makes every step 1, below 50 the steps grow with 1/quality.
fn scaled(table: &[u8; 64], quality: u8) -> [u16; 64] {
    let quality = u32::from(quality.clamp(1, 100));
    let percent = if quality < 50 {
        5000 / quality
    } else {
        200 - 2 * quality
    };
    ZIGZAG.map(|place| {
        let step = (u32::from(table[usize::from(place)]) * percent + 50) / 100;
        u16::try_from(step.clamp(1, 255)).unwrap_or(255)
    })
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn quality_scales_as_in_libjpeg() {
        assert_eq!(luminance(50)[..6], [16, 11, 12, 14, 12, 10]);
        assert_eq!(luminance(80)[..6], [6, 4, 5, 6, 5, 4]);
        assert!(luminance(100).iter().chain(&chrominance(100)).all(|&step| step == 1));
        assert!(luminance(1).iter().all(|&step| step == 255));
        assert_eq!(chrominance(25)[..3], [34, 36, 36]);
    }
}
