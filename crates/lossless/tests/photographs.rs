//! What marking does to photographs: little to see, and few bytes.

#![allow(clippy::unwrap_used, reason = "helpers of tests")]

use lossless::{Container, Picture, prepare, prepare_webp};
use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};

const SIDES: (u32, u32) = (800, 600);

/// Photographs of the repository, RGB, with their names.
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
        let picture = picture.resize_to_fill(SIDES.0, SIDES.1, image::imageops::FilterType::CatmullRom);
        (name, picture.to_rgb8().into_raw())
    };
    names.map(load).into()
}

fn luma(rgb: &[u8]) -> Vec<f64> {
    let pixels = rgb.chunks_exact(3);
    let luma = |p: &[u8]| 0.299 * f64::from(p[0]) + 0.587 * f64::from(p[1]) + 0.114 * f64::from(p[2]);
    pixels.map(luma).collect()
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

/// What a PNG and a WebP take without a mark.
fn fast(rgb: &[u8]) -> [usize; 2] {
    let mut file = Vec::new();
    let mut encoder = png::Encoder::new(&mut file, SIDES.0, SIDES.1);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_compression(png::Compression::Fast);
    encoder.write_header().unwrap().write_image_data(rgb).unwrap();
    let mut webp = Vec::new();
    let encoder = image_webp::WebPEncoder::new(&mut webp);
    encoder
        .encode(rgb, SIDES.0, SIDES.1, image_webp::ColorType::Rgb8)
        .unwrap();
    [file.len(), webp.len()]
}

#[test]
fn photographs_stay_as_they_are() {
    for (name, rgb) in photographs() {
        let picture = || Picture::new(SIDES.0, SIDES.1, 3, rgb.clone()).unwrap();
        let plain = fast(&rgb);
        check(name, &rgb, &prepare(picture()).unwrap(), ("PNG", plain[0], 1.1));
        let container = prepare_webp(&picture()).unwrap().unwrap();
        check(name, &rgb, &container, ("WebP", plain[1], 1.02));
    }
}

fn check(name: &str, rgb: &[u8], container: &Container, (format, plain, most): (&str, usize, f64)) {
    let fragile = MarkKey::new([7; 32]).seal(&Payload {
        kind: Kind::SignedUrl,
        subject: Subject::of("client"),
        key: KeyTag::of("pk_test"),
        reference: [5; 8],
        time: 1_700_000_000,
    });
    let symbols: Vec<bool> = (0..container.chips()).map(|chip| (chip * chip) % 7 < 3).collect();
    let file = container.mark(&symbols, &fragile).unwrap();
    let marked = image::load_from_memory(&file).unwrap().to_rgb8().into_raw();
    let (psnr, ssim) = (psnr(rgb, &marked), ssim(&luma(rgb), &luma(&marked), 800));
    let (grown, kept) = (
        file.len() as f64 / plain as f64,
        container.as_bytes().len() as f64 / file.len() as f64,
    );
    let what = format!(
        "{name}, {format}: {} chips, score {:.1}, {psnr:.2} dB, SSIM {ssim:.5}, {} bytes, x {grown:.3} of unmarked, container x {kept:.3}",
        container.chips(),
        container.predicted_score(),
        file.len(),
    );
    println!("{what}");
    assert!(psnr >= 50.0 && ssim >= 0.997, "{what}");
    assert!(grown <= most && kept <= 1.4, "{what}");
    assert!(
        container.is_traceable() && container.predicted_score() >= 20.0,
        "{what}"
    );
}
