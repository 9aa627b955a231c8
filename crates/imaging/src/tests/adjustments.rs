//! Operations on pixels on the whole way: sizes, transparency, order, and what is refused. What each of them shows is compared
//! with sharp's in `sharp.rs`.

use super::fixtures::*;
use super::marks::mean_difference;
use crate::{Budget, Error, Excess, OutputFormat, negotiate, probe, render, trace};

/// One of each, and some together.
const SEGMENTS: [&str; 40] = [
    "trim",
    "trim_0,w_40",
    "s_40x30,pos_entropy",
    "s_30x40,pos_attention",
    "s_40x40,gravity_fp_0.9_0.1",
    "w_50,kernel_nearest",
    "w_50,kernel_mks2021",
    "rotate_33.3",
    "rotate_33.3,w_60,b_fff8",
    "rotate_-1,s_40x40,fit_contain",
    "rotate_200,h_70",
    "extend_3_0_5_40",
    "pad_9,b_fff0",
    "extend_200_1_1_1_repeat",
    "extend_1_200_1_1_mirror",
    "flatten,b_tomato",
    "gamma",
    "gamma_1.5_3,w_50",
    "median",
    "median_20",
    "threshold",
    "threshold_0_false",
    "dilate_40",
    "erode",
    "blur",
    "blur_0.3",
    "blur_1000",
    "blur_200_float_0.001",
    "unflatten",
    "modulate_2_3_-400_-10",
    "modulate_9999999999_9999999999_2147483647_-9999999999",
    "sharpen",
    "sharpen_10_1000000_1000000_0_1000000_1000000",
    "opacity_0.3",
    "opacity_0,b_fff",
    "linear_-9999999999_9999999999",
    "normalize_0_100",
    "clahe_20_9_0",
    "tint_008080,negate,radius_8192",
    "grayscale,extend_5_5_5_5,rotate_5,b_f00,normalize",
];

#[test]
fn every_kind_of_source_is_adjusted_and_marked() {
    let grey: Vec<u8> = rgb(90, 70).chunks(3).map(|pixel| pixel[1]).collect();
    let grey_alpha: Vec<u8> = rgba(90, 70).chunks(4).flat_map(|pixel| [pixel[1], pixel[3]]).collect();
    let sources = [
        png(90, 70),
        transparent_png(90, 70),
        jpeg(91, 77),
        oriented_jpeg(90, 70, 6),
        png_of(90, 70, png::ColorType::Grayscale, &grey),
        png_of(90, 70, png::ColorType::GrayscaleAlpha, &grey_alpha),
        stored("cmyk-adobe.jpg"),
    ];
    for (index, source) in sources.iter().enumerate() {
        for segment in SEGMENTS {
            for format in ["f_jpg", "f_png", "f_webp"] {
                let rendition = rendered(source, &format!("{segment},{format}"));
                let (width, height, _) = decoded(rendition.bytes());
                assert_eq!(
                    (width, height),
                    (rendition.width(), rendition.height()),
                    "{index} {segment}"
                );
                let found = trace(rendition.bytes(), &key(), &Budget::default()).unwrap();
                assert_eq!(found, Some(payload()), "source {index}, {segment},{format}");
            }
        }
    }
}

#[test]
fn sizes() {
    let sides = |source: &[u8], segment: &str| {
        let rendition = rendered(source, segment);
        (rendition.width(), rendition.height())
    };
    let (source, turned) = (png(90, 70), oriented_jpeg(90, 70, 6));
    for (segment, expected) in [
        ("pad_10", (110, 90)),
        ("w_45,pad_1_2_3_4", (51, 39)),
        ("rotate_30", (113, 106)),
        ("rotate_30,w_60", (60, 56)),
        ("rotate_30,w_600", (113, 106)),
        ("rotate_45,s_50x50", (50, 50)),
        ("rotate_30,pad_10", (133, 126)),
        ("s_40x40,pos_entropy", (40, 40)),
        ("s_400x400,pos_attention", (70, 70)),
        ("w_30,dpr_2", (60, 47)),
        ("trim", (90, 70)),
    ] {
        assert_eq!(sides(&source, segment), expected, "{segment}");
    }
    assert_eq!(sides(&turned, "rotate_30,w_60").0, 60);
    assert_eq!(sides(&turned, "pad_10"), (90, 110));
}

/// A focal point is as near to the middle as the picture's edges let it.
#[test]
fn focal_points() {
    let source = png(120, 60);
    let same = |one: &str, other: &str| {
        let pixels = |segment: &str| decoded(rendered(&source, segment).bytes()).2;
        mean_difference(&pixels(one), &pixels(other)) == 0.0
    };
    assert!(same("s_60x60,gravity_fp_0.5_0.5", "s_60x60"));
    assert!(same("s_60x60,gravity_fp_0_0", "s_60x60,pos_left"));
    assert!(same("s_60x60,gravity_fp_0.2_1", "s_60x60,pos_left"));
    assert!(same("s_60x60,gravity_fp_1_0.5", "s_60x60,pos_right"));
    assert!(same("s_60x60,gravity_fp_0.375_0", "crop_15_0_60_60"));
}

