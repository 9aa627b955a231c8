//! What every test here needs: a key, a client, pictures made in code.
#![allow(dead_code, clippy::unwrap_used, reason = "each test uses its part")]

use chips::{Chip, Container, prepare};
use fingerprint::Code;
use jpeg::{Coefficients, Limits, Pixels, Sampling, Spectrum};
use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};

pub const LIMITS: Limits = Limits {
    max_pixels: 1 << 24,
    max_scans: 1,
    max_visits: 1 << 26,
};

pub fn key() -> MarkKey {
    MarkKey::new([7; 32])
}

pub fn payload() -> Payload {
    Payload {
        kind: Kind::SignedUrl,
        subject: Subject::of("client_1"),
        key: KeyTag::of("pk_test"),
        reference: *b"request1",
        time: 1_700_000_000,
    }
}

/// Smooth and busy parts, edges, and corners that are clipped.
pub fn picture(width: u16, height: u16, seed: u32) -> Vec<u8> {
    let mut state = seed | 1;
    let mut noise = move || {
        state ^= state << 13;
        state ^= state >> 17;
        state ^= state << 5;
        f64::from(state % 1000) / 1000.0 - 0.5
    };
    let mut rgb = Vec::new();
    for y in 0..height {
        for x in 0..width {
            let (u, v) = (f64::from(x) / f64::from(width), f64::from(y) / f64::from(height));
            let grain = noise() * 70.0 * (u - 0.3).max(0.0);
            let edge = if (u * 5.0).fract() < v { 40.0 } else { 0.0 };
            for base in [320.0 * u - 20.0, 140.0 + 60.0 * (v * 9.0).sin(), 255.0 * v] {
                rgb.push((base + edge + grain).clamp(0.0, 255.0) as u8);
            }
        }
    }
    rgb
}

/// Sides of [`drawings`].
pub const DRAWN: (u16, u16) = (301, 250);

/// Chequers of three colours, where the same bytes come again and again.
pub fn drawings() -> impl Iterator<Item = Vec<u8>> {
    [(80, 80), (63, 40), (17, 90), (8, 8)].into_iter().map(|(wide, high)| {
        let colour = |x: u16, y: u16| match (x / wide % 3, y / high % 2) {
            (0, _) => [200, 40, 40],
            (1, 0) => [40, 160, 40],
            _ => [250, 250, 240],
        };
        (0..DRAWN.1)
            .flat_map(|y| (0..DRAWN.0).flat_map(move |x| colour(x, y)))
            .collect()
    })
}

pub fn spectrum(rgb: &[u8], (width, height): (u16, u16), quality: u8, sampling: Sampling) -> Spectrum {
    jpeg::spectrum(Pixels::Rgb(rgb), width, height, quality, sampling).unwrap()
}

pub fn container(rgb: &[u8], sides: (u16, u16), quality: u8) -> Container {
    prepare(spectrum(rgb, sides, quality, Sampling::Yuv420), &key()).unwrap()
}

pub fn symbols(container: &Container, client: &str) -> Vec<bool> {
    let code = Code::new(&key(), &container.variant());
    code.codeword(&code.recipe(container.chips()), &Subject::of(client), b"request1")
}

/// The levels that a codeword asks for, put into the picture one by one.
pub fn chosen(zeros: &Coefficients, chips: &[Chip], symbols: &[bool]) -> Coefficients {
    let mut picture = zeros.clone();
    for (chip, symbol) in chips.iter().zip(symbols) {
        picture.components[0].blocks[chip.block][chip.index] = if *symbol { chip.high } else { chip.low };
    }
    picture
}
