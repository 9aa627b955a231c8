//! Every operation against sharp's own result (0.35.5, `bench/node/goldens.mjs`): "IPX-compatible" as a measured claim.
//! What is compared is the picture before it is marked.

use super::fixtures::*;
use super::marks::mean_difference;
use crate::pipeline::Job;
use crate::{Budget, OutputFormat};

fn stored_by_sharp(name: &str) -> (u32, u32, Vec<u8>) {
    decoded(&std::fs::read(golden_path(&format!("sharp/{name}.png"))).unwrap())
}

/// Renders an original to RGBA, without marks.
fn ours(file: &[u8], segment: &str) -> (u32, u32, Vec<u8>) {
    let (operations, budget) = (operations::parse(segment).unwrap(), Budget::default());
    let marks = marks();
    let job = Job::new(
        file,
        &operations,
        OutputFormat::Png,
        (&marks.overlay, &marks.key),
        &budget,
    )
    .unwrap();
    let raster = job.unmarked(job.pixels(file).unwrap()).unwrap().into_rgba();
    (raster.width, raster.height, raster.samples)
}

/// `tolerance` is the mean absolute difference of all channels in levels of 255.
fn check(name: &str, source: &str, segment: &str, tolerance: f64) {
    let file = std::fs::read(golden_path(&format!("sharp/source_{source}.png"))).unwrap();
    let difference = difference(ours(&file, segment), stored_by_sharp(name));
    assert!(difference <= tolerance, "{name}: {difference}");
}

fn difference(ours: (u32, u32, Vec<u8>), sharp: (u32, u32, Vec<u8>)) -> f64 {
    let ((width, height, mut samples), (sharp_width, sharp_height, mut sharp)) = (ours, sharp);
    assert_eq!((width, height), (sharp_width, sharp_height));
    // A colour counts as much as it is seen.
    for picture in [&mut samples, &mut sharp] {
        for pixel in picture.chunks_exact_mut(4) {
            let alpha = u16::from(pixel[3]);
            pixel[..3]
                .iter_mut()
                .for_each(|sample| *sample = (u16::from(*sample) * alpha / 255) as u8);
        }
    }
    mean_difference(&samples, &sharp)
}

macro_rules! against_sharp {
    ($($name:ident: $source:literal, $segment:literal, $tolerance:literal;)*) => {
        $(#[test]
        fn $name() {
            check(stringify!($name), $source, $segment, $tolerance);
        })*

        /// No picture is without its test.
        #[test]
        fn every_picture_is_compared() {
            let names = [$(stringify!($name)),*];
            for entry in std::fs::read_dir(golden_path("sharp")).unwrap() {
                let name = entry.unwrap().file_name().into_string().unwrap();
                if let Some(name) = name.strip_suffix(".png").filter(|name| !name.starts_with("source_")) {
                    assert!(names.contains(&name), "{name}");
                }
            }
        }
    };
}

against_sharp! {
    attention: "plain", "s_24x48,pos_attention", 0.01;
    blur_5: "plain", "blur_5", 0.2;
    blur_alpha: "alpha", "blur_2", 0.6;
    blur_float: "plain", "blur_1.5_float_0.01", 0.6;
    blur_mild: "plain", "blur", 0.6;
    blur_wide: "plain", "blur_14_float_0.05", 0.8;
    brightness: "plain", "brightness_1.3", 0.2;
    clahe: "plain", "clahe_16", 0.01;
    clahe_unlimited: "plain", "clahe_9_20_0", 0.01;
    dilate: "plain", "threshold_140,dilate_2", 0.01;
    dilate_colours: "plain", "dilate", 0.01;
    entropy: "plain", "s_64x20,pos_entropy", 0.01;
    erode: "plain", "threshold_140,erode_3", 0.4;
    extend_background: "plain", "extend_3_5_7_9,b_tomato", 0.01;
    extend_copy: "plain", "extend_3_5_7_9_copy", 0.01;
    extend_mirror: "plain", "extend_3_5_7_9_mirror", 0.01;
    extend_repeat: "plain", "extend_3_5_7_9_repeat", 0.01;
    flatten: "alpha", "flatten,b_tomato", 0.4;
    flip_rotate: "plain", "rotate_90,flip,w_40", 0.6;
    gamma: "plain", "gamma,w_32", 0.45;
    gamma_out: "plain", "gamma_1.5_2.5", 0.01;
    grayscale: "plain", "grayscale", 0.2;
    hue: "plain", "hue_90", 0.2;
    kernel_cubic: "plain", "s_40x30,fit_fill,kernel_cubic", 0.2;
    kernel_lanczos2: "plain", "s_40x30,fit_fill,kernel_lanczos2", 0.2;
    kernel_lanczos3: "plain", "s_40x30,fit_fill", 0.2;
    kernel_linear: "plain", "s_40x30,fit_fill,kernel_linear", 0.2;
    kernel_mitchell: "plain", "s_40x30,fit_fill,kernel_mitchell", 0.2;
    kernel_mks2013: "plain", "s_40x30,fit_fill,kernel_mks2013", 0.2;
    kernel_mks2021: "plain", "s_40x30,fit_fill,kernel_mks2021", 0.2;
    kernel_nearest: "plain", "s_32x24,fit_fill,kernel_nearest", 0.01;
    linear: "plain", "linear_1.2_-10", 0.01;
    linear_alpha: "alpha", "linear_-1_255", 0.01;
    median_3: "plain", "median", 0.01;
    median_8: "plain", "median_8", 0.01;
    modulate: "plain", "modulate_0.9_1.6_-40_5", 0.2;
    negate: "plain", "negate", 0.01;
    negate_alpha: "alpha", "negate", 0.01;
    negate_opaque: "alpha", "negate_false", 0.01;
    normalize: "plain", "normalize", 0.2;
    normalize_percentiles: "plain", "normalize_15_80", 0.2;
    opacity: "plain", "opacity_0.502", 0.01;
    radius: "plain", "radius_12", 0.4;
    rotate_30: "plain", "rotate_30,b_tomato", 0.01;
    rotate_alpha: "alpha", "rotate_-100.5,b_0000", 0.4;
    rotate_resize: "plain", "rotate_30,w_50,b_tomato", 0.4;
    saturation: "plain", "saturation_0.4", 0.2;
    sharpen: "plain", "sharpen_2", 0.2;
    sharpen_mild: "plain", "sharpen", 0.6;
    sharpen_slopes: "plain", "sharpen_1_0.5_3_1_5_8", 0.2;
    threshold: "plain", "threshold_100", 0.2;
    threshold_channels: "plain", "threshold_128_false", 0.01;
    tint: "plain", "tint_tomato", 0.4;
    trim: "framed", "trim", 0.01;
    unflatten: "framed", "unflatten", 0.01;
}

