//! Arithmetic in GF(2^8) with the polynomial x^8 + x^4 + x^3 + x^2 + 1, by logarithms to the base 2. Addition is XOR.

/// 2 to the power of `exponent`.
pub(super) const fn power(exponent: usize) -> u8 {
    EXP[exponent % 255]
}

/// The product of two elements.
pub(super) const fn multiply(a: u8, b: u8) -> u8 {
    if a == 0 || b == 0 {
        0
    } else {
        power(LOG[a as usize] as usize + LOG[b as usize] as usize)
    }
}

/// `a / b`; `None` if `b` is zero.
pub(super) const fn divide(a: u8, b: u8) -> Option<u8> {
    if b == 0 {
        return None;
    }
    Some(multiply(a, power(255 - LOG[b as usize] as usize)))
}

/// `EXP[i]` is 2^i.
const EXP: [u8; 255] = {
    let mut exp = [0; 255];
    let mut value = 1_u8;
    let mut i = 0;
    while i < 255 {
        exp[i] = value;
        value = value << 1 ^ if value & 0x80 == 0 { 0 } else { 0x1d };
        i += 1;
    }
    exp
};

/// The inverse of [`EXP`]. Zero has no logarithm; its entry is never read.
const LOG: [u8; 256] = {
    let mut log = [0; 256];
    let mut i = 0_u8;
    while i < 255 {
        log[EXP[i as usize] as usize] = i;
        i += 1;
    }
    log
};

#[cfg(test)]
mod tests {
    use super::*;

    /// Shift and reduce, bit by bit.
    fn slowly(a: u8, b: u8) -> u8 {
        let product = (0..8)
            .filter(|i| b >> i & 1 == 1)
            .fold(0_u16, |sum, i| sum ^ u16::from(a) << i);
        let reduced = (8..15).rev().fold(product, |value, i| {
            if value >> i & 1 == 1 {
                value ^ 0x11d << (i - 8)
            } else {
                value
            }
        });
        reduced as u8
    }

    #[test]
    fn products_and_quotients_of_all_elements() {
        for a in 0..=255 {
            assert_eq!(divide(a, 0), None);
            for b in 0..=255 {
                let product = multiply(a, b);
                assert_eq!(product, slowly(a, b), "{a} * {b}");
                if b != 0 {
                    assert_eq!(divide(product, b), Some(a), "{product} / {b}");
                }
            }
        }
    }
}
