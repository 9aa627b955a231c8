use super::*;
use crate::Layer;
use chacha20::ChaCha8Rng;
use chacha20::rand_core::{Rng as _, SeedableRng as _};
use proptest::prelude::*;

fn variant(number: u8) -> Variant {
    Variant([number; 32])
}

fn code() -> Code {
    Code::new(&MarkKey::new([7; 32]), &variant(1))
}

/// The share of places at which two codewords agree.
fn agreement(one: &[bool], other: &[bool]) -> f64 {
    one.iter().zip(other).filter(|(a, b)| a == b).count() as f64 / one.len() as f64
}

#[test]
fn codewords_are_the_same_for_ever() {
    // Pictures that are out there name their client by these symbols: another version of a dependency must not change them.
    let recipe = code().recipe(64);
    let symbols = code().codeword(&recipe, &Subject::of("shop-north"), &[1, 2, 3, 4, 5, 6, 7, 8]);
    let hex: String = symbols
        .chunks(4)
        .map(|nibble| format!("{:x}", nibble.iter().fold(0, |value, &bit| value << 1 | u8::from(bit))))
        .collect();
    assert_eq!(
        (&recipe.places()[..8], hex.as_str()),
        (&GOLDEN_PLACES[..], GOLDEN_SYMBOLS)
    );
}

const GOLDEN_PLACES: [u8; 8] = [251, 197, 28, 193, 223, 168, 246, 0];
const GOLDEN_SYMBOLS: &str = "de6fe46406e335f6";

#[test]
fn symbols_have_the_frequencies_that_their_biases_ask_for() {
    let (chips, subjects) = (4000, 400);
    let recipe = code().recipe(chips);
    let mut ones = vec![0_u32; chips];
    for subject in 0..subjects {
        let symbols = code().codeword(&recipe, &Subject::of(&format!("client {subject}")), &[0; 8]);
        for (count, symbol) in ones.iter_mut().zip(symbols) {
            *count += u32::from(symbol);
        }
    }
    // Standardised counts of the tracing layer have mean 0 and variance 1; the sums below have a standard error of 1/60.
    let (mut number, mut sum, mut squares) = (0.0, 0.0, 0.0);
    for (layer, ones) in recipe.layers().zip(ones) {
        if let Layer::Tracing { threshold } = layer {
            let p = f64::from(threshold) / 256.0;
            let n = f64::from(subjects);
            let z = (f64::from(ones) - n * p) / (n * p * (1.0 - p)).sqrt();
            number += 1.0;
            sum += z;
            squares += z * z;
        }
    }
    assert!((0.86..0.89).contains(&(number / chips as f64)), "{number} chips trace");
    assert!((sum / number).abs() < 0.08, "mean {}", sum / number);
    assert!((squares / number - 1.0).abs() < 0.12, "variance {}", squares / number);
}

#[test]
fn biases_follow_the_density() {
    let recipe = code().recipe(40_000);
    let thresholds: Vec<f64> = recipe
        .layers()
        .filter_map(|layer| match layer {
            Layer::Tracing { threshold } => Some(f64::from(threshold) / 256.0),
            Layer::Message { .. } => None,
        })
        .collect();
    let share = |low: f64, high: f64| {
        thresholds.iter().filter(|p| (low..high).contains(p)).count() as f64 / thresholds.len() as f64
    };
    let cumulative = |p: f64| {
        let low = 0.02_f64.sqrt().asin();
        ((p.sqrt().asin() - low) / (std::f64::consts::FRAC_PI_2 - 2.0 * low)).clamp(0.0, 1.0)
    };
    for (low, high) in [(0.0, 0.1), (0.1, 0.3), (0.3, 0.7), (0.7, 0.9), (0.9, 1.0)] {
        assert!(
            (share(low, high) - cumulative(high) + cumulative(low)).abs() < 0.015,
            "{low} to {high}"
        );
    }
}

