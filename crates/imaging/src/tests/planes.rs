//! JPEG originals that stay planes on their way come out as those that become pixels.

use super::fixtures::*;
use super::marks::mean_difference;

/// Levels of 255, averaged over all channels, between a rendition made of planes and the same through pixels: what the lossy
/// format itself costs, and little more. A shift of chroma by a pixel is found by [`chroma_lies_where_it_belongs`].
const JPEG: f64 = 2.5;
const WEBP: f64 = 3.0;

/// Every step that planes take part in; sizes large enough that chroma is subsampled, odd ones among them.
const SEGMENTS: [&str; 12] = [
    "enlarge",
    "w_250",
    "w_201",
    "h_171",
    "s_181x163,pos_east",
    "s_203x190,fit_fill",
    "s_210x230,fit_contain,b_tomato",
    "s_231x200,fit_contain,pos_left,b_fff",
    "crop_31_17_203_155",
    "crop_30_10_300_260,rotate_90,flop,w_141",
    "flip,w_199",
    "rotate_270,h_207",
];

fn sources() -> Vec<(&'static str, Vec<u8>)> {
    vec![
        ("even", jpeg(420, 300)),
        ("odd", jpeg(413, 307)),
        ("turned", oriented_jpeg(300, 420, 6)),
        ("mirrored", oriented_jpeg(411, 305, 3)),
    ]
}

#[test]
fn planes_and_pixels_show_one_picture() {
    for (name, source) in sources() {
        for segment in SEGMENTS {
            let (width, height, pixels) = decoded(rendered(&source, &format!("{segment},f_png")).bytes());
            for (format, tolerance) in [("f_jpg,q_89", JPEG), ("f_jpg,q_95", JPEG), ("f_webp,q_90", WEBP)] {
                let (w, h, planes) = decoded(rendered(&source, &format!("{segment},{format}")).bytes());
                assert_eq!((w, h), (width, height), "{name} {segment} {format}");
                let difference = mean_difference(&planes, &pixels);
                assert!(difference < tolerance, "{name} {segment} {format}: {difference}");
            }
        }
    }
}

/// The stored originals: progressive, other samplings, grey.
#[test]
fn every_kind_of_planes_is_resized() {
    for name in ["progressive.jpg", "subsampled-422.jpg", "grey.jpg", "cmyk-adobe.jpg"] {
        let (_, _, pixels) = decoded(rendered(&stored(name), "f_png").bytes());
        let (_, _, planes) = decoded(rendered(&stored(name), "f_jpg,q_95").bytes());
        let difference = mean_difference(&planes, &pixels);
        assert!(difference < JPEG, "{name}: {difference}");
    }
}

/// A red bar on green keeps its place and its edges whatever moves it, at every sampling.
#[test]
fn chroma_lies_where_it_belongs() {
    let (width, height) = (401u16, 403u16);
    let bar = |n: u32| (160..240).contains(&n);
    let samples: Vec<u8> = (0..u32::from(height))
        .flat_map(|y| {
            (0..u32::from(width)).flat_map(move |x| if bar(x) || bar(y) { [200, 40, 40] } else { [40, 160, 40] })
        })
        .collect();
    let transformed = jpeg::transform(jpeg::Pixels::Rgb(&samples), width, height, 95, jpeg::Sampling::Yuv420);
    let source = jpeg::encode(&transformed.unwrap()).unwrap();
    for segment in [
        "enlarge",
        "flop",
        "flip",
        "flop,flip",
        "rotate_90",
        "w_301",
        "w_301,flop,flip",
        "w_250,rotate_270",
        "crop_51_33_320_350",
    ] {
        let (w, h, pixels) = decoded(rendered(&source, &format!("{segment},f_png")).bytes());
        let (_, _, planes) = decoded(rendered(&source, &format!("{segment},f_jpg,q_89")).bytes());
        // How red the first row and column are, away from the visible mark.
        let red = |samples: &[u8], x: u32, y: u32| {
            let at = ((y * w + x) * 4) as usize;
            f64::from(samples[at]) - f64::from(samples[at + 1])
        };
        // From the middle of a side, so that only where the bar is counts, not how red all of it is.
        let lever = |place: u32, side: u32| f64::from(place) - f64::from(side - 1) / 2.0;
        for line in [0, 2, 4] {
            let across: [f64; 2] =
                [&pixels, &planes].map(|samples| (0..w).map(|x| red(samples, x, line) * lever(x, w)).sum());
            let down: [f64; 2] =
                [&pixels, &planes].map(|samples| (0..h).map(|y| red(samples, line, y) * lever(y, h)).sum());
            for ([expected, found], side) in [(across, w), (down, h)] {
                // The moment of a bar that is 280 levels redder moves by 280 times its width for each pixel; half a
                // pixel of it is too much.
                let moved = (found - expected) / (f64::from(side) / 5.0 * 280.0);
                assert!(moved.abs() < 0.5, "{segment} {line}: {moved}");
            }
        }
    }
}
