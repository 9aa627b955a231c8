//! Rendered pictures against stored ones, by mean absolute difference. `DECKLE_GOLDENS=write` renders them anew; look at
//! them before you keep them.

use super::fixtures::*;
use super::marks::mean_difference;

/// Levels of 255, averaged over all channels; a shift by one pixel costs more.
const TOLERANCE: f64 = 1.5;

/// The same for lossy WebP, whose encoder may come to decide differently without getting worse.
const LOSSY_WEBP_TOLERANCE: f64 = 3.0;

fn check(name: &str, source: &[u8], segment: &str) {
    let (width, height, samples) = decoded(rendered(source, segment).bytes());
    let path = golden_path(&format!("{name}.png"));
    if std::env::var_os("DECKLE_GOLDENS").is_some_and(|value| value == "write") {
        std::fs::write(&path, png_of(width, height, png::ColorType::Rgba, &samples)).unwrap();
    }
    let (golden_width, golden_height, golden) = decoded(&std::fs::read(&path).unwrap());
    assert_eq!((width, height), (golden_width, golden_height), "{name}");
    let difference = mean_difference(&samples, &golden);
    let tolerance = if segment.contains("f_webp") {
        LOSSY_WEBP_TOLERANCE
    } else {
        TOLERANCE
    };
    assert!(difference <= tolerance, "{name}: {difference}");
}

macro_rules! goldens {
    ($($name:ident: $source:expr, $segment:expr;)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), &$source, $segment);
        })*
    };
}

goldens! {
    resize_jpeg: jpeg(400, 300), "w_160";
    resize_webp_lossy: jpeg(400, 300), "w_160,f_webp";
    resize_png: png(400, 300), "h_100";
    quality_30: jpeg(240, 180), "q_30";
    progressive: jpeg(240, 180), "w_160,progressive";
    cover_east: png(400, 300), "s_120x120,pos_east";
    contain_white: png(400, 300), "s_160x160,fit_contain,b_fff";
    enlarge: png(60, 40), "w_180,enlarge";
    orientation_6: oriented_jpeg(200, 120, 6), "w_120";
    crop_rotate_flop: png(400, 300), "crop_40_30_240_200,rotate_90,flop,w_140";
    grayscale: png(240, 180), "grayscale";
    transparent_resize: transparent_png(300, 300), "w_150";
    transparent_on_tomato: transparent_png(300, 300), "w_150,f_jpg,b_tomato";
    display_p3: p3(200, 150), "_";
    source_progressive: stored("progressive.jpg"), "f_png";
    source_422: stored("subsampled-422.jpg"), "f_png";
    source_grey: stored("grey.jpg"), "f_png";
    source_cmyk: stored("cmyk-adobe.jpg"), "f_png";
    source_lossy_webp: stored("lossy.webp"), "f_png";
    source_lossy_alpha_webp: stored("lossy-alpha.webp"), "f_png";
    source_animated_webp: stored("animated.webp"), "f_png";
    source_animated_png: stored("animated.png"), "f_png";
    source_interlaced_png: stored("interlaced.png"), "f_png";
    source_animated_gif: stored("animated.gif"), "f_png";
    source_lzw_tiff: stored("lzw.tif"), "f_png";
    source_deep_tiff: stored("deep.tif"), "f_png";
    source_cmyk_tiff: stored("cmyk.tif"), "f_png";
    source_palette_bmp: stored("palette.bmp"), "f_png";
}

/// A PNG whose values are Display P3: more vivid once they count as sRGB.
fn p3(width: u32, height: u32) -> Vec<u8> {
    let profile = moxcms::ColorProfile::new_display_p3().encode().unwrap();
    png_with(
        (width, height),
        png::ColorType::Rgb,
        png::BitDepth::Eight,
        &rgb(width, height),
        |info| {
            info.icc_profile = Some(profile.into());
        },
    )
}

/// The stored sources are one picture in many codings: all render to nearly the same. (Inks look like ink: see sharp.rs.)
#[test]
fn all_codings_show_one_picture() {
    let reference = decoded(rendered(&stored("interlaced.png"), "f_png").bytes());
    for (name, tolerance) in [
        ("progressive.jpg", 4.0),
        ("subsampled-422.jpg", 4.0),
        ("lossy.webp", 4.0),
        ("animated.webp", 4.0),
        ("animated.png", 0.6),
        ("animated.gif", 4.0),
        ("lzw.tif", 0.0),
        ("deep.tif", 0.0),
        ("palette.bmp", 3.0),
    ] {
        let (_, _, samples) = decoded(rendered(&stored(name), "f_png").bytes());
        let difference = mean_difference(&samples, &reference.2);
        assert!(difference <= tolerance, "{name}: {difference}");
    }
}

#[test]
fn a_shift_by_one_pixel_is_no_golden() {
    let (picture, row) = (rgb(160, 120), 160 * 3);
    assert!(mean_difference(&picture[3..], &picture[..picture.len() - 3]) > LOSSY_WEBP_TOLERANCE);
    assert!(mean_difference(&picture[row..], &picture[..picture.len() - row]) > LOSSY_WEBP_TOLERANCE);
}

/// A profile that says sRGB changes nothing; one that says something else does.
#[test]
fn profiles_are_converted() {
    let with = |profile: Option<moxcms::ColorProfile>| {
        let profile = profile.map(|profile| profile.encode().unwrap());
        let source = png_with(
            (80, 60),
            png::ColorType::Rgb,
            png::BitDepth::Eight,
            &rgb(80, 60),
            |info| {
                info.icc_profile = profile.map(Into::into);
            },
        );
        decoded(rendered(&source, "_").bytes()).2
    };
    let plain = with(None);
    assert_eq!(with(Some(moxcms::ColorProfile::new_srgb())), plain);
    assert!(mean_difference(&with(Some(moxcms::ColorProfile::new_display_p3())), &plain) > 2.0);
}
