//! The invisible mark survives delivery in every format, and is found nowhere else.

use super::fixtures::*;
use crate::{Budget, Error, OutputFormat, prepare, render, trace};
use watermark::MarkKey;

fn found(file: &[u8]) -> Option<watermark::Payload> {
    trace(file, &key(), &Budget::default()).unwrap()
}

#[test]
fn every_quality_and_format() {
    let source = jpeg(250, 187);
    for format in ["f_jpg", "f_jpg,progressive", "f_webp"] {
        for quality in [1, 10, 30, 50, 75, 80, 89, 90, 95, 100] {
            let segment = format!("{format},q_{quality}");
            assert_eq!(found(rendered(&source, &segment).bytes()), Some(payload()), "{segment}");
        }
    }
    assert_eq!(found(rendered(&source, "f_png").bytes()), Some(payload()));
}

#[test]
fn what_is_kept_gives_the_same_copies_and_no_picture() {
    what_is_kept(OutputFormat::Jpeg, "w_200,q_85");
    what_is_kept(OutputFormat::Jpeg, "w_200,q_85,progressive");
    what_is_kept(OutputFormat::Png, "w_200");
    assert_eq!(
        crate::Unmarked::from_authentic(Vec::new()).unwrap_err(),
        Error::Container
    );
}

fn what_is_kept(format: OutputFormat, segment: &str) {
    let source = jpeg(250, 187);
    let operations = operations::parse(segment).unwrap();
    let (overlay, key) = (&marks().overlay, &key());
    let unmarked = prepare(&source, &operations, format, overlay, key, &Budget::default()).unwrap();
    let kept = unmarked.to_bytes().unwrap();
    // No decoder takes it for a picture, and none of it names anybody.
    assert_eq!(crate::SourceFormat::sniff(&kept), None);
    let again = crate::Unmarked::from_authentic(kept.clone()).unwrap();
    assert_eq!(again.to_bytes().unwrap(), kept);
    assert_eq!(again.format(), format);
    assert_eq!(
        (again.variant(), again.is_traceable()),
        (unmarked.variant(), unmarked.is_traceable())
    );
    let (first, second) = (
        unmarked.mark(key, &payload()).unwrap(),
        again.mark(key, &payload()).unwrap(),
    );
    assert_eq!(first, second);
    assert_eq!(found(second.bytes()), Some(payload()));
    for (at, length) in [(0, kept.len()), (kept.len() - 9, kept.len()), (0, 8), (0, 100)] {
        let mut damaged = kept[..length].to_vec();
        damaged[at.min(length - 1)] ^= 1;
        assert_eq!(
            crate::Unmarked::from_authentic(damaged).unwrap_err(),
            Error::Container,
            "{at} {length}"
        );
    }
}

/// A progressive JPEG shows what a baseline one does, by other marks; other formats are as they are.
#[test]
fn progressive_is_of_jpeg_and_changes_nothing_that_is_seen() {
    let source = jpeg(250, 187);
    let process = |segment: &str| jpeg::Process::of(rendered(&source, segment).bytes());
    assert_eq!(process("f_jpg"), Some(jpeg::Process::Baseline));
    assert_eq!(process("f_jpg,progressive_0"), Some(jpeg::Process::Baseline));
    assert_eq!(process("f_jpg,progressive"), Some(jpeg::Process::Progressive));
    assert_eq!(process("grayscale,progressive"), Some(jpeg::Process::Progressive));
    let seen = |segment: &str| decoded(rendered(&source, segment).bytes()).2;
    assert!(mean_difference(&seen("f_jpg"), &seen("f_jpg,progressive")) < 1.0);
    for format in ["f_png", "f_webp", "f_webp,q_100", "f_gif"] {
        let progressive = rendered(&source, &format!("{format},progressive"));
        assert!(progressive == rendered(&source, format), "{format}");
    }
}

#[test]
fn every_kind_of_source() {
    let grey: Vec<u8> = rgb(90, 70).chunks(3).map(|pixel| pixel[1]).collect();
    let grey_alpha: Vec<u8> = rgba(90, 70).chunks(4).flat_map(|pixel| [pixel[1], pixel[3]]).collect();
    let flat = png_of(90, 70, png::ColorType::Rgb, &[255; 90 * 70 * 3]);
    let clear = png_of(90, 70, png::ColorType::Rgba, &[0; 90 * 70 * 4]);
    let sources = [
        jpeg(91, 77),
        png(90, 70),
        transparent_png(90, 70),
        png_of(90, 70, png::ColorType::Grayscale, &grey),
        png_of(90, 70, png::ColorType::GrayscaleAlpha, &grey_alpha),
        lossless_webp(90, 70, false),
        lossless_webp(90, 70, true),
        lossy_webp(91, 77),
        flat,
        clear,
    ];
    for (index, source) in sources.iter().enumerate() {
        assert_eq!(found(source), None, "source {index}");
        for format in [
            "f_jpg",
            "f_jpg,progressive",
            "f_png",
            "f_webp",
            "f_webp,q_100",
            "f_gif",
            "grayscale",
            "w_33",
            "s_60x60,fit_contain,b_fff0",
        ] {
            let rendition = match try_rendered(source, format) {
                // Nothing of it is there to be marked.
                Err(Error::TooSmall) if index == 9 && format == "f_gif" => continue,
                rendition => rendition.unwrap(),
            };
            assert_eq!(found(rendition.bytes()), Some(payload()), "source {index}, {format}");
        }
    }
}

