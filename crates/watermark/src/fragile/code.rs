//! The Reed-Solomon code of the mark: 40 bytes of message, 16 of parity, over GF(2^8).
//!
//! Field polynomial and generator roots (2^0 to 2^15) are those of the QR code (ISO/IEC 18004), so that any library of
//! such codes can check ours. The decoder is the textbook one (Blahut, "Algebraic Codes for Data
//! Transmission", chapter 7): syndromes, the Berlekamp-Massey algorithm started from the erasure locator, a search for
//! the locator's roots, Forney's formula. It corrects every pattern with `2 * errors + erasures <= 16`.

use super::field::{divide, multiply, power};

/// Bytes of message in a codeword.
pub(super) const MESSAGE: usize = 40;
/// Bytes of parity in a codeword: half as many wrong bytes, or as many known to be missing, are corrected.
pub(super) const PARITY: usize = 16;
/// Bytes in a codeword.
pub(super) const CODEWORD: usize = MESSAGE + PARITY;

/// Coefficients from degree 0 upwards. No polynomial here exceeds degree 16 in a word that can be corrected.
type Polynomial = [u8; PARITY + 1];

/// Appends the parity to a message.
pub(super) fn encode(message: &[u8; MESSAGE]) -> [u8; CODEWORD] {
    let mut codeword = [0; CODEWORD];
    codeword[..MESSAGE].copy_from_slice(message);
    // Long division by the generator; the remainder is the parity. GENERATOR[PARITY] is 1 and therefore left out.
    let mut remainder = [0; PARITY];
    for &byte in message {
        let feedback = byte ^ remainder[0];
        remainder.rotate_left(1);
        remainder[PARITY - 1] = 0;
        for (i, value) in remainder.iter_mut().enumerate() {
            *value ^= multiply(feedback, GENERATOR[PARITY - 1 - i]);
        }
    }
    codeword[MESSAGE..].copy_from_slice(&remainder);
    codeword
}

/// The message of the codeword nearest to `word`; positions in `erased` (each below [`CODEWORD`], each once) count as
/// unknown. `None` if no codeword is near enough.
pub(super) fn decode(word: &[u8; CODEWORD], erased: &[usize]) -> Option<[u8; MESSAGE]> {
    if erased.len() > PARITY || erased.iter().any(|&position| position >= CODEWORD) {
        return None;
    }
    let syndromes = syndromes(word);
    let locator = errata_locator(&syndromes, erased);
    let degree = locator.iter().rposition(|&coefficient| coefficient != 0)?;
    let evaluator = product(&syndromes, &locator);
    let mut corrected = *word;
    let mut roots = 0;
    for (position, byte) in corrected.iter_mut().enumerate() {
        let inverse = power(255 - exponent(position));
        if evaluate(&locator, inverse) != 0 {
            continue;
        }
        roots += 1;
        // Forney with the first root 2^0: locator point times evaluator over the locator's formal derivative.
        let slope = evaluate(&derivative(&locator), inverse);
        let numerator = multiply(power(exponent(position)), evaluate(&evaluator, inverse));
        *byte ^= divide(numerator, slope)?;
    }
    // Fewer roots than the degree: the errors lie outside the word, so there are more of them than we can tell.
    if roots != degree || self::syndromes(&corrected) != [0; PARITY] {
        return None;
    }
    Some(std::array::from_fn(|i| corrected[i]))
}

/// Berlekamp-Massey, started from the product of (1 - X x) over the erased positions' locator points X.
fn errata_locator(syndromes: &[u8; PARITY], erased: &[usize]) -> Polynomial {
    let mut locator: Polynomial = [0; PARITY + 1];
    locator[0] = 1;
    for &position in erased {
        let shifted = shift(&locator);
        add_scaled(&mut locator, &shifted, power(exponent(position)));
    }
    let mut length = erased.len();
    let mut previous = locator;
    for step in erased.len()..PARITY {
        let discrepancy = (0..=step).fold(0, |sum, i| sum ^ multiply(locator[i], syndromes[step - i]));
        previous = shift(&previous);
        let Some(inverse) = divide(1, discrepancy) else {
            continue;
        };
        let before = locator;
        add_scaled(&mut locator, &previous, discrepancy);
        if 2 * length <= step + erased.len() {
            length = step + 1 + erased.len() - length;
            previous = before.map(|coefficient| multiply(coefficient, inverse));
        }
    }
    locator
}

fn syndromes(word: &[u8; CODEWORD]) -> [u8; PARITY] {
    std::array::from_fn(|root| word.iter().fold(0, |sum, &byte| multiply(sum, power(root)) ^ byte))
}

/// The product of two polynomials modulo x^16.
fn product(syndromes: &[u8; PARITY], locator: &Polynomial) -> Polynomial {
    let mut product = [0; PARITY + 1];
    for (degree, value) in product.iter_mut().take(PARITY).enumerate() {
        *value = (0..=degree).fold(0, |sum, i| sum ^ multiply(locator[i], syndromes[degree - i]));
    }
    product
}

