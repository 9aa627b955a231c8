use proptest::prelude::*;

use crate::{Colour, Crop, Error, Fit, Format, Operations, Position, Rotation, parse};

fn with(change: impl FnOnce(&mut Operations)) -> Operations {
    let mut operations = Operations::default();
    change(&mut operations);
    operations
}

/// Every modifier with what it accepts, in its canonical spelling.
#[test]
fn accepted() {
    let table: &[(&str, &str)] = &[
        ("_", "_"),
        ("w_1", "w_1"),
        ("width=8192", "w_8192"),
        ("h:300", "h_300"),
        ("height_300", "h_300"),
        ("s_400x300", "s_400x300"),
        ("resize_400", "s_400x400"),
        ("w_400,h_300", "s_400x300"),
        ("h_300&w_400", "s_400x300"),
        ("fit_cover", "fit_cover"),
        ("fit_contain", "fit_contain"),
        ("fit_fill", "fit_fill"),
        ("fit_inside", "fit_inside"),
        ("fit_outside", "fit_outside"),
        ("pos_top", "pos_north"),
        ("pos_right-top", "pos_northeast"),
        ("position_right top", "pos_northeast"),
        ("pos_left-bottom", "pos_southwest"),
        ("pos_center", "pos_centre"),
        ("pos_8", "pos_northwest"),
        ("pos_3", "pos_south"),
        ("b_fff", "b_ffffff"),
        ("background_#FFF8", "b_ffffff88"),
        ("b_tomato", "b_ff6347"),
        ("b_rgb(1,2,3),w_5", "w_5,b_010203"),
        ("q_1", "q_1"),
        ("quality_100", "q_100"),
        ("f_jpg", "f_jpeg"),
        ("format_jpeg", "f_jpeg"),
        ("f_png", "f_png"),
        ("f_webp", "f_webp"),
        ("f_auto", "f_auto"),
        ("enlarge", "enlarge"),
        ("enlarge_", "enlarge"),
        ("enlarge_true", "enlarge"),
        ("enlarge_0", "_"),
        ("crop_0_1_2_3", "crop_0_1_2_3"),
        ("extract_10:20=30_100000000", "crop_10_20_30_100000000"),
        ("rotate", "_"),
        ("rotate_0", "_"),
        ("rotate_90", "rotate_90"),
        ("rotate_-90", "rotate_270"),
        ("rotate_3600", "_"),
        ("rotate_450", "rotate_90"),
        ("flip", "flip"),
        ("flip_false", "_"),
        ("flop_1", "flop"),
        ("grayscale", "grayscale"),
    ];
    for (segment, canonical) in table {
        assert_eq!(
            parse(segment).map(|ops| ops.canonical()),
            Ok((*canonical).to_owned()),
            "{segment}"
        );
    }
}

#[test]
fn everything_at_once() {
    let all = "crop_1_2_3_4,s_5x6,fit_contain,pos_east,b_ff000080,rotate_180,enlarge,flip,flop,grayscale,f_auto,q_75";
    let operations = parse(all).unwrap();
    assert_eq!(operations.canonical(), all);
    assert_eq!(
        operations,
        Operations {
            width: Some(5),
            height: Some(6),
            fit: Some(Fit::Contain),
            position: Some(Position::East),
            background: Some(Colour {
                red: 255,
                green: 0,
                blue: 0,
                alpha: 128
            }),
            quality: Some(75),
            format: Some(Format::Auto),
            enlarge: true,
            crop: Some(Crop {
                left: 1,
                top: 2,
                width: 3,
                height: 4
            }),
            rotate: Rotation::R180,
            flip: true,
            flop: true,
            grayscale: true,
            ..Operations::default()
        }
    );
}

