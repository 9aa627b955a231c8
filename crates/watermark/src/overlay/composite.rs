//! Source-over compositing of one pixel in integers (Porter and Duff 1984).

/// Multiplies the colours by alpha.
pub(super) fn premultiply([r, g, b, a]: [u8; 4]) -> [u8; 4] {
    let scaled = |colour| by_255(u32::from(colour) * u32::from(a));
    [scaled(r), scaled(g), scaled(b), a]
}

/// A premultiplied source over an opaque pixel.
pub(super) fn over_rgb([r, g, b, a]: [u8; 4], target: &mut [u8; 3]) {
    let through = u32::from(255 - a);
    for (colour, source) in target.iter_mut().zip([r, g, b]) {
        *colour = source.saturating_add(by_255(u32::from(*colour) * through));
    }
}

/// A premultiplied source over the luma of an opaque pixel.
pub(super) fn over_luma([r, g, b, a]: [u8; 4], luma: &mut u8) {
    let source = (19595 * u32::from(r) + 38470 * u32::from(g) + 7471 * u32::from(b) + (1 << 15)) >> 16;
    *luma = (source as u8).saturating_add(by_255(u32::from(*luma) * u32::from(255 - a)));
}

/// What covers the one or four pixels of a chroma sample: the sums of premultiplied sources, 16 bits each, red and blue in the one
/// number, green and alpha in the other.
#[derive(Clone, Copy, Default)]
pub(super) struct Cover(pub(super) [u32; 2]);

impl Cover {
    /// Takes in one of at most four pixels.
    pub(super) fn add(&mut self, source: [u8; 4]) {
        const EVEN: u32 = 0x00FF_00FF;
        let source = u32::from_le_bytes(source);
        self.0[0] += source & EVEN;
        self.0[1] += source >> 8 & EVEN;
    }

    /// The blue and the red difference of the sums, less their middle, in 1/65536.
    pub(super) fn chroma(&self) -> [i32; 2] {
        let [r, g, b] = [self.0[0] & 0xFFFF, self.0[1] & 0xFFFF, self.0[0] >> 16].map(u32::cast_signed);
        [r * -11059 + g * -21709 + b * 32768, r * 32768 + g * -27439 + b * -5329]
    }

    fn alpha(&self) -> i32 {
        (self.0[1] >> 16).cast_signed()
    }

    /// A difference over a chroma sample that stands for `1 << log2_count` pixels.
    pub(super) fn over(&self, difference: i32, sample: u8, log2_count: u32) -> u8 {
        let through = (255 << log2_count) - self.alpha();
        // Of the magnitude of 2^26; the last division is by 255 times the count, with a half for rounding.
        let old = (i32::from(sample) - 128) * through * 256 / 255;
        let sum = (difference >> 8) + old + (128 << (8 + log2_count)) + (1 << (7 + log2_count));
        (sum >> (8 + log2_count)).clamp(0, 255) as u8
    }
}

/// A premultiplied source over a pixel with straight alpha.
pub(super) fn over_rgba([r, g, b, a]: [u8; 4], target: &mut [u8; 4]) {
    // The target's share of the result and the result's whole opacity, both in 1/255^2.
    let share = u32::from(target[3]) * u32::from(255 - a);
    let opacity = u32::from(a) * 255 + share;
    if opacity == 0 {
        return;
    }
    for (colour, source) in target.iter_mut().zip([r, g, b]) {
        let weighed = u32::from(source) * 255 * 255 + u32::from(*colour) * share;
        // A source colour never exceeds its alpha but for rounding.
        *colour = ((weighed + opacity / 2) / opacity).min(255) as u8;
    }
    target[3] = by_255(opacity);
}

/// Divides by 255 and rounds to the nearest, for values up to 255 * 255.
fn by_255(value: u32) -> u8 {
    ((value + 127) / 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn nothing_over_nothing_stays_nothing() {
        let mut target = [1, 2, 3, 0];
        over_rgba([0; 4], &mut target);
        assert_eq!(target, [1, 2, 3, 0]);
    }

    proptest! {
        #[test]
        fn transparency_changes_nothing(target: [u8; 4]) {
            let (mut rgba, mut rgb) = (target, [target[0], target[1], target[2]]);
            over_rgba([0; 4], &mut rgba);
            over_rgb([0; 4], &mut rgb);
            prop_assert_eq!(rgba, target);
            prop_assert_eq!(&rgb, &target[..3]);
        }

        #[test]
        fn opacity_covers_everything(source: [u8; 3], target: [u8; 4]) {
            let source = [source[0], source[1], source[2], 255];
            let (mut rgba, mut rgb) = (target, [target[0], target[1], target[2]]);
            over_rgba(source, &mut rgba);
            over_rgb(source, &mut rgb);
            prop_assert_eq!(rgba, source);
            prop_assert_eq!(&rgb, &source[..3]);
        }

        #[test]
        fn blending_agrees_with_real_numbers(source: [u8; 4], target: [u8; 4]) {
            let mut got = target;
            over_rgba(premultiply(source), &mut got);
            let unit = |value: u8| f64::from(value) / 255.0;
            let (a, b) = (unit(source[3]), unit(target[3]));
            let alpha = a + b * (1.0 - a);
            prop_assert!((unit(got[3]) - alpha).abs() * 255.0 <= 0.5 + 1e-9);
            for i in 0..3 {
                let colour = unit(source[i]) * a + unit(target[i]) * b * (1.0 - a);
                // Premultiplied colours are rounded to a level, which counts for more the fainter the result.
                prop_assert!((unit(got[i]) * alpha - colour).abs() * 255.0 <= 1.01);
            }
        }

        /// In planes of luma and chroma as in red, green and blue, but for rounding.
        #[test]
        fn colour_spaces_agree(source: [u8; 4], target: [u8; 3]) {
            let ycc = |[r, g, b]: [u8; 3]| {
                let [r, g, b] = [r, g, b].map(f64::from);
                let y = 0.299 * r + 0.587 * g + 0.114 * b;
                [y, (b - y) / 1.772 + 128.0, (r - y) / 1.402 + 128.0]
            };
            let source = premultiply(source);
            let mut rgb = target;
            over_rgb(source, &mut rgb);
            let [y, cb, cr] = ycc(target).map(|value| value.round() as u8);
            let mut luma = y;
            over_luma(source, &mut luma);
            for count in [0, 2] {
                let mut cover = Cover::default();
                (0..1 << count).for_each(|_| cover.add(source));
                let [blue, red] = cover.chroma();
                let got = [luma, cover.over(blue, cb, count), cover.over(red, cr, count)];
                for (got, expected) in got.into_iter().zip(ycc(rgb)) {
                    prop_assert!((f64::from(got) - expected).abs() <= 2.0, "{} {}", got, expected);
                }
            }
        }
    }
}
