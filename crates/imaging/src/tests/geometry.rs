//! Pixels end where they should.

use super::fixtures::*;

/// Tells the quadrants of a 40 x 40 or larger picture apart by colour: R G / B W. The centre belongs to the overlay.
fn quadrants(width: u32, height: u32) -> Vec<u8> {
    let colour = |x, y| match (x < width / 2, y < height / 2) {
        (true, true) => [255, 0, 0],
        (false, true) => [0, 255, 0],
        (true, false) => [0, 0, 255],
        (false, false) => [255, 255, 255],
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| colour(x, y)))
        .collect()
}

/// Size, and the colours near the corners, clockwise from the top left.
fn corners(file: &[u8]) -> (u32, u32, String) {
    let (width, height, samples) = decoded(file);
    let at = |x: u32, y: u32| {
        let start = ((y * width + x) * 4) as usize;
        match [0, 1, 2, 3].map(|channel| samples[start + channel] > 127) {
            [true, false, false, true] => 'R',
            [false, true, false, true] => 'G',
            [false, false, true, true] => 'B',
            [true, true, true, true] => 'W',
            [_, _, _, false] => '.',
            [false, false, false, true] => 'K',
            _ => '?',
        }
    };
    let (right, bottom) = (width - 3, height - 3);
    let corners = [at(2, 2), at(right, 2), at(right, bottom), at(2, bottom)];
    (width, height, corners.iter().collect())
}

fn check(source: &[u8], segment: &str, expected: (u32, u32, &str)) {
    for format in ["f_png", "f_jpg", "f_webp,q_100"] {
        let segment = if segment == "_" {
            format.to_owned()
        } else {
            format!("{segment},{format}")
        };
        let found = corners(rendered(source, &segment).bytes());
        assert_eq!((found.0, found.1, found.2.as_str()), expected, "{segment}");
    }
}

#[test]
fn operations_move_corners() {
    let source = png_of(80, 40, png::ColorType::Rgb, &quadrants(80, 40));
    for (segment, expected) in [
        ("_", (80, 40, "RGWB")),
        ("rotate_90", (40, 80, "BRGW")),
        ("rotate_180", (80, 40, "WBRG")),
        ("rotate_270", (40, 80, "GWBR")),
        ("flip", (80, 40, "BWGR")),
        ("flop", (80, 40, "GRBW")),
        ("flip,flop", (80, 40, "WBRG")),
        // Without a width, mirrors come before the rotation; with one, after.
        ("flop,rotate_90", (40, 80, "WGRB")),
        ("flop,rotate_90,w_40", (40, 80, "WGRB")),
        ("crop_0_0_40_20", (40, 20, "RRRR")),
        ("crop_40_20_40_20", (40, 20, "WWWW")),
        ("crop_20_0_40_40", (40, 40, "RGWB")),
        ("crop_0_0_40_40,rotate_90", (40, 40, "BRRB")),
        ("w_40", (40, 20, "RGWB")),
        ("s_20x20,pos_left", (20, 20, "RRBB")),
        ("s_20x20,pos_right", (20, 20, "GGWW")),
        ("s_40x40,fit_contain", (40, 40, "KKKK")),
        ("s_40x40,fit_contain,b_f00", (40, 40, "RRRR")),
        ("s_40x40,fit_contain,pos_top,b_00f", (40, 40, "RGBB")),
        ("s_40x40,fit_fill", (40, 40, "RGWB")),
        ("s_100x100,fit_fill,enlarge", (100, 100, "RGWB")),
        ("w_160,enlarge", (160, 80, "RGWB")),
    ] {
        check(&source, segment, expected);
    }
}

