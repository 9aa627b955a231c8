use super::*;
use crate::bound::tests::quantile;
use crate::decoder::{COMPANIONS, Decoder, companions};
use fingerprint::Variant;
use watermark::MarkKey;

const CHIPS: usize = 5000;

fn code(variant: u8) -> Code {
    Code::new(&MarkKey::new([7; 32]), &Variant([variant; 32]))
}

fn subjects(count: usize) -> Vec<Subject> {
    (0..count)
        .map(|client| Subject::of(&format!("client {client}")))
        .collect()
}

/// A small generator, so that the tests are the same every time (Steele, Lea and Flood 2014).
struct SplitMix(u64);

impl SplitMix {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut value = self.0;
        value = (value ^ value >> 30).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        value = (value ^ value >> 27).wrapping_mul(0x94d0_49bb_1331_11eb);
        value ^ value >> 31
    }

    fn unit(&mut self) -> f64 {
        (self.next() >> 11) as f64 / (1_u64 << 53) as f64
    }

    fn normal(&mut self) -> f64 {
        (-2.0 * self.unit().max(1e-300).ln()).sqrt() * (std::f64::consts::TAU * self.unit()).cos()
    }
}

/// What a coalition can make of its symbols at one chip, from the symbols of its members: it cannot make one that none has.
#[derive(Clone, Copy, Debug)]
enum Strategy {
    Average,
    Interleave,
    Majority,
    Minority,
    Coin,
}

const STRATEGIES: [Strategy; 5] = [
    Strategy::Average,
    Strategy::Interleave,
    Strategy::Majority,
    Strategy::Minority,
    Strategy::Coin,
];

/// Soft values of a leak that the coalition made, with Gaussian noise of `noise` times the distance from the middle to a symbol.
fn leak(code: &Code, coalition: &[Subject], strategy: Strategy, noise: f64, random: &mut SplitMix) -> Soft {
    let recipe = code.recipe(CHIPS);
    let words: Vec<Vec<bool>> = coalition
        .iter()
        .map(|subject| code.codeword(&recipe, subject, &[0; 8]))
        .collect();
    let members = words.len() as f64;
    let values: Vec<f32> = (0..CHIPS)
        .map(|chip| {
            let ones = words.iter().filter(|word| word[chip]).count() as f64;
            let mixed = 0.0 < ones && ones < members;
            let coin = random.unit() < 0.5;
            let symbol = match strategy {
                Strategy::Average => ones / members,
                Strategy::Interleave => f64::from(u8::from(words[random.next() as usize % words.len()][chip])),
                Strategy::Coin if mixed => f64::from(u8::from(coin)),
                Strategy::Majority if mixed && 2.0 * ones != members => f64::from(u8::from(2.0 * ones > members)),
                Strategy::Minority if mixed && 2.0 * ones != members => f64::from(u8::from(2.0 * ones < members)),
                _ if mixed => f64::from(u8::from(coin)),
                _ => ones / members,
            };
            (((2.0 * symbol - 1.0) + noise * random.normal()) / (noise * noise)).clamp(-3.5, 3.5) as f32
        })
        .collect();
    Soft::uniform(&values)
}

fn search(code: &Code, soft: &Soft, everybody: &[Subject]) -> Verdict {
    accuse(
        code,
        &code.recipe(CHIPS),
        soft,
        everybody,
        &Rule::new(1_000_000, 4),
        &|_| (),
    )
}

#[test]
fn a_leaker_is_found_among_many_and_nobody_else() {
    let everybody = subjects(3000);
    let mut random = SplitMix(1);
    // A noise of four times the signal: a hard decision would be wrong at 40 % of the chips.
    let soft = leak(&code(1), &[everybody[1234]], Strategy::Average, 4.0, &mut random);
    let verdict = search(&code(1), &soft, &everybody);
    assert_eq!(
        verdict
            .accused
            .iter()
            .map(|accused| accused.subject)
            .collect::<Vec<_>>(),
        [1234],
        "{verdict:?}"
    );
    assert_eq!(verdict.closest, Some(verdict.accused[0]));
}

#[test]
fn coalitions_are_accused_whatever_they_do_and_nobody_else() {
    let everybody = subjects(400);
    for (members, noise, least) in [(2, 0.8, 2), (3, 0.8, 3), (5, 0.5, 4)] {
        for strategy in STRATEGIES {
            let mut random = SplitMix(members as u64);
            let first = 40 * members;
            let coalition = &everybody[first..first + members];
            let verdict = search(
                &code(1),
                &leak(&code(1), coalition, strategy, noise, &mut random),
                &everybody,
            );
            let accused: Vec<usize> = verdict.accused.iter().map(|accused| accused.subject).collect();
            assert!(
                accused.iter().all(|subject| (first..first + members).contains(subject)),
                "{strategy:?} {accused:?}"
            );
            assert!(
                accused.len() >= least,
                "{strategy:?}: {accused:?} of {members}; {verdict:?}"
            );
        }
    }
}

