use super::*;
use crate::Segment;
use proptest::prelude::*;
use std::collections::BTreeMap;

fn resolve(segment: &str, allowed: &[&str]) -> Result<String, Error> {
    let presets = BTreeMap::from([
        ("thumb".to_owned(), "w_200,h_200,fit_cover".to_owned()),
        ("nested".to_owned(), "preset_thumb".to_owned()),
        ("damaged".to_owned(), "w_0".to_owned()),
        ("as-it-is".to_owned(), "_".to_owned()),
    ]);
    let allowed: Vec<String> = allowed.iter().map(|rule| (*rule).to_owned()).collect();
    let allowed = (allowed != ["*"]).then_some(allowed);
    Ok(Segment::parse(segment)?
        .resolve(&presets, allowed.as_deref())?
        .canonical())
}

#[test]
fn a_preset_stands_for_its_operations() {
    for (segment, canonical) in [
        ("preset_thumb", "s_200x200,fit_cover"),
        ("preset:thumb", "s_200x200,fit_cover"),
        ("q_50,preset_thumb", "s_200x200,fit_cover,q_50"),
        ("preset_thumb&f_webp", "s_200x200,fit_cover,f_webp"),
        ("preset_as-it-is", "_"),
    ] {
        assert_eq!(resolve(segment, &["*"]).as_deref(), Ok(canonical), "{segment}");
    }
}

#[test]
fn nothing_overrides_a_preset_and_none_holds_another() {
    for (segment, error) in [
        ("preset_thumb,w_4000", Error::Duplicate("width")),
        ("width=4000,preset_thumb", Error::Duplicate("width")),
        ("preset_thumb,s_4000", Error::Duplicate("resize")),
        ("preset_thumb,fit_fill", Error::Duplicate("fit")),
        ("preset_thumb,preset_as-it-is", Error::Duplicate("preset")),
        ("preset_nested", Error::DamagedPreset),
        ("preset_damaged", Error::DamagedPreset),
        ("preset_Thumb", Error::UnknownPreset),
        ("preset_other", Error::UnknownPreset),
        ("preset", Error::MissingArgument("preset")),
        ("preset_", Error::MissingArgument("preset")),
        ("presets_thumb", Error::Unknown),
        ("Preset_thumb", Error::Unknown),
    ] {
        assert_eq!(resolve(segment, &["*"]), Err(error), "{segment}");
    }
    for name in ["a.b", "a/b", "é", "a b", &"x".repeat(33)] {
        let result = resolve(&format!("preset_{name}"), &["*"]);
        assert!(
            matches!(result, Err(Error::Invalid { modifier: "preset", .. })),
            "{name}: {result:?}"
        );
    }
    assert_eq!(crate::parse("preset_thumb"), Err(Error::UnknownPreset));
}

#[test]
fn only_presets_is_presets_and_nothing_beside_them() {
    assert!(resolve("preset_thumb", &["preset"]).is_ok());
    for segment in [
        "_",
        "w_200",
        "preset_thumb,q_100",
        "preset_as-it-is,width_8192",
        "preset_as-it-is,enlarge_false",
        "preset_as-it-is&rotate",
        "preset_as-it-is,s_8192",
    ] {
        assert_eq!(resolve(segment, &["preset"]), Err(Error::NotAllowed), "{segment}");
    }
    assert_eq!(resolve("preset_other", &["preset"]), Err(Error::UnknownPreset));
    // What a key may not use it cannot find out about either.
    for segment in ["preset_as-it-is", "preset_other"] {
        assert_eq!(resolve(segment, &["preset_thumb"]), Err(Error::NotAllowed), "{segment}");
    }
}

