//! Animations: all frames or one, each with both marks, within budgets.

use super::fixtures::*;
use super::marks::mean_difference;
use crate::source::animation::Frames;
use crate::{Budget, Error, Excess, OutputFormat, Probe, SourceFormat, negotiate, probe, render, source, trace};

const SOURCES: [&str; 5] = [
    "moving.gif",
    "moving.webp",
    "moving-clear.gif",
    "moving-clear.webp",
    "undone.gif",
];

/// Frames as they are seen, RGBA, and their durations.
fn frames(file: &[u8]) -> Vec<(Vec<u8>, u32)> {
    let header = source::header(file).unwrap();
    let budget = Budget::default();
    let frames = Frames::new(file, &header, &budget).unwrap();
    frames
        .map(|frame| {
            let frame = frame.unwrap();
            (frame.picture.into_rgba().samples, frame.duration)
        })
        .collect()
}

/// Colours count as much as they are seen.
fn seen(samples: &[u8]) -> Vec<u8> {
    let pixels = samples.as_chunks::<4>().0.iter();
    let weighed = |sample: &u8, alpha: &u8| (u16::from(*sample) * u16::from(*alpha) / 255) as u8;
    pixels
        .flat_map(|[red, green, blue, alpha]| {
            [weighed(red, alpha), weighed(green, alpha), weighed(blue, alpha), *alpha]
        })
        .collect()
}

#[test]
fn frames_are_what_sharp_shows() {
    for name in SOURCES {
        let file = stored(name);
        let (_, height, sharp) = decoded(&std::fs::read(golden_path(&format!("sharp/frames/{name}.png"))).unwrap());
        let ours: Vec<u8> = frames(&file).into_iter().flat_map(|(samples, _)| samples).collect();
        assert_eq!(ours.len(), sharp.len(), "{name}");
        assert_eq!(
            height,
            probe(&file).unwrap().height * probe(&file).unwrap().frames,
            "{name}"
        );
        let difference = mean_difference(&seen(&ours), &seen(&sharp));
        assert!(difference < 0.01, "{name}: {difference}");
    }
}

/// Every format that moves has the frames, their times, their pictures, and in each of them both marks.
#[test]
fn animations_stay_animations() {
    for name in SOURCES {
        let file = stored(name);
        let original = frames(&file);
        for (segment, format, tolerance) in [
            ("f_gif,w_90,h_70,fit_fill,enlarge", OutputFormat::Gif, 14.0),
            ("a,f_webp,w_90,h_70,fit_fill,enlarge", OutputFormat::WebPLossy, 12.0),
            (
                "a,f_webp,q_100,w_90,h_70,fit_fill,enlarge",
                OutputFormat::WebPLossless,
                3.0,
            ),
        ] {
            let rendition = rendered(&file, segment);
            let lossless = rendition.format() == OutputFormat::WebPLossless && format == OutputFormat::WebPLossy;
            assert!(rendition.format() == format || lossless, "{name} {segment}");
            let ours = frames(rendition.bytes());
            assert_eq!(ours.len(), original.len(), "{name} {segment}");
            for (n, ((ours, duration), (_, expected))) in ours.iter().zip(&original).enumerate() {
                assert_eq!(duration, expected, "{name} {segment}");
                let still = still_of(&file, n, "f_png,w_90,h_70,fit_fill,enlarge");
                let difference = mean_difference(&seen(ours), &seen(&still));
                // Where there is nothing, edges of a GIF are hard, and the visible mark is opaque.
                let clear = matches!(name, "moving-clear.gif" | "moving-clear.webp" | "undone.gif");
                let over_nothing = clear && rendition.format() == OutputFormat::Gif;
                let tolerance = if over_nothing { 24.0 } else { tolerance };
                assert!(difference < tolerance, "{name} {segment} {n}: {difference}");
            }
            assert_eq!(
                trace(rendition.bytes(), &key(), &Budget::default()),
                Ok(Some(payload())),
                "{name} {segment}"
            );
        }
    }
}

/// A frame of a source as a still picture that is rendered by itself.
fn still_of(file: &[u8], frame: usize, segment: &str) -> Vec<u8> {
    let (width, height) = (probe(file).unwrap().width, probe(file).unwrap().height);
    let png = png_of(width, height, png::ColorType::Rgba, &frames(file).swap_remove(frame).0);
    decoded(rendered(&png, segment).bytes()).2
}