#[test]
fn transparency_is_kept_where_the_format_has_it() {
    let corner = |segment: &str| decoded(rendered(&png(90, 70), segment).bytes()).2[3];
    for segment in ["radius_20", "opacity_0", "rotate_30,b_0000", "pad_5,b_0000"] {
        assert_eq!(corner(&format!("{segment},f_png")), 0, "{segment}");
        assert_eq!(corner(&format!("{segment},f_webp")), 0, "{segment}");
    }
    for segment in ["radius_20,b_fff", "opacity_0,b_fff", "rotate_30", "pad_5"] {
        assert_eq!(corner(&format!("{segment},f_png")), 255, "{segment}");
    }
    let source = probe(&jpeg(90, 70)).unwrap();
    let format = |segment: &str| {
        let operations = operations::parse(segment).unwrap();
        negotiate(&operations, Some("image/webp"), &source).format
    };
    for segment in [
        "radius_5",
        "unflatten",
        "opacity_0.5",
        "pad_5,b_0000",
        "rotate_5,b_fff0",
    ] {
        assert_eq!(
            format(&format!("{segment},f_auto")),
            OutputFormat::WebPLossless,
            "{segment}"
        );
    }
    for segment in ["radius_5,b_fff", "opacity_0.5,b_fff", "pad_5", "rotate_5", "blur"] {
        assert_eq!(
            format(&format!("{segment},f_auto")),
            OutputFormat::WebPLossy,
            "{segment}"
        );
    }
    let transparent = probe(&transparent_png(90, 70)).unwrap();
    let flat = operations::parse("flatten,f_auto").unwrap();
    assert_eq!(negotiate(&flat, None, &transparent).format, OutputFormat::Jpeg);
}

#[test]
fn windows_larger_than_the_picture_are_refused() {
    for segment in [
        "median_71",
        "w_40,median_40",
        "clahe_71",
        "clahe_20_71",
        "h_10,clahe_11",
    ] {
        assert_eq!(
            try_rendered(&png(90, 70), segment).map(drop),
            Err(Error::WindowTooLarge),
            "{segment}"
        );
    }
}

/// Sizes and work beyond the budget are refused from the header.
#[test]
fn too_much_is_refused() {
    let source = png(90, 70);
    for (segment, excess) in [
        ("extend_0_0_0_9000", Excess::OutputSide),
        ("pad_4000", Excess::OutputPixels),
        ("s_6000x2500,fit_fill,enlarge,rotate_45", Excess::OutputPixels),
        ("h_6000,enlarge,rotate_45", Excess::OutputSide),
        ("s_2000x2000,enlarge,clahe_100", Excess::Work),
        ("s_2100x2100,enlarge,median_100", Excess::Work),
        ("s_4000x3500,enlarge,blur_5", Excess::WorkingBytes),
    ] {
        let result = try_rendered(&source, segment).map(drop);
        let refused = matches!(result, Err(Error::OverBudget(_)));
        assert!(refused, "{segment} {excess:?}: {result:?}");
    }
    let operations = operations::parse("blur").unwrap();
    let budget = Budget {
        steps: 90 * 70 * 10,
        ..Budget::default()
    };
    let result = render(&source, &operations, OutputFormat::Png, &marks(), &budget);
    assert_eq!(result.map(drop), Err(Error::OverBudget(Excess::Work)));
}

/// The steps' order is fixed; the URL's says nothing.
#[test]
fn the_order_is_not_the_urls() {
    let source = png(90, 70);
    let file = |segment: &str| rendered(&source, segment).into_bytes();
    assert_eq!(
        file("blur_2,negate,threshold,pad_5"),
        file("pad_5,threshold,negate,blur_2")
    );
    // Threshold before blur: there are greys. Negate last: the padding too is inverted.
    let (_, _, samples) = decoded(&file("blur_2,negate,threshold,pad_5"));
    assert!(samples.chunks(4).any(|pixel| (60..200).contains(&pixel[0])));
    assert!(samples[0] >= 254);
}

/// A photograph-sized picture with a plain border: trimmed, and then resized as what is left.
#[test]
fn trim_comes_before_everything() {
    let (width, height) = (160u32, 120u32);
    let at = |x: u32, y: u32| {
        if (30..130).contains(&x) && (20..100).contains(&y) {
            [pixel(x, y, width, height)[0] / 2, 20, 40]
        } else {
            [250, 250, 250]
        }
    };
    let samples: Vec<u8> = (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| at(x, y)))
        .collect();
    let framed = png_of(width, height, png::ColorType::Rgb, &samples);
    let sides = |segment: &str| {
        let rendition = rendered(&framed, segment);
        (rendition.width(), rendition.height())
    };
    assert_eq!(sides("trim"), (100, 80));
    assert_eq!(sides("trim,w_50"), (50, 40));
    assert_eq!(sides("trim,w_150"), (100, 80));
    assert_eq!(sides("trim,crop_0_0_50_40,pad_5"), (60, 50));
    assert_eq!(
        try_rendered(&framed, "trim,crop_0_0_101_40").map(drop),
        Err(Error::CropOutside)
    );
}
