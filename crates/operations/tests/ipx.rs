//! IPX's table of modifiers: what each accepts, with its meaning in its canonical spelling, and what it refuses.

use operations::{Error, parse};

/// Name in messages, accepted with its canonical spelling, refused arguments, whether it may be bare.
type Row = (
    &'static str,
    &'static [(&'static str, &'static str)],
    &'static [&'static str],
);

const TABLE: &[Row] = &[
    (
        "width",
        &[("w_1", "w_1"), ("width_8192", "w_8192")],
        &["w_0", "w_8193", "w_1.5"],
    ),
    ("height", &[("h_1", "h_1"), ("height_8192", "h_8192")], &["h_0", "h_-1"]),
    (
        "resize",
        &[("s_4x3", "s_4x3"), ("resize_4", "s_4x4")],
        &["s_4x", "s_x4", "s_4x3x2", "s_4_3"],
    ),
    ("fit", &[("fit", "fit_cover"), ("fit_fill", "fit_fill")], &["fit_scale"]),
    (
        "position",
        &[
            ("pos", "pos_centre"),
            ("position_right-top", "pos_northeast"),
            ("pos_16", "pos_entropy"),
            ("pos_entropy", "pos_entropy"),
            ("pos_17", "pos_attention"),
            ("pos_attention", "pos_attention"),
        ],
        &["pos_9", "pos_18", "pos_Entropy", "pos_fp_0_0"],
    ),
    (
        "gravity",
        &[
            ("gravity_fp_0.5_1", "gravity_fp_0.5_1"),
            ("gravity:fp:0:0.25", "gravity_fp_0_0.25"),
        ],
        &[
            "gravity_fp",
            "gravity_fp_0.5",
            "gravity_fp_1.1_0",
            "gravity_fp_-1_0",
            "gravity_fp_0_0_0",
            "gravity_no",
        ],
    ),
    (
        "background",
        &[("b", "b_000000"), ("background_#f00", "b_ff0000")],
        &["b_ff", "b_colour"],
    ),
    (
        "kernel",
        &[("kernel", "kernel_lanczos3"), ("kernel_mks2013", "kernel_mks2013")],
        &["kernel_box", "kernel_Cubic"],
    ),
    (
        "enlarge",
        &[("enlarge", "enlarge"), ("enlarge_false", "_")],
        &["enlarge_2"],
    ),
    (
        "trim",
        &[("trim", "trim_10"), ("trim_0", "trim_0"), ("trim_12.5", "trim_12.5")],
        &["trim_-1", "trim_a", "trim_10_5"],
    ),
    (
        "extend",
        &[
            ("extend_1_2_3_4", "extend_1_2_3_4"),
            ("extend_1", "extend_1_0_0_0"),
            ("extend___3_10000_copy", "extend_0_0_3_10000_copy"),
            ("extend_1_2_3_4_background", "extend_1_2_3_4"),
            ("extend_1_2_3_4_repeat", "extend_1_2_3_4_repeat"),
            ("extend_1_2_3_4_mirror", "extend_1_2_3_4_mirror"),
        ],
        &[
            "extend_10001",
            "extend_-1",
            "extend_1_2_3_4_wrap",
            "extend_1_2_3_4_copy_5",
            "extend_1.5",
        ],
    ),
    (
        "pad",
        &[
            ("pad_5", "extend_5_5_5_5"),
            ("pad_1_2", "extend_1_2_1_2"),
            ("pad_1_2_3", "extend_1_2_3_2"),
            ("pad_1_2_3_4", "extend_1_2_3_4"),
        ],
        &["pad_10001", "pad_1_2_3_4_5", "pad_1_2_3_4_copy", "pad__2"],
    ),
    (
        "crop",
        &[("extract_0_0_1_1", "crop_0_0_1_1")],
        &["crop_0_0_0_1", "crop_0_0_1", "crop_0_0_1_1_1", "crop_0_0_1_100000001"],
    ),
    (
        "format",
        &[("f_jpg", "f_jpeg"), ("f_gif", "f_gif"), ("format_auto", "f_auto")],
        &["f_bmp", "f_JPEG"],
    ),
    (
        "quality",
        &[("q_1", "q_1"), ("quality_100", "q_100")],
        &["q_0", "q_101", "q_80.5"],
    ),
    (
        "rotate",
        &[
            ("rotate", "_"),
            ("rotate_450", "rotate_90"),
            ("rotate_-90", "rotate_270"),
            ("rotate_45", "rotate_45"),
            ("rotate_-0.5", "rotate_359.5"),
            ("rotate_3600", "_"),
        ],
        &["rotate_3601", "rotate_-3600.5", "rotate_a", "rotate_1e2"],
    ),
    (
        "autoorient",
        &[("autoorient", "_"), ("autoorient_1", "_")],
        &["autoorient_yes"],
    ),
    ("flip", &[("flip", "flip"), ("flip_0", "_")], &["flip_x"]),
    ("flop", &[("flop_true", "flop")], &["flop_x"]),
    (
        "sharpen",
        &[
            ("sharpen", "sharpen"),
            ("sharpen_2", "sharpen_2"),
            ("sharpen_0.000001", "sharpen_0.000001"),
            ("sharpen_2_1_2_2_10_20", "sharpen_2"),
            ("sharpen_2__3", "sharpen_2__3"),
            ("sharpen_10_0_1000000", "sharpen_10_0_1000000"),
        ],
        &[
            "sharpen_0",
            "sharpen_10.5",
            "sharpen_2_-1",
            "sharpen_2_1000001",
            "sharpen_1_1_1_1_1_1_1",
            "sharpen__2",
        ],
    ),
    (
        "median",
        &[("median", "median_3"), ("median_1000", "median_1000")],
        &["median_0", "median_1001", "median_2.5"],
    ),
    (
        "blur",
        &[
            ("blur", "blur"),
            ("blur_", "blur"),
            ("blur_0.3", "blur_0.3"),
            ("blur_1000", "blur_1000"),
            ("blur_5_integer_0.2", "blur_5"),
            ("blur_5_float", "blur_5_float"),
            ("blur_5_approximate_1", "blur_5_approximate_1"),
            ("blur_5__0.001", "blur_5__0.001"),
        ],
        &[
            "blur_0.29",
            "blur_1000.1",
            "blur_5_exact",
            "blur_5_float_0.0009",
            "blur_5_float_1.1",
            "blur__float",
            "blur_1_float_1_1",
        ],
    ),
    (
        "dilate",
        &[("dilate", "dilate_1"), ("dilate_100", "dilate_100")],
        &["dilate_0", "dilate_101"],
    ),
    (
        "erode",
        &[("erode", "erode_1"), ("erode_100", "erode_100")],
        &["erode_0", "erode_101"],
    ),
    (
        "clahe",
        &[
            ("clahe_5", "clahe_5"),
            ("clahe_5_5_3", "clahe_5"),
            ("clahe_5_6", "clahe_5_6"),
            ("clahe_5__0", "clahe_5__0"),
        ],
        &[
            "clahe_0",
            "clahe_101",
            "clahe_5_0",
            "clahe_5_5_101",
            "clahe__5",
            "clahe_5_5_5_5",
        ],
    ),
    ("flatten", &[("flatten", "flatten"), ("flatten_0", "_")], &["flatten_x"]),
    ("unflatten", &[("unflatten", "unflatten")], &["unflatten_x"]),
    (
        "gamma",
        &[
            ("gamma", "gamma_2.2"),
            ("gamma_1", "gamma_1"),
            ("gamma_3_1.5", "gamma_3_1.5"),
            ("gamma_2_2", "gamma_2"),
            ("gamma__2", "gamma_2.2_2"),
        ],
        &["gamma_0.9", "gamma_3.1", "gamma_2_4", "gamma_2_2_2"],
    ),
    (
        "negate",
        &[
            ("negate", "negate"),
            ("negate_true", "negate"),
            ("negate_false", "negate_false"),
        ],
        &["negate_x", "negate_1_1"],
    ),
    (
        "normalize",
        &[
            ("normalize", "normalize_1_99"),
            ("normalize_0_100", "normalize_0_100"),
            ("normalize_5", "normalize_5_99"),
            ("normalize__50", "normalize_1_50"),
        ],
        &[
            "normalize_100",
            "normalize_50_50",
            "normalize_60_50",
            "normalize_1_101",
            "normalize_1_2_3",
            "normalize_99",
        ],
    ),
    (
        "threshold",
        &[
            ("threshold", "threshold_128"),
            ("threshold_0", "threshold_0"),
            ("threshold_255_false", "threshold_255_false"),
            ("threshold__0", "threshold_128_false"),
        ],
        &["threshold_256", "threshold_-1", "threshold_1_x", "threshold_1_1_1"],
    ),
    (
        "linear",
        &[
            ("linear", "linear_1"),
            ("linear_1.2_-10", "linear_1.2_-10"),
            ("linear__5", "linear_1_5"),
            ("linear_-1_255", "linear_-1_255"),
        ],
        &["linear_a", "linear_1_NaN", "linear_inf", "linear_1_2_3", "linear_1e3"],
    ),
    (
        "modulate",
        &[
            ("modulate_1.2", "modulate_1.2"),
            ("modulate_1.2_0.5_90_10", "modulate_1.2_0.5_90_10"),
            ("modulate__0.5", "modulate__0.5"),
            ("modulate___-90", "modulate___-90"),
            ("brightness_2,saturation_3", "modulate_2_3"),
            ("hue_720,modulate_2", "modulate_2__720"),
        ],
        &[
            "modulate_-1",
            "modulate_1_-1",
            "modulate_1_1_1.5",
            "modulate_1_1_1_x",
            "modulate_1_1_1_1_1",
            "modulate__",
        ],
    ),
    (
        "brightness",
        &[("brightness_0.5", "modulate_0.5")],
        &["brightness_-1", "brightness_1_1"],
    ),
    ("saturation", &[("saturation_0", "modulate__0")], &["saturation_-0.5"]),
    (
        "hue",
        &[("hue_-180", "modulate___-180")],
        &["hue_1.5", "hue_99999999999"],
    ),
    (
        "lightness",
        &[("lightness_-10.5", "modulate____-10.5")],
        &["lightness_x"],
    ),
    (
        "opacity",
        &[("opacity_0.5", "opacity_0.5"), ("opacity_1", "opacity_1")],
        &["opacity_1.1", "opacity_-1"],
    ),
    (
        "tint",
        &[
            ("tint_ff0", "tint_ffff00"),
            ("tint_tomato", "tint_ff6347"),
            ("tint_rgb(1,2,3)", "tint_010203"),
        ],
        &["tint_x", "tint_ff"],
    ),
    ("grayscale", &[("grayscale", "grayscale")], &["grayscale_x"]),
    (
        "animated",
        &[("a", "animated"), ("animated_1", "animated"), ("a_0", "_")],
        &["a_x"],
    ),
    (
        "progressive",
        &[
            ("progressive", "progressive"),
            ("progressive_,f_jpg", "f_jpeg,progressive"),
            ("progressive_1", "progressive"),
            ("progressive_true,q_70", "q_70,progressive"),
            ("progressive:false", "_"),
        ],
        &["progressive_x", "progressive_2", "progressive_1_1"],
    ),
    (
        "dpr",
        &[
            ("w_400,dpr_2", "w_800"),
            ("dpr_1.5,s_100x33", "s_150x50"),
            ("dpr_4", "_"),
            ("h_2048,dpr_4", "h_8192"),
        ],
        &["dpr_0.5", "dpr_4.1", "dpr_x", "w_4097,dpr_2", "dpr_4,h_8192"],
    ),
    (
        "radius",
        &[("radius_8", "radius_8")],
        &["radius_0", "radius_8193", "radius_max"],
    ),
];