/// In characteristic 2 the even powers' derivatives vanish and the odd ones lose a degree.
fn derivative(polynomial: &Polynomial) -> Polynomial {
    std::array::from_fn(|degree| match polynomial.get(degree + 1) {
        Some(&coefficient) if degree % 2 == 0 => coefficient,
        _ => 0,
    })
}

fn evaluate(polynomial: &Polynomial, at: u8) -> u8 {
    polynomial
        .iter()
        .rev()
        .fold(0, |sum, &coefficient| multiply(sum, at) ^ coefficient)
}

/// Times x. What falls off the top belongs to a word that the root count refuses.
fn shift(polynomial: &Polynomial) -> Polynomial {
    std::array::from_fn(|degree| if degree == 0 { 0 } else { polynomial[degree - 1] })
}

fn add_scaled(sum: &mut Polynomial, addend: &Polynomial, factor: u8) {
    for (value, &coefficient) in sum.iter_mut().zip(addend) {
        *value ^= multiply(coefficient, factor);
    }
}

/// The power of x that a byte of the codeword is the coefficient of: the first byte is the highest.
fn exponent(position: usize) -> usize {
    CODEWORD - 1 - position
}

/// The product of (x - 2^i) for i in 0..16.
const GENERATOR: Polynomial = {
    let mut generator = [0; PARITY + 1];
    generator[0] = 1;
    let mut root = 0;
    while root < PARITY {
        let mut degree = root + 1;
        while degree > 0 {
            generator[degree] = generator[degree - 1] ^ multiply(generator[degree], power(root));
            degree -= 1;
        }
        generator[0] = multiply(generator[0], power(root));
        root += 1;
    }
    generator
};

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The message 0, 1, ... 39 and its parity, by long division in an independent implementation.
    const KNOWN: [u8; PARITY] = [
        0x5b, 0x71, 0x5e, 0xaa, 0xf0, 0xb4, 0x89, 0x13, 0xcb, 0xdd, 0x69, 0xe4, 0x9a, 0xf5, 0x29, 0xdd,
    ];

    #[test]
    fn parity_is_that_of_the_textbook() {
        let message = std::array::from_fn(|i| i as u8);
        let codeword = encode(&message);
        assert_eq!(codeword[..MESSAGE], message);
        assert_eq!(codeword[MESSAGE..], KNOWN);
    }

    #[test]
    fn impossible_erasures_are_refused() {
        let codeword = encode(&[1; MESSAGE]);
        assert_eq!(decode(&codeword, &[CODEWORD]), None);
        assert_eq!(decode(&codeword, &(0..=PARITY).collect::<Vec<_>>()), None);
        // A position named twice is no erasure more; the word is whole, and so the answer may only be the message.
        assert!(decode(&codeword, &[3, 3]).is_none_or(|message| message == [1; MESSAGE]));
    }

    /// A codeword's message and a damaged copy: `count` distinct positions and what is added to each, never zero.
    fn damaged(
        count: impl Into<prop::collection::SizeRange>,
    ) -> impl Strategy<Value = ([u8; MESSAGE], Vec<(usize, u8)>)> {
        let everywhere = Just((0..CODEWORD).collect::<Vec<_>>()).prop_shuffle();
        let additions = prop::collection::vec(1..=255_u8, count);
        (prop::array::uniform(any::<u8>()), everywhere, additions)
            .prop_map(|(message, positions, additions)| (message, positions.into_iter().zip(additions).collect()))
    }

    fn damage(message: &[u8; MESSAGE], errors: &[(usize, u8)]) -> [u8; CODEWORD] {
        let mut word = encode(message);
        for &(position, addition) in errors {
            word[position] ^= addition;
        }
        word
    }

    proptest! {
        #![proptest_config(ProptestConfig::with_cases(2_000))]
        #[test]
        fn eight_wrong_bytes_are_corrected((message, errors) in damaged(0..=PARITY / 2)) {
            prop_assert_eq!(decode(&damage(&message, &errors), &[]), Some(message));
        }

        #[test]
        fn erasures_cost_half((message, errors) in damaged(0..=PARITY), known in 0..=PARITY) {
            let known = known.max((2 * errors.len()).saturating_sub(PARITY)).min(errors.len());
            let erased: Vec<_> = errors[..known].iter().map(|&(position, _)| position).collect();
            prop_assert_eq!(decode(&damage(&message, &errors), &erased), Some(message));
        }

        #[test]
        fn whole_bytes_may_be_erased((message, errors) in damaged(PARITY)) {
            let erased: Vec<_> = errors.iter().map(|&(position, _)| position).collect();
            prop_assert_eq!(decode(&encode(&message), &erased), Some(message));
        }

        #[test]
        fn too_many_errors_never_give_a_word_that_is_farther((message, errors) in damaged(PARITY / 2 + 1..=CODEWORD)) {
            let word = damage(&message, &errors);
            if let Some(found) = decode(&word, &[]) {
                let distance = encode(&found).iter().zip(&word).filter(|(a, b)| a != b).count();
                prop_assert!(distance <= PARITY / 2);
            }
        }

        #[test]
        fn any_word_and_any_erasures_are_survived(
            word in prop::array::uniform(any::<u8>()), erased in prop::collection::vec(0..CODEWORD + 2, 0..20),
        ) {
            let _ = decode(&word, &erased);
        }
    }
}
