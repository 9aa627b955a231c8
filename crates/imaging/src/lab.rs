//! sRGB and CIE L*a*b* with the white point D65, as libvips has them.

use std::sync::LazyLock;

use crate::light;

/// L* in 0..=100, a* and b*.
pub(crate) type Lab = [f32; 3];

/// X, Y and Z of D65, of which Y is 100.
const WHITE: [f32; 3] = [95.047, 100.0, 108.8827];

/// X, Y and Z of a colour, 0..=about 100.
pub(crate) fn xyz([red, green, blue]: [u8; 3]) -> [f32; 3] {
    let (red, green, blue) = (light::decoded(red), light::decoded(green), light::decoded(blue));
    [
        41.24 * red + 35.76 * green + 18.05 * blue,
        21.26 * red + 71.52 * green + 7.22 * blue,
        1.93 * red + 11.92 * green + 95.05 * blue,
    ]
}

/// L*, a* and b* of X, Y and Z.
pub(crate) fn lab_of_xyz([x, y, z]: [f32; 3]) -> Lab {
    let (x, y, z) = (cbrt(x / WHITE[0]), cbrt(y / WHITE[1]), cbrt(z / WHITE[2]));
    [116.0 * y - 16.0, 500.0 * (x - y), 200.0 * (y - z)]
}

/// L*, a* and b* of a colour.
pub(crate) fn lab(colour: [u8; 3]) -> Lab {
    lab_of_xyz(xyz(colour))
}

/// The colour of an L*, a* and b*; what sRGB does not have is clipped channel by channel.
pub(crate) fn srgb([lightness, a, b]: Lab) -> [u8; 3] {
    let (y, fy) = if lightness < 8.0 {
        let y = lightness / 903.3;
        (y, 7.787 * y + 16.0 / 116.0)
    } else {
        let fy = (lightness + 16.0) / 116.0;
        (fy * fy * fy, fy)
    };
    let cubed = |f: f32| if f < 0.2069 { (f - 0.13793) / 7.787 } else { f * f * f };
    let x = cubed(a / 500.0 + fy) * (WHITE[0] / 100.0);
    let z = cubed(fy - b / 200.0) * (WHITE[2] / 100.0);
    [
        light::encoded(3.2406 * x - 1.5372 * y - 0.4986 * z),
        light::encoded(-0.9689 * x + 1.8758 * y + 0.0415 * z),
        light::encoded(0.0557 * x - 0.204 * y + 1.057 * z),
    ]
}

/// The share of an interpolated table of cube roots that is below 1.1, which no colour exceeds.
const STEPS: usize = 1 << 12;
const LARGEST: f32 = 1.1;

/// The cube root, and near 0 the line that takes its place (CIE 15).
#[allow(clippy::cast_possible_truncation, clippy::cast_sign_loss)]
fn cbrt(t: f32) -> f32 {
    if t < 0.008_856 {
        return 7.787 * t + 16.0 / 116.0;
    }
    let at = t.min(LARGEST) * (STEPS as f32 / LARGEST);
    let index = (at as usize).min(STEPS - 1);
    let (below, above) = (ROOTS[index], ROOTS[index + 1]);
    below + (above - below) * (at - index as f32)
}

static ROOTS: LazyLock<[f32; STEPS + 1]> =
    LazyLock::new(|| std::array::from_fn(|step| (step as f32 * (LARGEST / STEPS as f32)).cbrt()));

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn known_colours() {
        for (colour, expected) in [
            ([255, 255, 255], [100.0, 0.0, 0.0]),
            ([0, 0, 0], [0.0, 0.0, 0.0]),
            ([255, 0, 0], [53.24, 80.09, 67.2]),
            ([0, 0, 255], [32.3, 79.19, -107.86]),
        ] {
            let found = lab(colour);
            assert!(
                found
                    .iter()
                    .zip(expected)
                    .all(|(f, e): (&f32, f32)| (f - e).abs() < 0.1),
                "{found:?}"
            );
        }
    }

    #[test]
    fn colours_come_back() {
        for n in 0..4096u32 {
            let colour = [n % 16 * 17, n / 16 % 16 * 17, n / 256 * 17].map(|sample| sample as u8);
            let back = srgb(lab(colour));
            assert!(
                colour.iter().zip(back).all(|(c, b)| c.abs_diff(b) <= 1),
                "{colour:?} {back:?}"
            );
        }
    }
}