#[test]
fn accepted() {
    for (_, accepted, _) in TABLE {
        for (segment, canonical) in *accepted {
            let found = parse(segment).map(|operations| operations.canonical());
            assert_eq!(found, Ok((*canonical).to_owned()), "{segment}");
            assert_eq!(parse(canonical), parse(segment), "{segment}");
        }
    }
}

#[test]
fn refused() {
    for (name, _, refused) in TABLE {
        for segment in *refused {
            let found = parse(segment);
            assert!(
                matches!(found, Err(Error::Invalid { modifier, .. }) if modifier == *name),
                "{segment}: {found:?}"
            );
        }
    }
}

/// What would do nothing, and what IPX requires.
#[test]
fn these_need_an_argument() {
    for (name, segment) in [
        ("width", "w"),
        ("height", "h_"),
        ("resize", "s"),
        ("extend", "extend"),
        ("pad", "pad"),
        ("crop", "crop"),
        ("format", "f"),
        ("quality", "q"),
        ("clahe", "clahe"),
        ("modulate", "modulate"),
        ("brightness", "brightness"),
        ("saturation", "saturation"),
        ("hue", "hue"),
        ("lightness", "lightness"),
        ("opacity", "opacity"),
        ("tint", "tint"),
        ("dpr", "dpr"),
        ("gravity", "gravity"),
        ("radius", "radius"),
    ] {
        assert_eq!(parse(segment), Err(Error::MissingArgument(name)), "{segment}");
    }
}