/// Whatever the orientation says was stored, the picture comes out upright, cropped and resized as seen.
#[test]
fn orientations_come_out_upright() {
    let stored: [(u16, u16, &str); 8] = [
        (80, 40, "RGWB"),
        (80, 40, "GRBW"),
        (80, 40, "WBRG"),
        (80, 40, "BWGR"),
        (40, 80, "RBWG"),
        (40, 80, "GWBR"),
        (40, 80, "WGRB"),
        (40, 80, "BRGW"),
    ];
    for (orientation, (width, height, colours)) in (1u16..).zip(stored) {
        let colour = |x: u16, y: u16| {
            let corner = match (x < width / 2, y < height / 2) {
                (true, true) => 0,
                (false, true) => 1,
                (false, false) => 2,
                (true, false) => 3,
            };
            match colours.as_bytes()[corner] {
                b'R' => [255, 0, 0],
                b'G' => [0, 255, 0],
                b'B' => [0, 0, 255],
                _ => [255, 255, 255],
            }
        };
        let samples: Vec<u8> = (0..height)
            .flat_map(|y| (0..width).flat_map(move |x| colour(x, y)))
            .collect();
        let coefficients =
            jpeg::transform(jpeg::Pixels::Rgb(&samples), width, height, 95, jpeg::Sampling::Yuv444).unwrap();
        let mut segment = b"Exif\0\0".to_vec();
        segment.extend(exif(orientation, orientation % 2 == 0));
        let as_jpeg = with_segment(&jpeg::encode(&coefficients).unwrap(), 0xE1, &segment);
        let as_png = png_with(
            (width.into(), height.into()),
            png::ColorType::Rgb,
            png::BitDepth::Eight,
            &samples,
            |info| info.exif_metadata = Some(exif(orientation, true).into()),
        );
        for source in [as_jpeg, as_png] {
            check(&source, "_", (80, 40, "RGWB"));
            check(&source, "rotate", (80, 40, "RGWB"));
            check(&source, "w_40", (40, 20, "RGWB"));
            check(&source, "crop_0_20_80_20", (80, 20, "BWWB"));
            check(&source, "rotate_90,s_20x20,pos_bottom", (20, 20, "WGGW"));
        }
    }
}

/// What does not need resampling is copied exactly, but for the mark's least-significant bits and the overlay.
#[test]
fn crop_rotate_and_mirror_copy_pixels() {
    let (width, height) = (50u32, 30u32);
    let source = png(width, height);
    let (_, _, original) = decoded(&source);
    let at = |x: u32, y: u32| &original[((y * width + x) * 4) as usize..][..3];
    let (w, h, turned) = decoded(rendered(&source, "crop_5_4_31_21,flip,rotate_90").bytes());
    assert_eq!((w, h), (21, 31));
    let overlay = marks().overlay.place(w, h);
    let mut compared = 0;
    for y in 0..h {
        for x in 0..w {
            let inside = (overlay.x..overlay.x + overlay.width).contains(&x)
                && (overlay.y..overlay.y + overlay.height).contains(&y);
            if !inside {
                // Turning back: the column was a row from below, and the flip mirrored rows: so x counts rows from above.
                let expected = at(5 + y, 4 + x);
                let found = &turned[((y * w + x) * 4) as usize..][..3];
                assert!(expected.iter().zip(found).all(|(a, b)| a.abs_diff(*b) <= 1), "{x} {y}");
                compared += 1;
            }
        }
    }
    assert!(compared > 400);
}

#[test]
fn transparency_is_kept_flattened_or_padded() {
    let source = transparent_png(100, 80);
    for (segment, expected) in [
        ("f_png", "...."),
        ("f_webp", "...."),
        ("f_jpg", "KKKK"),
        ("f_jpg,b_f00", "RRRR"),
        ("f_png,w_50", "...."),
        ("f_png,s_50x50,fit_contain,b_0f0", "GGGG"),
        ("f_png,s_50x50,fit_contain,b_transparent", "...."),
    ] {
        assert_eq!(corners(rendered(&source, segment).bytes()).2, expected, "{segment}");
    }
    let opaque = png_of(80, 40, png::ColorType::Rgb, &quadrants(80, 40));
    assert_eq!(
        corners(rendered(&opaque, "f_png,s_40x40,fit_contain,b_ffffff00").bytes()).2,
        "...."
    );
    assert_eq!(
        corners(rendered(&opaque, "f_jpg,s_40x40,fit_contain,b_ffffff00").bytes()).2,
        "WWWW"
    );
}

