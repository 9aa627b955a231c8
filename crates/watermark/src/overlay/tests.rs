//! Painting as a whole: place, scale, blend.

use super::*;
use proptest::prelude::*;

fn solid(width: u32, height: u32, pixel: [u8; 4]) -> Overlay {
    Overlay::from_rgba(width, height, pixel.repeat((width * height) as usize)).unwrap()
}

fn inside(placement: Placement, index: usize, w: u32) -> bool {
    let (x, y) = (index as u32 % w, index as u32 / w);
    (placement.x..placement.x + placement.width).contains(&x)
        && (placement.y..placement.y + placement.height).contains(&y)
}

#[test]
fn wrong_sizes_are_refused() {
    let sides = |width, height| Err(Error::OverlaySides { width, height });
    assert_eq!(Overlay::from_rgba(0, 1, vec![]).map(drop), sides(0, 1));
    assert_eq!(
        Overlay::from_rgba(1, MAX_SIDE + 1, vec![]).map(drop),
        sides(1, MAX_SIDE + 1)
    );
    assert_eq!(
        Overlay::from_rgba(2, 1, vec![1; 7]).map(drop),
        Err(Error::OverlayLength { actual: 7, expected: 8 })
    );
}

#[test]
fn an_invisible_overlay_is_refused() {
    assert_eq!(
        Overlay::from_rgba(1, 2, vec![9, 9, 9, 0, 9, 9, 9, 0]).map(drop),
        Err(Error::OverlayInvisible)
    );
}

#[test]
fn a_half_transparent_overlay_meets_an_opaque_picture_in_the_middle() {
    let overlay = solid(4, 2, [255, 0, 100, 128]);
    let mut canvas = [0, 200, 100].repeat(40 * 40);
    overlay.paint_rgb(&mut canvas, 40, 40);
    let placement = overlay.place(40, 40);
    for (i, pixel) in canvas.chunks_exact(3).enumerate() {
        let expected = if inside(placement, i, 40) {
            [128, 100, 100]
        } else {
            [0, 200, 100]
        };
        assert_eq!(pixel, expected, "pixel {i}");
    }
}

#[test]
fn the_mark_shows_on_transparent_pixels_in_its_own_colour() {
    let overlay = solid(4, 2, [255, 10, 100, 128]);
    let mut canvas = [7, 7, 7, 0].repeat(40 * 40);
    overlay.paint_rgba(&mut canvas, 40, 40);
    let placement = overlay.place(40, 40);
    for (i, pixel) in canvas.chunks_exact(4).enumerate() {
        let expected = if inside(placement, i, 40) {
            [255, 10, 100, 128]
        } else {
            [7, 7, 7, 0]
        };
        assert_eq!(pixel, expected, "pixel {i}");
    }
}

#[test]
fn a_tiny_picture_is_painted_too() {
    for (w, h) in [(1, 1), (2, 1), (1, 2), (2, 2), (1, 500), (500, 1)] {
        let mut canvas = vec![0; (w * h * 3) as usize];
        solid(512, 160, [255, 255, 255, 100]).paint_rgb(&mut canvas, w, h);
        assert!(canvas.contains(&100), "{w}x{h}");
    }
}

#[test]
fn an_empty_picture_is_left_alone() {
    solid(4, 4, [1; 4]).paint_rgb(&mut [], 0, 5);
    solid(4, 4, [1; 4]).paint_rgba(&mut [], 5, 0);
}

/// Painted planes show what painted pixels show: chroma the mean of each four.
#[test]
fn planes_are_painted_like_pixels() {
    let colours = [
        [255, 0, 0, 255],
        [0, 0, 255, 90],
        [40, 200, 60, 180],
        [250, 250, 250, 30],
    ];
    let overlay = Overlay::from_rgba(4, 1, colours.concat()).unwrap();
    for (w, h) in [(64, 48), (65, 47), (33, 90), (1, 1), (2, 3)] {
        let mut canvas = [180, 90, 60].repeat((w * h) as usize);
        overlay.paint_rgb(&mut canvas, w, h);
        let pixel = |x: u32, y: u32| {
            let at = ((y.min(h - 1) * w + x.min(w - 1)) * 3) as usize;
            let [r, g, b] = [0, 1, 2].map(|i| f64::from(canvas[at + i]));
            let luma = 0.299 * r + 0.587 * g + 0.114 * b;
            [luma, (b - luma) / 1.772 + 128.0, (r - luma) / 1.402 + 128.0]
        };
        for halved in [false, true] {
            let side = |side: u32| if halved { side.div_ceil(2) } else { side };
            let chroma = (side(w) * side(h)) as usize;
            let mut planes = [vec![113; (w * h) as usize], vec![98; chroma], vec![175; chroma]];
            overlay.paint_ycc(planes.each_mut().map(Vec::as_mut_slice), w, h, halved);
            for (i, &luma) in planes[0].iter().enumerate() {
                let [expected, ..] = pixel(i as u32 % w, i as u32 / w);
                assert!((f64::from(luma) - expected).abs() <= 2.0, "{w}x{h} luma {i}");
            }
            let step = if halved { 2 } else { 1 };
            // The last row and column of odd sides stand for pixels that are not there.
            for (x, y) in (0..h / step).flat_map(|y| (0..w / step).map(move |x| (x, y))) {
                for plane in [1, 2] {
                    let got = f64::from(planes[plane][(y * side(w) + x) as usize]);
                    let of = (0..step).flat_map(|dy| (0..step).map(move |dx| (dx, dy)));
                    let sum: f64 = of.map(|(dx, dy)| pixel(x * step + dx, y * step + dy)[plane]).sum();
                    assert!(
                        (got - sum / f64::from(step * step)).abs() <= 2.0,
                        "{w}x{h} plane {plane} at {x} {y}"
                    );
                }
            }
        }
    }
}

proptest! {
    #[test]
    fn painting_touches_the_placement_only(
        w in 1_u32..200, h in 1_u32..200, sides in (1_u32..60, 1_u32..60), colour: [u8; 3],
    ) {
        let overlay = solid(sides.0, sides.1, [colour[0], colour[1], colour[2], 255]);
        let mut canvas = vec![[9, 8, 7, 6]; (w * h) as usize].into_flattened();
        overlay.paint_rgba(&mut canvas, w, h);
        let placement = overlay.place(w, h);
        for (i, pixel) in canvas.chunks_exact(4).enumerate() {
            let painted = [colour[0], colour[1], colour[2], 255];
            prop_assert_eq!(pixel, if inside(placement, i, w) { painted } else { [9, 8, 7, 6] });
        }
    }

    #[test]
    fn an_opaque_canvas_gives_the_same_with_and_without_alpha(pixels in prop::collection::vec(any::<[u8; 4]>(), 12)) {
        prop_assume!(pixels.iter().any(|pixel| pixel[3] > 0));
        let overlay = Overlay::from_rgba(4, 3, pixels.into_flattened()).unwrap();
        let mut rgb = vec![200; 31 * 17 * 3];
        let mut rgba = [200, 200, 200, 255].repeat(31 * 17);
        overlay.paint_rgb(&mut rgb, 31, 17);
        overlay.paint_rgba(&mut rgba, 31, 17);
        for (a, b) in rgb.chunks_exact(3).zip(rgba.chunks_exact(4)) {
            prop_assert_eq!(b[3], 255);
            // The two round differently.
            prop_assert!(a.iter().zip(b).all(|(a, b)| a.abs_diff(*b) <= 1), "{:?} {:?}", a, b);
        }
    }
}