#[test]
fn every_small_and_odd_size() {
    for (width, height) in [
        (24, 24),
        (17, 16),
        (150, 1),
        (3, 50),
        (33, 31),
        (64, 65),
        (127, 129),
        (200, 25),
    ] {
        let source = png(width, height);
        let operations = operations::parse("_").unwrap();
        for format in ALL_FORMATS {
            if let Ok(rendition) = render(&source, &operations, format, &marks(), &Budget::default()) {
                assert_eq!(found(rendition.bytes()), Some(payload()), "{width}x{height} {format:?}");
            } else {
                let least = if format == OutputFormat::Gif { 576 } else { 200 };
                assert!(width * height < least, "{width}x{height} {format:?}");
            }
        }
    }
}

/// The smallest sizes are those that the crate's documentation names.
#[test]
fn too_small_is_said() {
    let operations = operations::parse("_").unwrap();
    let result = |width, height, format| {
        render(&png(width, height), &operations, format, &marks(), &Budget::default())
            .map(|rendition| found(rendition.bytes()))
    };
    for (format, enough, short) in [
        (OutputFormat::Jpeg, (17, 8), (16, 8)),
        (OutputFormat::Png, (15, 10), (149, 1)),
        (OutputFormat::WebPLossless, (150, 1), (14, 10)),
        (OutputFormat::Gif, (28, 16), (447, 1)),
    ] {
        assert_eq!(result(enough.0, enough.1, format), Ok(Some(payload())), "{format:?}");
        assert_eq!(result(short.0, short.1, format), Err(Error::TooSmall), "{format:?}");
    }
    assert_eq!(result(1, 1, OutputFormat::WebPLossy), Ok(Some(payload())));
}

/// What is prepared once is every client's copy after marking: of one length, each its own, and the same as rendered at once.
#[test]
fn a_prepared_picture_becomes_every_clients_copy() {
    let source = jpeg(640, 480);
    let operations = operations::parse("_").unwrap();
    let prepared = || {
        let marks = marks();
        prepare(
            &source,
            &operations,
            OutputFormat::Jpeg,
            &marks.overlay,
            &marks.key,
            &Budget::default(),
        )
        .unwrap()
    };
    let copy = |payload: &watermark::Payload| prepared().mark(&key(), payload).unwrap();
    let other = watermark::Payload {
        subject: watermark::Subject::of("client_2"),
        ..payload()
    };
    let copies = [copy(&payload()), copy(&other)];
    assert_eq!(copies[0].bytes().len(), copies[1].bytes().len());
    assert_eq!(
        copies.each_ref().map(|copy| found(copy.bytes())),
        [Some(payload()), Some(other)]
    );
    assert_eq!(rendered(&source, "_"), copies[0]);

    let container = prepared().container().unwrap().clone();
    assert!(container.chips() > 500 && container.is_traceable() == copies[0].is_traceable());
    let read = |file: &[u8]| {
        jpeg::read(
            file,
            &jpeg::Limits {
                max_pixels: 1 << 20,
                max_scans: 1,
                max_visits: 1 << 22,
            },
        )
        .unwrap()
    };
    let [one, two] = copies
        .each_ref()
        .map(|copy| read(copy.bytes()).components.swap_remove(0).blocks);
    let differing = one
        .iter()
        .zip(&two)
        .flat_map(|(one, two)| one.iter().zip(two))
        .filter(|(a, b)| a != b)
        .count();
    assert!(
        differing > container.chips() / 4,
        "{differing} of {}",
        container.chips()
    );
}

#[test]
fn formats_without_chips_promise_nothing() {
    assert!(!rendered(&jpeg(640, 480), "f_gif").is_traceable());
}