/// IPX's formats that are not written are known, and refused by name.
#[test]
fn formats_that_are_not_written() {
    for format in ["avif", "heif", "heic", "tiff", "svg"] {
        assert_eq!(parse(&format!("f_{format}")), Err(Error::NotSupported(format)));
    }
}

/// Only what a planar picture cannot give needs pixels.
#[test]
fn who_needs_pixels() {
    let needs = |segment: &str| parse(segment).is_ok_and(|operations| operations.needs_pixels());
    for segment in [
        "_",
        "s_400x300,fit_contain,pos_top,b_fff",
        "rotate_90,flip",
        "grayscale,q_5",
        "gravity_fp_0_0",
        "negate_x",
    ] {
        assert!(!needs(segment), "{segment}");
    }
    for segment in [
        "blur",
        "trim",
        "pad_5",
        "rotate_1",
        "pos_entropy",
        "radius_5",
        "brightness_2",
        "flatten",
    ] {
        assert!(needs(segment), "{segment}");
    }
}

/// Every name that IPX takes where there are only names, and its canonical spelling.
#[test]
fn every_name() {
    let positions = [
        ("centre", &["center", "centre", "0"][..]),
        ("north", &["top", "north", "1"]),
        ("east", &["right", "east", "2"]),
        ("south", &["bottom", "south", "3"]),
        ("west", &["left", "west", "4"]),
        ("northeast", &["right-top", "right%20top", "northeast", "5"]),
        ("southeast", &["right-bottom", "southeast", "6"]),
        ("southwest", &["left-bottom", "southwest", "7"]),
        ("northwest", &["left-top", "northwest", "8"]),
        ("entropy", &["entropy", "16"]),
        ("attention", &["attention", "17"]),
    ];
    for (canonical, names) in positions {
        for name in names {
            let segment = format!("position_{}", name.replace("%20", " "));
            assert_eq!(
                parse(&segment).map(|operations| operations.canonical()),
                Ok(format!("pos_{canonical}")),
                "{segment}"
            );
        }
    }
    for (modifier, names) in [
        ("fit", &["contain", "cover", "fill", "inside", "outside"][..]),
        (
            "kernel",
            &[
                "nearest", "linear", "cubic", "mitchell", "lanczos2", "lanczos3", "mks2013", "mks2021",
            ],
        ),
        ("f", &["jpeg", "png", "webp", "gif", "auto"]),
        ("extend_1_1_1_1", &["copy", "repeat", "mirror"]),
    ] {
        for name in names {
            let segment = format!("{modifier}_{name}");
            let canonical = parse(&segment).map(|operations| operations.canonical());
            assert_eq!(canonical, Ok(segment));
        }
    }
    for (colour, canonical) in [
        ("f00", "ff0000"),
        ("#f00", "ff0000"),
        ("f008", "ff000088"),
        ("ff0000", "ff0000"),
        ("#FF000080", "ff000080"),
        ("red", "ff0000"),
        ("transparent", "00000000"),
        ("rgb(255,0,0)", "ff0000"),
        ("rgba(255,0,0,0.5)", "ff000080"),
        ("hsl(0,100%,50%)", "ff0000"),
        ("hsla(0,100%,50%,0.5)", "ff000080"),
        ("hwb(0,0%,0%)", "ff0000"),
    ] {
        for modifier in ["b", "background"] {
            let found = parse(&format!("{modifier}_{colour}")).map(|operations| operations.canonical());
            assert_eq!(found, Ok(format!("b_{canonical}")), "{colour}");
        }
    }
}