#[test]
fn subjects_and_variants_are_independent() {
    let recipe = code().recipe(20_000);
    let word = |code: &Code, client: &str| code.tracing(&recipe, &Subject::of(client));
    // Two codewords agree where both or neither is 1: E(p² + (1-p)²) of the density, 0.735, and 1/2 more rarely.
    let first = word(&code(), "a");
    assert!((agreement(&first, &word(&code(), "b")) - 0.71).abs() < 0.04);
    let elsewhere = Code::new(&MarkKey::new([7; 32]), &variant(2));
    assert_ne!(elsewhere.recipe(20_000), recipe);
    assert!(agreement(&first, &elsewhere.tracing(&elsewhere.recipe(20_000), &Subject::of("a"))) < 0.55);
    let other_key = Code::new(&MarkKey::new([8; 32]), &variant(1));
    assert_ne!(other_key.recipe(64), code().recipe(64));
}

#[test]
fn codewords_say_what_the_layers_ask_for() {
    let (code, subject) = (code(), Subject::of("shop-north"));
    let message = message::bits(&Hkdf::new(None, &code.check), b"12345678");
    for chips in (0..100).chain([1000, 1599]) {
        let recipe = code.recipe(chips);
        let symbols = code.codeword(&recipe, &subject, b"12345678");
        assert_eq!(symbols.len(), chips);
        for ((layer, symbol), traced) in recipe.layers().zip(symbols).zip(code.tracing(&recipe, &subject)) {
            let expected = match layer {
                Layer::Message { bit, inverted } => message[bit] != inverted,
                Layer::Tracing { .. } => traced,
            };
            assert_eq!(symbol, expected, "{chips} chips, {layer:?}");
        }
    }
}

#[test]
fn requests_differ_in_the_message_layer_alone() {
    let recipe = code().recipe(3000);
    let subject = Subject::of("shop-north");
    let [one, other] = [[1; 8], [0xfe; 8]].map(|reference| code().codeword(&recipe, &subject, &reference));
    let mut different = 0;
    for ((layer, one), other) in recipe.layers().zip(one).zip(other) {
        if one != other {
            assert!(matches!(layer, Layer::Message { .. }));
            different += 1;
        }
    }
    assert!(different > 100, "{different}");
}

proptest! {
    #[test]
    fn the_message_survives_a_third_of_lost_and_a_tenth_of_wrong_chips(reference: [u8; 8], damage in 0_u64..1000) {
        let recipe = code().recipe(12_000);
        let symbols = code().codeword(&recipe, &Subject::of("shop-north"), &reference);
        let mut noise = vec![0; symbols.len()];
        ChaCha8Rng::seed_from_u64(damage).fill_bytes(&mut noise);
        let soft: Vec<f32> = symbols
            .iter()
            .zip(noise)
            .map(|(&symbol, noise)| match noise {
                0..85 => 0.0,
                85..102 => if symbol { -1.0 } else { 1.0 },
                _ => if symbol { 1.0 } else { -1.0 },
            })
            .collect();
        prop_assert_eq!(code().reference(&recipe, &soft), Some(reference));
    }

    #[test]
    fn noise_names_no_request(seed: u64, chips in 0_usize..3000) {
        let recipe = code().recipe(chips);
        let mut noise = vec![0; chips];
        ChaCha8Rng::seed_from_u64(seed).fill_bytes(&mut noise);
        let soft: Vec<f32> = noise.iter().map(|&byte| f32::from(byte) - 127.5).collect();
        prop_assert_eq!(code().reference(&recipe, &soft), None);
    }

    #[test]
    fn a_shorter_recipe_is_the_beginning_of_a_longer_one(short in 0_usize..400, more in 0_usize..400) {
        let (one, other) = (code().recipe(short), code().recipe(short + more));
        prop_assert_eq!(one.places(), &other.places()[..short]);
    }
}

#[test]
fn debug_shows_nothing() {
    assert_eq!(format!("{:?}", code()), "Code(redacted)");
}
