//! What marking does to photographs: little to see, and few bytes.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

mod pictures;

use chips::{prepare_as, webp};
use fingerprint::Code;
use jpeg::{Process, Sampling};
use pictures::{key, payload, spectrum, symbols};
use watermark::Subject;

/// Photographs of the repository, 800x600 pixels of RGB, with their names.
fn photographs() -> Vec<(&'static str, Vec<u8>)> {
    let names = [
        "casa-mila.jpg",
        "oakland-zoo-otters.jpg",
        "roman-colosseum.jpg",
        "tea-gardens.jpg",
    ];
    let load = |name: &'static str| {
        let path = format!("{}/../../static/photos/{name}", env!("CARGO_MANIFEST_DIR"));
        let picture = image::open(path).unwrap();
        let picture = picture.resize_to_fill(800, 600, image::imageops::FilterType::CatmullRom);
        (name, picture.to_rgb8().into_raw())
    };
    names.map(load).into()
}

fn luma(file: &[u8]) -> Vec<f64> {
    let decoded = image::load_from_memory(file).unwrap().to_rgb8();
    decoded
        .pixels()
        .map(|p| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]))
        .collect()
}

fn psnr(one: &[u8], other: &[u8]) -> f64 {
    let squares: u64 = one
        .iter()
        .zip(other)
        .map(|(a, b)| u64::from(a.abs_diff(*b)).pow(2))
        .sum();
    10.0 * (255.0 * 255.0 * one.len() as f64 / squares as f64).log10()
}

/// Mean SSIM (Wang et al. 2004) of windows of 8x8 pixels, two apart, without their Gaussian weights.
fn ssim(one: &[f64], other: &[f64], width: usize) -> f64 {
    let (c1, c2) = ((0.01_f64 * 255.0).powi(2), (0.03_f64 * 255.0).powi(2));
    let (mut sum, mut windows) = (0.0, 0.0);
    for y in (0..one.len() / width - 7).step_by(2) {
        for x in (0..width - 7).step_by(2) {
            let [mut a, mut b, mut aa, mut bb, mut ab] = [0.0; 5];
            for place in (0..8).flat_map(|dy| (0..8).map(move |dx| (y + dy) * width + x + dx)) {
                let (p, q) = (one[place], other[place]);
                (a, b, aa, bb, ab) = (a + p, b + q, aa + p * p, bb + q * q, ab + p * q);
            }
            let (a, b) = (a / 64.0, b / 64.0);
            let (va, vb, cov) = (aa / 64.0 - a * a, bb / 64.0 - b * b, ab / 64.0 - a * b);
            sum += (2.0 * a * b + c1) * (2.0 * cov + c2) / ((a * a + b * b + c1) * (va + vb + c2));
            windows += 1.0;
        }
    }
    sum / windows
}

const PROCESSES: [Process; 2] = [Process::Baseline, Process::Progressive];

#[test]
fn photographs_stay_as_they_are() {
    for (name, rgb) in photographs() {
        for (quality, process) in [60, 80, 90]
            .into_iter()
            .flat_map(|quality| PROCESSES.map(|process| (quality, process)))
        {
            let spectrum = spectrum(&rgb, (800, 600), quality, Sampling::Yuv420);
            let levels = spectrum.clone().quantised();
            let plain = process.encode(&levels).unwrap();
            let container = prepare_as(process, spectrum, &key()).unwrap();
            let marked = container
                .mark(&symbols(&container, "client_1"), &key().seal(&payload()))
                .unwrap();

            let decoded = |file: &[u8]| image::load_from_memory(file).unwrap().to_rgb8().into_raw();
            let psnr = psnr(&decoded(&plain), &decoded(&marked));
            let ssim = ssim(&luma(&plain), &luma(&marked), 800);
            let growth = marked.len() as f64 / plain.len() as f64;
            let kept = container.as_bytes().len() as f64 / marked.len() as f64;
            let what = format!(
                "{name} q{quality} {process:?}: {} chips, score {:.1}, {psnr:.2} dB, SSIM {ssim:.5}, bytes x {growth:.4} ({:.4} of \
                 baseline's), container x {kept:.3}",
                container.chips(),
                container.predicted_score(),
                plain.len() as f64 / jpeg::encode(&levels).unwrap().len() as f64,
            );
            println!("{what}");
            assert!(psnr >= 50.0 && ssim >= 0.997, "{what}");
            assert!(growth <= 1.02 && kept <= 1.4, "{what}");
            let enough = if quality < 75 { 15.0 } else { 20.0 };
            assert!(
                container.is_traceable() && container.predicted_score() >= enough,
                "{what}"
            );
        }
    }
}

#[test]
fn photographs_stay_as_they_are_in_webp() {
    for (name, rgb) in photographs() {
        for quality in [75, 80, 90] {
            let (pixels, sides) = (vp8::Pixels::Rgb(&rgb), (800, 600));
            let plain = webp::unmarked(pixels, sides, quality).unwrap();
            let container = webp::prepare(pixels, sides, quality, &key()).unwrap();
            let code = Code::new(&key(), &container.variant());
            let symbols = code.codeword(&code.recipe(container.chips()), &Subject::of("client_1"), b"request1");
            let marked = container.mark(&symbols, &key().seal(&payload())).unwrap();

            let decoded = |file: &[u8]| image::load_from_memory(file).unwrap().to_rgb8().into_raw();
            let psnr = psnr(&decoded(&plain), &decoded(&marked));
            let ssim = ssim(&luma(&plain), &luma(&marked), 800);
            let growth = marked.len() as f64 / plain.len() as f64;
            let kept = container.as_bytes().len() as f64 / marked.len() as f64;
            let without = vp8::encode(pixels, 800, 600, quality).unwrap();
            let what = format!(
                "{name} WebP q{quality}: {} chips, score {:.1}, {psnr:.2} dB, SSIM {ssim:.5}, bytes x {growth:.4}, x {:.4} with what more \
                 places cost, container x {kept:.3}",
                container.chips(),
                container.predicted_score(),
                marked.len() as f64 / without.len() as f64,
            );
            println!("{what}");
            assert!(psnr >= 50.0 && ssim >= 0.997, "{what}");
            assert!(growth <= 1.02 && kept <= 1.4, "{what}");
            assert!(container.is_traceable(), "{what}");
        }
    }
}
