//! Where the visible mark goes.

/// The rectangle that the overlay covers on a picture, in pixels.
///
/// It lies inside the central 30 % of the picture, read as the centred rectangle with the picture's proportions and
/// 30 % of its area (its sides are the picture's times the square root of 0.3), and covers at most 15 % of the picture.
/// Within both bounds it is as large as the overlay's proportions allow, and centred.
///
/// Something is always painted: a picture so small that the bounds leave no pixel gets a mark of one pixel's width,
/// height or both, at its middle.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Placement {
    /// Columns to the left of it.
    pub x: u32,
    /// Rows above it.
    pub y: u32,
    /// Its width; 0 only if the picture's is.
    pub width: u32,
    /// Its height; 0 only if the picture's is.
    pub height: u32,
}

impl Placement {
    /// For an overlay and a picture, each as (width, height); the overlay's sides are at least 1.
    pub(super) fn new(overlay: (u32, u32), (w, h): (u32, u32)) -> Self {
        let bounds = (central(w), central(h));
        let area = (u128::from(w) * u128::from(h) * 3 / 20).max(1);
        let (width, height) = if overlay.0 >= overlay.1 {
            fit(overlay, bounds, area)
        } else {
            let (height, width) = fit((overlay.1, overlay.0), (bounds.1, bounds.0), area);
            (width, height)
        };
        let (width, height) = (width.min(w), height.min(h));
        Self {
            x: (w - width) / 2,
            y: (h - height) / 2,
            width,
            height,
        }
    }
}

/// The longest extent within `side * sqrt(0.3)` that leaves an even margin, at least 1. It can be centred to the pixel,
/// and so can every smaller one without crossing the bound by half a pixel.
fn central(side: u32) -> u32 {
    // The root of at most 0.3 * side^2, and so below `side`.
    let extent = (u128::from(side).pow(2) * 3 / 10).isqrt() as u32;
    extent.saturating_sub((side - extent) % 2).max(1)
}

/// The largest (long, short) with the proportions of `overlay`, also (long, short), inside the bounds and the area.
fn fit((long, short): (u32, u32), bounds: (u32, u32), area: u128) -> (u32, u32) {
    let (long, short) = (u128::from(long), u128::from(short));
    let by_short_bound = u128::from(bounds.1) * long / short;
    let by_area = (area * long / short).isqrt();
    let fitted_long = u128::from(bounds.0).min(by_short_bound).min(by_area).min(area).max(1);
    // Rounded to the nearest, within what the longer side leaves of the area.
    let proportional = (fitted_long * short * 2 + long) / (long * 2);
    let fitted_short = proportional.min(u128::from(bounds.1)).min(area / fitted_long).max(1);
    // Neither exceeds its bound, which is a u32.
    (fitted_long as u32, fitted_short as u32)
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn a_known_case() {
        // The central rectangle is 438 x 328; 15 % of the area, 72 000 pixels, would be 480 x 150, so the width decides.
        let placement = Placement::new((512, 160), (800, 600));
        assert_eq!(
            placement,
            Placement {
                x: 181,
                y: 231,
                width: 438,
                height: 137
            }
        );
    }

    #[test]
    fn area_decides_for_a_square() {
        // The central rectangle is 546 x 546; 15 % of the area is a square of 387.
        let placement = Placement::new((64, 64), (1000, 1000));
        assert_eq!((placement.width, placement.height), (387, 387));
    }

    #[test]
    fn the_largest_sides_do_not_overflow() {
        let placement = Placement::new((4096, 4096), (u32::MAX, u32::MAX));
        assert!(
            placement.width > 1_600_000_000 && placement.height > 1_600_000_000,
            "{placement:?}"
        );
    }

    #[test]
    fn an_empty_picture_has_an_empty_placement() {
        assert_eq!(
            Placement::new((3, 2), (0, 0)),
            Placement {
                x: 0,
                y: 0,
                width: 0,
                height: 0
            }
        );
    }

    /// Sides small and large, so that both ends of the range are tried.
    fn side() -> impl Strategy<Value = u32> {
        prop_oneof![1_u32..40, 1_u32..5000, any::<u32>().prop_map(|side| side.max(1))]
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(20_000))]
        #[test]
        fn placements_keep_the_rule(w in side(), h in side(), overlay in (1_u32..=4096, 1_u32..=4096)) {
            let p = Placement::new(overlay, (w, h));
            prop_assert!(p.width >= 1 && p.height >= 1);
            prop_assert!(p.x + p.width <= w && p.y + p.height <= h);
            for (start, extent, side) in [(p.x, p.width, w), (p.y, p.height, h)] {
                // Twice the distance of the farther edge from the middle, squared, against 30 % of the side squared.
                let (start, extent, side) = (u128::from(start), u128::from(extent), u128::from(side));
                let far = side.abs_diff(2 * start).max((2 * (start + extent)).abs_diff(side));
                // Sides of 1 and 2 pixels have no pixel inside the central part.
                prop_assert!(far * far * 10 <= side * side * 3 || side <= 2, "{:?}", p);
            }
            let covered = u128::from(p.width) * u128::from(p.height);
            prop_assert!(covered * 20 <= u128::from(w) * u128::from(h) * 3 || covered == 1, "{:?}", p);
        }

        #[test]
        fn placements_keep_proportions_and_use_the_room(
            w in 300_u32..5000, h in 300_u32..5000, overlay in (100_u32..1000, 100_u32..1000),
        ) {
            let p = Placement::new(overlay, (w, h));
            let ratio = |width: u32, height: u32| f64::from(width) / f64::from(height);
            let (asked, got) = (ratio(overlay.0, overlay.1), ratio(p.width, p.height));
            let short = f64::from(p.width.min(p.height));
            prop_assert!((asked / got - 1.0).abs() <= 1.1 / short, "{} became {} in {:?}", asked, got, p);
            let share = f64::from(p.width) * f64::from(p.height) / (f64::from(w) * f64::from(h));
            let (wide, high) = (f64::from(p.width + 3) / f64::from(w), f64::from(p.height + 3) / f64::from(h));
            prop_assert!(share > 0.145 || wide * wide > 0.3 || high * high > 0.3, "{:?}", p);
        }
    }
}
