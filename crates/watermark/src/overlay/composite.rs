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
    }
}