/// Whoever saves one frame of a GIF, in a format that loses nothing, has a picture that names him.
#[test]
fn each_frame_is_marked() {
    for name in ["moving.gif", "undone.gif", "moving.webp"] {
        let rendition = rendered(&stored(name), "f_gif,w_96,enlarge");
        for (frame, _) in frames(rendition.bytes()) {
            let png = png_of(rendition.width(), rendition.height(), png::ColorType::Rgba, &frame);
            assert_eq!(trace(&png, &key(), &Budget::default()), Ok(Some(payload())), "{name}");
        }
    }
    let rendition = rendered(&stored("moving.webp"), "a,f_webp,w_96");
    let budget = Budget::default();
    let mut frames = source::webp_frames::Frames::new(rendition.bytes(), &budget);
    let mut count = 0;
    while let Some(frame) = frames.stored() {
        let still = frame.unwrap().file().unwrap();
        assert_eq!(trace(&still, &key(), &budget), Ok(Some(payload())));
        count += 1;
    }
    assert_eq!(count, 4);
}

#[test]
fn plays_are_kept() {
    let plays = |file: &[u8]| source::header(file).unwrap().motion.unwrap().plays;
    for (name, expected) in [("moving.webp", 3), ("moving.gif", 0), ("undone.gif", 1)] {
        let file = stored(name);
        assert_eq!(plays(&file), expected, "{name}");
        for segment in ["f_gif", "a,f_webp"] {
            assert_eq!(plays(rendered(&file, segment).bytes()), expected, "{name} {segment}");
        }
    }
}

#[test]
fn one_frame_unless_all_are_asked_for() {
    for (name, segment) in [
        ("moving.gif", "_"),
        ("moving.gif", "f_webp"),
        ("moving.webp", "_"),
        ("moving.webp", "f_png,a"),
        ("moving.webp", "f_jpg,animated"),
        ("moving.gif", "f_webp,a_0"),
    ] {
        let rendition = rendered(&stored(name), segment);
        assert_eq!(probe(rendition.bytes()).unwrap().frames, 1, "{name} {segment}");
    }
    // A picture that does not move is a GIF of one frame.
    let still = rendered(&png(60, 50), "f_gif");
    assert_eq!(probe(still.bytes()).unwrap().frames, 1);
    assert_eq!(still.format().media_type(), "image/gif");
}

#[test]
fn what_is_chosen_for_an_animation() {
    let source = |format, frames| Probe {
        format,
        width: 9,
        height: 9,
        alpha: false,
        orientation: 1,
        frames,
    };
    let chosen = |segment: &str, accept: &str, source: Probe| {
        negotiate(&operations::parse(segment).unwrap(), Some(accept), &source).format
    };
    use OutputFormat::{Gif, Jpeg, WebPLossy};
    use SourceFormat as From;
    for (segment, accept, format, frames, expected) in [
        ("f_auto,a", "image/webp", From::Gif, 3, WebPLossy),
        ("f_auto,a", "*/*", From::Gif, 3, Gif),
        ("f_auto,a", "image/webp;q=0.5,image/gif", From::WebP, 3, Gif),
        ("f_auto,a", "*/*", From::Gif, 1, Jpeg),
        ("f_auto", "*/*", From::Gif, 3, Jpeg),
        ("a", "", From::Gif, 3, Gif),
        ("a", "", From::WebP, 3, WebPLossy),
        ("_", "", From::Gif, 3, Jpeg),
        ("f_gif", "image/webp", From::Jpeg, 1, Gif),
        ("f_jpg,a", "", From::Gif, 3, Jpeg),
    ] {
        assert_eq!(
            chosen(segment, accept, source(format, frames)),
            expected,
            "{segment} {accept}"
        );
    }
}

/// Few colours are kept but for a level of blue; many become some that are near.
#[test]
fn colours_of_a_gif() {
    let flat: Vec<u8> = (0..100u32 * 80)
        .flat_map(|n| [[200, 30, 30], [20, 120, 40], [250, 250, 251]][(n / 9 % 3) as usize])
        .collect();
    let marked = |file: &[u8], segment: &str| decoded(rendered(file, segment).bytes()).2;
    let source = png_of(100, 80, png::ColorType::Rgb, &flat);
    let (gif, png) = (marked(&source, "f_gif"), marked(&source, "f_png"));
    assert!(gif.iter().zip(&png).all(|(gif, png)| gif.abs_diff(*png) <= 1));
    let busy = png_of(160, 120, png::ColorType::Rgb, &rgb(160, 120));
    let difference = mean_difference(&marked(&busy, "f_gif"), &marked(&busy, "f_png"));
    assert!(difference < 7.0, "{difference}");
    // Half transparent is one or the other.
    let alpha = marked(&transparent_png(100, 100), "f_gif");
    assert!(alpha.chunks(4).all(|pixel| matches!(pixel[3], 0 | 255)));
    assert!(alpha.chunks(4).any(|pixel| pixel[3] == 0) && alpha.chunks(4).any(|pixel| pixel[3] == 255));
}