/// A progressive JPEG beside sharp's of the same picture at the same quality: what both show, and how many bytes they take.
#[test]
fn progressive_files_are_like_sharps() {
    let sharp = std::fs::read(golden_path("sharp/progressive.jpg")).unwrap();
    let (_, _, samples) = stored_by_sharp("source_plain");
    let rgb: Vec<u8> = samples.chunks_exact(4).flat_map(|pixel| pixel[..3].to_vec()).collect();
    let pixels = jpeg::Pixels::Rgb(&rgb);
    let levels = jpeg::transform(pixels, 64, 48, 80, jpeg::Sampling::Yuv444).unwrap();
    let ours = jpeg::Process::Progressive.encode(&levels).unwrap();
    assert_eq!(jpeg::Process::of(&ours), jpeg::Process::of(&sharp));
    let difference = difference(decoded(&ours), decoded(&sharp));
    assert!(difference <= 0.2, "{difference}");
    assert!(ours.len() <= sharp.len(), "{} and {} bytes", ours.len(), sharp.len());
}

/// White with a little noise around the picture.
fn framed(width: u32, height: u32) -> Vec<u8> {
    let at = |x: u32, y: u32| {
        if (9..width - 5).contains(&x) && (7..height - 11).contains(&y) {
            pixel(x, y, width, height)
        } else {
            [255 - (x * y % 7 == 3) as u8 * 3; 3]
        }
    };
    (0..height)
        .flat_map(|y| (0..width).flat_map(move |x| at(x, y)))
        .collect()
}

/// What sharp was given is what is made here; `DECKLE_GOLDENS=write` stores it.
#[test]
fn the_sources_are_as_made() {
    let made = [
        ("plain", png(64, 48)),
        ("alpha", transparent_png(64, 48)),
        ("framed", png_of(64, 48, png::ColorType::Rgb, &framed(64, 48))),
    ];
    for (name, file) in made {
        let path = golden_path(&format!("sharp/source_{name}.png"));
        if std::env::var_os("DECKLE_GOLDENS").is_some_and(|value| value == "write") {
            std::fs::write(&path, &file).unwrap();
        }
        assert_eq!(decoded(&std::fs::read(&path).unwrap()), decoded(&file), "{name}");
    }
}

/// Every coding of an original against what sharp shows of it (of BMP, what Pillow shows): how far they may be apart.
#[test]
fn inputs_look_as_in_sharp() {
    // Samples are the same, whatever they were stored as.
    const SAME: f64 = 0.01;
    // Two ways to a profile's colours, from 5 bits to 8, or to divide by alpha.
    const ROUNDED: f64 = 0.5;
    // Chroma at half the size comes back by another filter.
    const CHROMA: f64 = 2.2;
    // Inks by a coarser table, or another way between the points of the profile's.
    const INKS: f64 = 2.0;
    let mut compared = 0;
    let mut report = String::new();
    for entry in std::fs::read_dir(golden_path("sharp/inputs")).unwrap() {
        let name = entry.unwrap().file_name().into_string().unwrap();
        let source = name.strip_suffix(".png").unwrap();
        let tolerance = match source {
            "progressive.jpg" | "subsampled-422.jpg" => CHROMA,
            "cmyk-adobe.jpg" | "cmyk.tif" | "ycck.jpg" => INKS,
            "cmyk-profile.jpg" | "cmyk-profile.tif" => INKS,
            "high-colour.bmp" | "premultiplied.tif" | "p3.jpg" | "p3.png" | "p3.tif" | "p3.webp" => ROUNDED,
            _ if source.starts_with("orientation") && source.ends_with("jpg") => CHROMA,
            _ => SAME,
        };
        let difference = difference(ours(&stored(source), "_"), stored_by_sharp(&format!("inputs/{source}")));
        if difference > tolerance {
            report += &format!("{source}: {difference}\n");
        }
        compared += 1;
    }
    assert!(report.is_empty(), "\n{report}");
    let sources = std::fs::read_dir(golden_path("sources")).unwrap();
    assert_eq!(
        compared + 1,
        sources.count(),
        "an original without a picture of it, beside make.py"
    );
}