/// Red on transparent green must not turn yellow or dark at the edge.
#[test]
fn colours_of_transparent_pixels_do_not_bleed() {
    let samples: Vec<u8> = (0..64u32 * 64)
        .flat_map(|i| if i % 64 < 20 { [200, 0, 0, 255] } else { [0, 255, 0, 0] })
        .collect();
    let (width, _, small) = decoded(rendered(&png_of(64, 64, png::ColorType::Rgba, &samples), "w_25").bytes());
    for (index, pixel) in small.chunks(4).enumerate() {
        if pixel[3] > 8 && index as u32 % width < 6 {
            assert!(pixel[0] > 190 && pixel[1] < 12, "{index}: {pixel:?}");
        }
    }
}

#[test]
fn every_png_kind_is_read() {
    use png::{BitDepth, ColorType};
    let (w, h) = (64u32, 48u32);
    // The same ramp in each depth: left dark, right bright.
    let ramp = |x: u32| (x * 255 / (w - 1)) as u8;
    let packed = |bits: u32| -> Vec<u8> {
        (0..h)
            .flat_map(|_| {
                (0..w * bits / 8).map(|byte| {
                    (0..8 / bits).fold(0u8, |value, part| {
                        value << (bits % 8) | ramp(byte * 8 / bits + part) >> (8 - bits)
                    })
                })
            })
            .collect()
    };
    let repeated = |pixel: &dyn Fn(u32) -> Vec<u8>| (0..h).flat_map(|_| (0..w).flat_map(pixel)).collect::<Vec<u8>>();
    let palette: Vec<u8> = (0..=255u8).flat_map(|v| [v, v, v]).collect();
    let plain = |_: &mut png::Info<'_>| {};
    let files = [
        png_with((w, h), ColorType::Grayscale, BitDepth::One, &packed(1), plain),
        png_with((w, h), ColorType::Grayscale, BitDepth::Two, &packed(2), plain),
        png_with((w, h), ColorType::Grayscale, BitDepth::Four, &packed(4), plain),
        png_with(
            (w, h),
            ColorType::Grayscale,
            BitDepth::Eight,
            &repeated(&|x| vec![ramp(x)]),
            plain,
        ),
        png_with(
            (w, h),
            ColorType::Grayscale,
            BitDepth::Sixteen,
            &repeated(&|x| vec![ramp(x), 9]),
            plain,
        ),
        png_with(
            (w, h),
            ColorType::GrayscaleAlpha,
            BitDepth::Sixteen,
            &repeated(&|x| vec![ramp(x), 9, 255, 255]),
            plain,
        ),
        png_with(
            (w, h),
            ColorType::Rgb,
            BitDepth::Sixteen,
            &repeated(&|x| [ramp(x), 9].repeat(3)),
            plain,
        ),
        png_with(
            (w, h),
            ColorType::Rgba,
            BitDepth::Sixteen,
            &repeated(&|x| [&[ramp(x), 9].repeat(3)[..], &[255, 255]].concat()),
            plain,
        ),
        png_with(
            (w, h),
            ColorType::Indexed,
            BitDepth::Eight,
            &repeated(&|x| vec![ramp(x)]),
            |info| {
                info.palette = Some(palette.clone().into());
            },
        ),
        png_with(
            (w, h),
            ColorType::Indexed,
            BitDepth::Eight,
            &repeated(&|x| vec![ramp(x)]),
            |info| {
                info.palette = Some(palette.clone().into());
                info.trns = Some(vec![255; 256].into());
            },
        ),
    ];
    for (index, file) in files.iter().enumerate() {
        let (_, _, samples) = decoded(rendered(file, "f_png").bytes());
        let (dark, bright) = (&samples[..4], &samples[(w as usize - 1) * 4..][..4]);
        assert!(
            dark[..3].iter().all(|v| *v <= 1) && bright[..3].iter().all(|v| *v >= 254),
            "{index}: {dark:?} {bright:?}"
        );
        assert_eq!((dark[3], bright[3]), (255, 255), "{index}");
    }
    // One palette entry is transparent.
    let holed = png_with(
        (w, h),
        ColorType::Indexed,
        BitDepth::Eight,
        &repeated(&|x| vec![ramp(x)]),
        |info| {
            info.palette = Some(palette.clone().into());
            info.trns = Some(vec![0].into());
        },
    );
    assert!(crate::probe(&holed).unwrap().alpha);
    assert_eq!(decoded(rendered(&holed, "_").bytes()).2[3], 0);
}