#[test]
fn lists_speak_of_meanings() {
    let allowed = |rules: &[&str], segment: &str| match resolve(segment, rules) {
        Ok(_) => true,
        Err(Error::NotAllowed) => false,
        Err(other) => panic!("{segment}: {other}"),
    };
    let table: &[(&[&str], &[&str], &[&str])] = &[
        (
            &["w", "f"],
            &["w_1", "width=8192", "f_png,w_5"],
            &["_", "h_5", "s_5", "w_5,h_5", "q_5", "preset_thumb"],
        ),
        (
            &["width", "height"],
            &["s_5x6", "resize_5", "w_5,h_6"],
            &["fit_fill", "s_5,q_1"],
        ),
        (&["s"], &["s_5x6", "w_5,h_6"], &["w_5", "h_6", "_"]),
        (
            &["s_400x300"],
            &["s_400x300", "h_300,w_400"],
            &["s_400", "s_300x400", "w_400", "h_300"],
        ),
        (
            &["w_400", "w_800", "h_300"],
            &["w_400", "width:800", "s_800x300", "h_300"],
            &["w_401", "s_400x301", "s_400"],
        ),
        (
            &["f_jpg", "q_75", "_"],
            &["f_jpeg", "format=jpg,quality=75", "_"],
            &["f_png", "q_74"],
        ),
        (
            &["rotate_90", "b_fff"],
            &["rotate_-270", "b_ffffff", "b_white"],
            &["rotate", "rotate_180", "b_000"],
        ),
        (&["flip"], &["flip", "flip_false"], &["flop", "_"]),
        (&["w", "f"], &["w_5,f_jpeg"], &["w_5,f_jpeg,progressive"]),
        (&["w", "progressive"], &["w_5,progressive"], &["progressive,q_5"]),
        (&["flip_false"], &["flip_0"], &["flip"]),
        (&["extract"], &["crop_0_0_5_5"], &["w_5"]),
        (
            &["extend_5_5_5_5", "pad_1_2"],
            &["pad_5", "extend_5_5_5_5_background", "extend_1_2_1_2"],
            &["pad_6", "extend_5_5_5_5_copy"],
        ),
        (
            &["brightness", "hue_90"],
            &["brightness_2", "modulate_2", "modulate_1__90", "hue_90,brightness_0"],
            &["saturation_2", "modulate_1_1", "modulate_1__91", "hue_-90"],
        ),
        (&["modulate"], &["hue_5", "modulate_1_2_3_4"], &["linear"]),
        (
            &["modulate_1.2_1.5"],
            &["modulate_1.2_1.5", "saturation_1.5,brightness_1.2"],
            &["brightness_1.2", "saturation_1.5", "modulate_1.2_1.5_1"],
        ),
        (
            &["blur_5"],
            &["blur_5", "blur_5_integer_0.2"],
            &["blur", "blur_6", "blur_5_float"],
        ),
        (
            &["w_400", "dpr_2"],
            &["w_400,dpr_2", "w_400"],
            &["w_800", "w_400,dpr_3"],
        ),
        (&["pos"], &["pos_entropy"], &["gravity_fp_0_0"]),
        (&["preset", "q"], &["preset_thumb,q_5", "q_5"], &["w_5", "_"]),
        (&["preset_thumb"], &["preset_thumb"], &["preset_as-it-is", "w_200"]),
        (&[], &[], &["_", "w_5", "preset_thumb"]),
        // A rule that cannot be read allows nothing.
        (&["w_0", "h,f", "blur_0", ""], &[], &["w_5", "h_5", "f_png", "_"]),
    ];
    for (rules, yes, no) in table {
        for segment in *yes {
            assert!(allowed(rules, segment), "{rules:?} {segment}");
        }
        for segment in *no {
            assert!(!allowed(rules, segment), "{rules:?} {segment}");
        }
    }
}

proptest! {
    /// Whatever is allowed by a list of single values is what one of its entries says, side by side.
    #[test]
    fn no_spelling_gets_around_a_list(pieces in proptest::collection::vec(proptest::sample::select(vec![
        "w", "width", "h", "s", "resize", "fit", "q", "f", "flip", "preset", "_", ":", "=", ",", "&", "400", "300", "4000", "x", "cover",
        "thumb", "webp", "true", "0",
    ]), 0..14)) {
        let text = pieces.concat();
        if let Ok(canonical) = resolve(&text, &["w_400", "f_webp"]) {
            prop_assert!(["w_400", "f_webp", "w_400,f_webp"].contains(&canonical.as_str()), "{} is {}", text, canonical);
        }
        if let Ok(canonical) = resolve(&text, &["preset_thumb"]) {
            prop_assert_eq!(canonical, "s_200x200,fit_cover", "{}", text);
        }
    }
}