/// Every modifier with what it refuses.
#[test]
fn refused() {
    let invalid: &[(&str, &[&str])] = &[
        (
            "width",
            &[
                "w_0", "w_8193", "w_0800", "w_+8", "w_-8", "w_8.0", "w_1e3", "w_a", "w_ 8", "w_8_9", "w_٨", "w__8",
            ],
        ),
        ("height", &["h_0", "h_99999999999", "height_01"]),
        (
            "resize",
            &[
                "s_0",
                "s_400x",
                "s_x300",
                "s_400x300x2",
                "s_400X300",
                "s_04x3",
                "s_4x8193",
                "s_4_3",
            ],
        ),
        ("fit", &["fit_Cover", "fit_crop", "fit_cover_", "fit_1"]),
        (
            "position",
            &[
                "pos_top right",
                "pos_9",
                "pos_01",
                "pos_right_top",
                "pos_middle",
                "pos_--",
            ],
        ),
        (
            "background",
            &["b_ff", "b_zzz", "b_White", "b_rgb(1,2)", "b_rgb(1,2,3", "b_url(x)"],
        ),
        ("quality", &["q_0", "q_101", "q_08", "q_8.5"]),
        ("format", &["f_JPG", "f_bmp", "f_image/png", "f_jpg_png"]),
        ("enlarge", &["enlarge_yes", "enlarge_2", "enlarge_TRUE"]),
        (
            "crop",
            &[
                "crop_1_2_3",
                "crop_1_2_3_4_5",
                "crop_1_2_0_4",
                "crop_-1_2_3_4",
                "crop_1__3_4",
                "crop_1_2_3_100000001",
            ],
        ),
        (
            "rotate",
            &[
                "rotate_090",
                "rotate_+90",
                "rotate_-0",
                "rotate_3690",
                "rotate_90.50",
                "rotate_right",
            ],
        ),
        ("flip", &["flip_x"]),
        ("flop", &["flop_01"]),
        ("grayscale", &["grayscale_no"]),
    ];
    for (name, segments) in invalid {
        for segment in *segments {
            let result = parse(segment);
            assert!(
                matches!(result, Err(Error::Invalid { modifier, .. }) if modifier == *name),
                "{segment}: {result:?}"
            );
        }
    }
    let table: &[(&str, Error)] = &[
        ("", Error::Missing),
        (",", Error::EmptyModifier),
        ("w_1,", Error::EmptyModifier),
        ("&w_1", Error::EmptyModifier),
        ("w_1,,h_1", Error::EmptyModifier),
        ("__", Error::EmptyModifier),
        ("w_1,_", Error::EmptyModifier),
        ("W_1", Error::Unknown),
        ("wx_1", Error::Unknown),
        (" w_1", Error::Unknown),
        ("w_1, h_1", Error::Unknown),
        ("watermark_0", Error::Unknown),
        ("w", Error::MissingArgument("width")),
        ("h_", Error::MissingArgument("height")),
        ("s", Error::MissingArgument("resize")),
        ("q", Error::MissingArgument("quality")),
        ("f:", Error::MissingArgument("format")),
        ("crop", Error::MissingArgument("crop")),
        ("w_1,w_1", Error::Duplicate("width")),
        ("w_1,width_1", Error::Duplicate("width")),
        ("h_1,height_1", Error::Duplicate("height")),
        ("s_1,resize_1", Error::Duplicate("resize")),
        ("s_1,w_1", Error::Duplicate("width")),
        ("h_1,s_1", Error::Duplicate("resize")),
        ("pos_0,position_0", Error::Duplicate("position")),
        ("b_fff,background_fff", Error::Duplicate("background")),
        ("q_1,quality_1", Error::Duplicate("quality")),
        ("f_png,format_png", Error::Duplicate("format")),
        ("crop_0_0_1_1,extract_0_0_1_1", Error::Duplicate("crop")),
        ("flip,flip_false", Error::Duplicate("flip")),
        ("f_avif", Error::NotSupported("avif")),
        ("f_svg", Error::NotSupported("svg")),
        ("pos_0,gravity_fp_0_0", Error::Duplicate("gravity")),
        ("extend_1,pad_1", Error::Duplicate("pad")),
        ("a,animated", Error::Duplicate("animated")),
        ("progressive,progressive_0", Error::Duplicate("progressive")),
        ("modulate_1,brightness_1", Error::Duplicate("brightness")),
        ("hue_5,modulate_1__6", Error::Duplicate("hue")),
        ("hue_5,hue_5", Error::Duplicate("hue")),
    ];
    for (segment, error) in table {
        assert_eq!(parse(segment), Err(*error), "{segment}");
    }
    assert_eq!(parse(&"w".repeat(1025)), Err(Error::TooLong));
}

#[test]
fn a_side_alone_is_no_box() {
    assert_eq!(parse("w_7"), Ok(with(|ops| ops.width = Some(7))));
    assert_eq!(parse("h_7"), Ok(with(|ops| ops.height = Some(7))));
}