/// A PNG or lossless WebP of a photograph carries chips; one of a drawing, and one that is nearly all transparent, do not, and say so.
#[test]
fn lossless_pictures_carry_chips_where_there_is_something_to_hide_them_in() {
    let source = jpeg(640, 480);
    let flat = png_of(640, 480, png::ColorType::Rgb, &[90; 640 * 480 * 3]);
    let clear: Vec<u8> = rgb(640, 480)
        .as_chunks::<3>()
        .0
        .iter()
        .flat_map(|[r, g, b]| [*r, *g, *b, 60])
        .collect();
    let clear = png_of(640, 480, png::ColorType::Rgba, &clear);
    let operations = operations::parse("_").unwrap();
    for format in [OutputFormat::Png, OutputFormat::WebPLossless] {
        let of = |source: &[u8]| {
            let (overlay, key) = (&marks().overlay, &key());
            prepare(source, &operations, format, overlay, key, &Budget::default()).unwrap()
        };
        let unmarked = of(&source);
        assert!(unmarked.lossless().unwrap().chips() > 1500 && unmarked.is_traceable());
        let kept = crate::Unmarked::from_authentic(unmarked.to_bytes().unwrap()).unwrap();
        let copy = unmarked.mark(&key(), &payload()).unwrap();
        assert!(copy.is_traceable());
        assert_eq!(found(copy.bytes()), Some(payload()));
        assert_eq!(kept.mark(&key(), &payload()).unwrap(), copy);
        for source in [&flat, &clear] {
            let unmarked = of(source);
            assert!(unmarked.lossless().is_none_or(|container| container.chips() < 500) && !unmarked.is_traceable());
            let copy = unmarked.mark(&key(), &payload()).unwrap();
            assert_eq!(found(copy.bytes()), Some(payload()));
        }
    }
}

/// Pictures without colours are written without them, and transparency stays what it was.
#[test]
fn grey_stays_grey() {
    for (channels, kind) in [(1, png::ColorType::Grayscale), (2, png::ColorType::GrayscaleAlpha)] {
        let colours = rgb(300, 200);
        let grey = colours.as_chunks::<3>().0.iter().map(|[r, ..]| *r);
        let samples: Vec<u8> = match channels {
            1 => grey.collect(),
            _ => grey
                .enumerate()
                .flat_map(|(at, grey)| [grey, if at % 300 < 40 { 99 } else { 255 }])
                .collect(),
        };
        let source = png_of(300, 200, kind, &samples);
        let copy = rendered(&source, "f_png");
        let mut reader = png::Decoder::new(std::io::Cursor::new(copy.bytes()))
            .read_info()
            .unwrap();
        assert_eq!(reader.info().color_type, kind);
        let mut after = vec![0; reader.output_buffer_size().unwrap()];
        reader.next_frame(&mut after).unwrap();
        // Above the visible mark, which is grey as well.
        for (at, (before, after)) in samples.iter().zip(&after).enumerate().take(300 * 40 * channels) {
            let alpha = channels == 2 && at % 2 == 1;
            assert!(before.abs_diff(*after) <= u8::from(!alpha));
        }
        assert_eq!(found(copy.bytes()), Some(payload()));
    }
}

#[test]
fn another_key_finds_nothing() {
    for segment in ["f_jpg", "f_png", "f_webp", "f_webp,q_100", "f_gif"] {
        let file = rendered(&png(120, 90), segment).into_bytes();
        assert_eq!(
            trace(&file, &MarkKey::new([8; 32]), &Budget::default()),
            Ok(None),
            "{segment}"
        );
    }
}

/// The visible mark is there too: the centre differs, the corners do not.
#[test]
fn the_overlay_is_painted() {
    let (_, _, marked) = decoded(rendered(&png_of(200, 100, png::ColorType::Rgb, &[60; 60000]), "_").bytes());
    let at = |x: usize, y: usize| marked[(y * 200 + x) * 4];
    assert!(
        at(100, 50) > 100 && at(3, 3).abs_diff(60) <= 1,
        "{} {}",
        at(100, 50),
        at(3, 3)
    );
}

/// The mark costs little: below the visible change of a quality step.
#[test]
fn the_invisible_mark_is_invisible() {
    let source = png(320, 240);
    let operations = operations::parse("_").unwrap();
    let mut other = marks();
    other.key = MarkKey::new([9; 32]);
    for (format, limit) in [
        (OutputFormat::Png, 0.6),
        (OutputFormat::Jpeg, 3.0),
        (OutputFormat::WebPLossy, 4.0),
    ] {
        let file = |marks| {
            decoded(
                render(&source, &operations, format, marks, &Budget::default())
                    .unwrap()
                    .bytes(),
            )
            .2
        };
        let difference = mean_difference(&file(&marks()), &file(&other));
        // A WebP has chips only where texture hides them, and its fragile mark changes no pixel.
        let seen = difference > 0.0 || format == OutputFormat::WebPLossy;
        assert!(seen && difference < limit, "{format:?}: {difference}");
    }
}

pub fn mean_difference(one: &[u8], other: &[u8]) -> f64 {
    assert_eq!(one.len(), other.len());
    let sum: u64 = one.iter().zip(other).map(|(a, b)| u64::from(a.abs_diff(*b))).sum();
    sum as f64 / one.len() as f64
}