/// Flags take IPX's four words, and no others.
#[test]
fn every_flag() {
    for flag in [
        "enlarge",
        "autoorient",
        "flip",
        "flop",
        "grayscale",
        "flatten",
        "unflatten",
        "animated",
        "a",
        "progressive",
    ] {
        let bare = parse(flag).unwrap();
        for on in ["true", "1"] {
            assert_eq!(parse(&format!("{flag}_{on}")), Ok(bare.clone()), "{flag}");
        }
        for off in ["false", "0"] {
            assert_eq!(parse(&format!("{flag}_{off}")), parse("_"), "{flag}");
        }
        for other in ["yes", "TRUE", "2", "01"] {
            assert!(
                matches!(parse(&format!("{flag}_{other}")), Err(Error::Invalid { .. })),
                "{flag}_{other}"
            );
        }
    }
}

/// Modifiers are separated by two characters, arguments by three, whatever is mixed.
#[test]
fn every_separator() {
    let expected = parse("s_40x30,fit_cover,extend_1_2_3_4").unwrap();
    for segment in [
        "s_40x30&fit_cover&extend_1_2_3_4",
        "s:40x30,fit=cover&extend:1=2_3:4",
        "fit=cover,extend=1=2=3=4,resize=40x30",
    ] {
        assert_eq!(parse(segment), Ok(expected.clone()), "{segment}");
    }
    for (segment, error) in [
        ("", Error::Missing),
        ("w_5,,h_5", Error::EmptyModifier),
        (",w_5", Error::EmptyModifier),
        ("w_5&", Error::EmptyModifier),
        ("watermark_x", Error::Unknown),
        ("W_5", Error::Unknown),
        ("w_5,width_5", Error::Duplicate("width")),
        ("f_png,format_png", Error::Duplicate("format")),
        ("crop_0_0_1_1,extract_0_0_1_1", Error::Duplicate("crop")),
        ("a,animated", Error::Duplicate("animated")),
    ] {
        assert_eq!(parse(segment), Err(error), "{segment:?}");
    }
}