/// Every modifier with every kind of argument that its canonical spelling can have.
const PIECES: [&[&str]; 34] = [
    &["trim_0", "trim_12.5"],
    &["crop_0_1_2_3", "crop_100000000_0_100000000_1"],
    &["w_1", "w_8192", "h_7", "s_400x300"],
    &["fit_cover", "fit_contain", "fit_fill", "fit_inside", "fit_outside"],
    &[
        "pos_centre",
        "pos_northwest",
        "pos_entropy",
        "pos_attention",
        "gravity_fp_0_1",
        "gravity_fp_0.25_0.999999",
    ],
    &["b_000000", "b_ff634780"],
    &["kernel_nearest", "kernel_mks2021", "kernel_lanczos3"],
    &[
        "rotate_90",
        "rotate_180",
        "rotate_270",
        "rotate_0.000001",
        "rotate_359.5",
    ],
    &["enlarge"],
    &["flip"],
    &["flop"],
    &["grayscale"],
    &["extend_0_0_0_0", "extend_1_2_3_10000_mirror"],
    &["flatten"],
    &["gamma_2.2", "gamma_1_3"],
    &["median_1", "median_1000"],
    &["threshold_0", "threshold_255_false"],
    &["dilate_1", "dilate_100"],
    &["erode_1", "erode_100"],
    &[
        "blur",
        "blur_0.3",
        "blur_1000_float",
        "blur_5__0.001",
        "blur_5_approximate_1",
    ],
    &["unflatten"],
    &[
        "modulate_0",
        "modulate__1.5",
        "modulate___-90",
        "modulate____-10.5",
        "modulate_1_2_3_4",
    ],
    &[
        "sharpen",
        "sharpen_0.000001",
        "sharpen_10_0_1000000_0.5_1_3",
        "sharpen_2__3",
    ],
    &["opacity_0", "opacity_0.5"],
    &["linear_1", "linear_-1.25_-10", "linear_0_9999999999.999999"],
    &["normalize_1_99", "normalize_0_100"],
    &["clahe_1", "clahe_100_1", "clahe_5__0", "clahe_5_6_100"],
    &["tint_ff6347"],
    &["negate", "negate_false"],
    &["radius_1", "radius_8192"],
    &["animated"],
    &["f_jpeg", "f_png", "f_webp", "f_auto"],
    &["q_1", "q_100"],
    &["progressive"],
];

/// Canonical segments: some of the pieces, in their order.
fn canonical() -> impl Strategy<Value = String> {
    let piece = |choices: &'static [&'static str]| proptest::option::of(proptest::sample::select(choices));
    PIECES.map(piece).to_vec().prop_map(|pieces| {
        let pieces: Vec<&str> = pieces.into_iter().flatten().collect();
        if pieces.is_empty() {
            "_".to_owned()
        } else {
            pieces.join(",")
        }
    })
}

#[test]
fn the_longest_pieces_together_are_short_enough() {
    let longest = PIECES.map(|choices| *choices.iter().max_by_key(|piece| piece.len()).unwrap());
    assert_eq!(
        parse(&longest.join(",")).map(|operations| operations.canonical()),
        Ok(longest.join(","))
    );
}

proptest! {
    #[test]
    fn canonical_reads_back(segment in canonical()) {
        let operations = parse(&segment);
        prop_assert_eq!(operations.clone().map(|operations| operations.canonical()), Ok(segment));
        // Another order, the same meaning.
        let operations = operations.unwrap();
        let canonical = operations.canonical();
        let backwards: Vec<&str> = canonical.rsplit(',').collect();
        prop_assert_eq!(parse(&backwards.join("&")), Ok(operations));
    }

    #[test]
    fn no_text_panics(segment in "\\PC{0,80}") {
        let _ = parse(&segment);
    }

    /// Near misses: made of the grammar's own pieces. What is accepted survives its canonical spelling.
    #[test]
    fn no_near_miss_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "w", "h", "s", "fit", "pos", "b", "q", "f", "crop", "rotate", "flip", "blur", "modulate", "hue", "sharpen", "linear", "dpr",
        "gravity_fp", "pad", "extend", "clahe", "normalize", "progressive", "0.5", "2", "true", "_", "_", ":", "=", ",", "&", "0", "1", "90", "-",
        "x", "(", ")", "rgb(", "#", "fff", "cover", "auto", "é", "%", "/", " ", ".",
    ]), 0..14)) {
        if let Ok(operations) = parse(&pieces.concat()) {
            prop_assert_eq!(parse(&operations.canonical()), Ok(operations));
        }
    }

    #[test]
    fn errors_do_not_reflect_input(segment in "[A-Z]{6,20}(_[A-Z]{6,20})?") {
        let message = parse(&segment).unwrap_err().to_string();
        prop_assert!(segment.split('_').all(|part| !message.contains(part)));
    }
}