#[test]
fn innocents_are_not_accused() {
    // Nobody in the list had a part in the leak, or nobody at all.
    let everybody = subjects(20_000);
    let mut random = SplitMix(9);
    let stranger = [Subject::of("stranger")];
    let clear = leak(&code(1), &stranger, Strategy::Average, 0.1, &mut random);
    let noise: Vec<f32> = (0..CHIPS).map(|_| random.normal() as f32).collect();
    let elsewhere = leak(&code(2), &everybody[..1], Strategy::Average, 0.1, &mut random);
    for soft in [clear, Soft::uniform(&noise), elsewhere] {
        let verdict = search(&code(1), &soft, &everybody);
        assert_eq!(verdict.accused, []);
        // The best of 20,000 is worth about 10^-4.3; the rule counts a million, four variants and the decoders.
        assert!(verdict.closest.unwrap().log10 > -1.0, "{verdict:?}");
    }
}

#[test]
fn bounds_hold_for_innocents() {
    // How often an innocent's bound is as low as 10^-k must be at most 10^-k: the theorem, tried out.
    let everybody = subjects(30_000);
    let soft = leak(
        &code(1),
        &[Subject::of("stranger")],
        Strategy::Average,
        1.0,
        &mut SplitMix(3),
    );
    let (code, recipe) = (code(1), code(1).recipe(CHIPS));
    let active = Active::of(&recipe, &soft);
    let decoders = bank(&active, &soft);
    let scan = Scan::new(&code, &recipe, &active, &decoders);
    for (column, decoder) in decoders.iter().enumerate().take(6) {
        for [over, most] in beyond(&scan, &everybody, column, decoder) {
            // The bound is generous by its error term.
            assert!(
                most < 100.0 || over > most / 4.0,
                "decoder {column}: the bound is far off, {over} of {most}"
            );
        }
    }
}

/// How many innocents have a bound of 10^-1, 10^-2 and 10^-3 by one decoder, and how many may have it at most, which is asserted.
fn beyond(scan: &Scan, innocents: &[Subject], column: usize, decoder: &Decoder) -> [[f64; 2]; 3] {
    [-1.0, -2.0, -3.0].map(|log10| {
        let bar = quantile(&decoder.terms, log10).unwrap() as f32;
        let over = scan.each(innocents, &|_| (), |_, scores| (scores[column] >= bar).then_some(()));
        let [over, most] = [over.len() as f64, 10_f64.powf(log10) * innocents.len() as f64];
        assert!(over < most + 4.0 * most.sqrt(), "decoder {column}: {over} of {most}");
        [over, most]
    })
}

#[test]
fn bounds_hold_for_innocents_beside_known_members() {
    let everybody = subjects(30_000);
    let coalition = ["one", "two", "three"].map(Subject::of);
    let soft = leak(&code(1), &coalition, Strategy::Coin, 0.8, &mut SplitMix(4));
    let (code, recipe) = (code(1), code(1).recipe(CHIPS));
    let active = Active::of(&recipe, &soft);
    let known: Vec<Vec<bool>> = coalition[..2].iter().map(|one| code.tracing(&recipe, one)).collect();
    let decoders = companions(&active, &soft, &known);
    assert_eq!(decoders.len(), COMPANIONS);
    let scan = Scan::new(&code, &recipe, &active, &decoders);
    let third = code.tracing(&recipe, &coalition[2]);
    for (column, decoder) in decoders.iter().enumerate().take(4) {
        beyond(&scan, &everybody, column, decoder);
        assert!(tail(&decoder.terms, decoder.score(&active, &third)) < -20.0);
    }
}

#[test]
fn what_cannot_be_read_accuses_nobody() {
    let everybody = subjects(100);
    for values in [
        vec![0.0; CHIPS],
        vec![f32::NAN; CHIPS],
        vec![f32::INFINITY; CHIPS],
        Vec::new(),
        vec![1.0; 3],
    ] {
        assert_eq!(search(&code(1), &Soft::uniform(&values), &everybody).accused, []);
    }
    assert_eq!(search(&code(1), &Soft::uniform(&[1.0; CHIPS]), &[]).closest, None);
}

#[test]
fn single_precision_agrees_with_double() {
    let everybody = subjects(300);
    let soft = leak(&code(1), &everybody[..1], Strategy::Average, 1.0, &mut SplitMix(5));
    let (code, recipe) = (code(1), code(1).recipe(CHIPS));
    let active = Active::of(&recipe, &soft);
    let decoders = bank(&active, &soft);
    let scores = Scan::new(&code, &recipe, &active, &decoders).each(&everybody, &|_| (), |_, scores| Some(*scores));
    for (subject, scores) in everybody.iter().zip(scores) {
        let symbols = code.tracing(&recipe, subject);
        for (decoder, score) in decoders.iter().zip(scores) {
            let exact: f64 = active
                .chips
                .iter()
                .zip(&decoder.terms)
                .map(|(&(chip, _), term)| if symbols[chip] { term.one } else { term.zero })
                .sum();
            assert!(
                (exact - f64::from(score)).abs() < 1e-3 * (1.0 + exact.abs()),
                "{exact} {score}"
            );
        }
    }
}
