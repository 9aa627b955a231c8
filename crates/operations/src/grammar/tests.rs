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
                "rotate_90.5",
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
        ("fit", Error::MissingArgument("fit")),
        ("pos=", Error::MissingArgument("position")),
        ("b", Error::MissingArgument("background")),
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
        ("pos_entropy", Error::NotSupported("position entropy")),
        ("pos_17", Error::NotSupported("position attention")),
        ("f_avif", Error::NotSupported("avif")),
        ("f_svg", Error::NotSupported("svg")),
        ("rotate_45", Error::NotSupported("rotate by other than multiples of 90")),
        ("blur_5", Error::NotSupported("blur")),
        ("a", Error::NotSupported("animated")),
    ];
    for (segment, error) in table {
        assert_eq!(parse(segment), Err(*error), "{segment}");
    }
    assert_eq!(parse(&"w".repeat(513)), Err(Error::TooLong));
}

#[test]
fn a_side_alone_is_no_box() {
    assert_eq!(parse("w_7"), Ok(with(|ops| ops.width = Some(7))));
    assert_eq!(parse("h_7"), Ok(with(|ops| ops.height = Some(7))));
}

fn operations() -> impl Strategy<Value = Operations> {
    let side = || proptest::option::of(1..=8192u32);
    let fit = proptest::option::of(proptest::sample::select(Fit::NAMES.map(|(_, fit)| fit).to_vec()));
    let position = proptest::option::of(proptest::sample::select(
        Position::NAMES.map(|(_, position)| position).to_vec(),
    ));
    let colour = proptest::option::of(any::<[u8; 4]>().prop_map(|[red, green, blue, alpha]| Colour {
        red,
        green,
        blue,
        alpha,
    }));
    let format = proptest::option::of(proptest::sample::select(
        Format::NAMES.map(|(_, format)| format).to_vec(),
    ));
    let crop = proptest::option::of((
        0..=100_000_000u32,
        0..=100_000_000u32,
        1..=100_000_000u32,
        1..=100_000_000u32,
    ));
    let rotate = proptest::sample::select(vec![Rotation::R0, Rotation::R90, Rotation::R180, Rotation::R270]);
    let quality = proptest::option::of(1..=100u8);
    (
        (side(), side(), fit, position, colour),
        (quality, format, crop, rotate),
        any::<[bool; 4]>(),
    )
        .prop_map(
            |(
                (width, height, fit, position, background),
                (quality, format, crop, rotate),
                [enlarge, flip, flop, grayscale],
            )| Operations {
                width,
                height,
                fit,
                position,
                background,
                quality,
                format,
                enlarge,
                crop: crop.map(|(left, top, width, height)| Crop {
                    left,
                    top,
                    width,
                    height,
                }),
                rotate,
                flip,
                flop,
                grayscale,
            },
        )
}

proptest! {
    #[test]
    fn canonical_reads_back(operations in operations()) {
        let segment = operations.canonical();
        prop_assert_eq!(parse(&segment), Ok(operations));
    }

    #[test]
    fn no_text_panics(segment in "\\PC{0,80}") {
        let _ = parse(&segment);
    }

    /// Near misses: made of the grammar's own pieces. What is accepted survives its canonical spelling.
    #[test]
    fn no_near_miss_panics(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "w", "h", "s", "fit", "pos", "b", "q", "f", "crop", "rotate", "flip", "_", "_", ":", "=", ",", "&", "0", "1", "90", "-",
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