/// What does not change is not written again: four frames take less than three pictures.
#[test]
fn what_stands_still_costs_little() {
    let file = stored("moving.gif");
    let (moving, still) = (rendered(&file, "f_gif"), rendered(&stored("animated.png"), "f_gif"));
    assert!(
        moving.bytes().len() < 3 * still.bytes().len(),
        "{} of {}",
        moving.bytes().len(),
        still.bytes().len()
    );
}

#[test]
fn what_cuts_each_frame_elsewhere_is_refused() {
    for segment in [
        "f_gif,trim",
        "f_gif,s_20x40,pos_entropy",
        "a,f_webp,s_20x40,pos_attention",
    ] {
        assert_eq!(
            try_rendered(&stored("moving.gif"), segment).map(drop),
            Err(Error::Moving),
            "{segment}"
        );
    }
    assert_eq!(try_rendered(&stored("moving.gif"), "f_webp,trim").map(drop), Ok(()));
}

#[test]
fn transparent_and_small_pictures_that_cannot_be_marked() {
    assert_eq!(try_rendered(&png(22, 20), "f_gif").map(drop), Err(Error::TooSmall));
    assert_eq!(try_rendered(&png(32, 14), "f_gif").map(drop), Ok(()));
    let clear = png_of(60, 60, png::ColorType::Rgba, &[0; 60 * 60 * 4]);
    // There is nothing but the visible mark, and that is there.
    let (_, _, samples) = decoded(rendered(&clear, "f_gif,w_120,enlarge").bytes());
    let opaque = samples.chunks(4).filter(|pixel| pixel[3] == 255).count();
    assert!((448..120 * 60).contains(&opaque), "{opaque}");
}

/// A GIF of so many frames of one size and index, as small as they get.
fn gif_of(canvas: (u16, u16), frame: (u16, u16), count: usize) -> Vec<u8> {
    let mut file = Vec::new();
    let mut encoder = gif::Encoder::new(&mut file, canvas.0, canvas.1, &[9, 9, 9, 200, 200, 200]).unwrap();
    let (width, height) = frame;
    for _ in 0..count {
        let frame = gif::Frame {
            width,
            height,
            buffer: vec![1; usize::from(width) * usize::from(height)].into(),
            ..gif::Frame::default()
        };
        encoder.write_frame(&frame).unwrap();
    }
    encoder.into_inner().unwrap();
    file
}

#[test]
fn frames_are_counted_before_they_are_decoded() {
    let refused = |file: &[u8], segment: &str| match try_rendered(file, segment) {
        Err(Error::OverBudget(excess)) => excess,
        other => panic!("{segment}: {:?}", other.map(drop)),
    };
    let many = gif_of((40, 30), (1, 1), 20_000);
    assert_eq!(refused(&many, "f_gif"), Excess::Frames);
    assert_eq!(refused(&many, "a,f_webp"), Excess::Frames);
    assert_eq!(
        trace(&many, &key(), &Budget::default()),
        Err(Error::OverBudget(Excess::Frames))
    );
    // One of them is a picture, as ever.
    assert_eq!(try_rendered(&many, "f_png").map(drop), Ok(()));
    // A canvas that is shown again and again, frames that are larger than it, and outputs that are.
    let wide = gif_of((1500, 1500), (1, 1), 900);
    assert_eq!(refused(&wide, "f_gif,w_40"), Excess::Work);
    let hidden = gif_of((40, 30), (3000, 3000), 30);
    assert_eq!(refused(&hidden, "f_gif"), Excess::Work);
    let enlarged = gif_of((40, 30), (40, 30), 100);
    assert_eq!(refused(&enlarged, "f_gif,w_4000,enlarge"), Excess::Work);
    let each = gif_of((1000, 600), (20, 20), 40);
    assert_eq!(refused(&each, "a,f_webp,q_100,w_999,enlarge"), Excess::Work);
    // What each frame costs is charged for each frame.
    let blurred = gif_of((300, 200), (300, 200), 100);
    assert_eq!(try_rendered(&blurred, "f_gif").map(drop), Ok(()));
    assert_eq!(refused(&blurred, "f_gif,clahe_5"), Excess::Work);
}

/// Whatever later frames are, the answer is an error or a picture.
#[test]
fn damaged_frames_are_refused() {
    for name in SOURCES {
        let file = stored(name);
        for length in (file.len() / 2..file.len()).step_by(file.len() / 40 + 1) {
            let cut = &file[..length];
            let Ok(header) = probe(cut) else { continue };
            for segment in ["f_gif", "a,f_webp"] {
                let operations = operations::parse(segment).unwrap();
                let format = negotiate(&operations, None, &header).format;
                if let Ok(rendition) = render(cut, &operations, format, &marks(), &Budget::default()) {
                    assert!(
                        probe(rendition.bytes()).unwrap().frames <= header.frames,
                        "{name} {length}"
                    );
                }
            }
        }
    }
}
