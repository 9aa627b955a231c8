/// What a chip carries.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub enum Layer {
    /// Bit `bit` of the request's message, inverted if `inverted`.
    Message {
        /// Which bit, below [`MESSAGE_BITS`](crate::MESSAGE_BITS).
        bit: usize,
        /// Whether symbol 1 stands for 0.
        inverted: bool,
    },
    /// The tracing code: a subject's symbol is 1 with probability `threshold` / 256.
    Tracing {
        /// 5 to 251.
        threshold: u8,
    },
}

/// What each chip of a variant carries. It names no client, so it may be kept beside the rendition; but it is secret, because
/// who knows the biases can mix copies to better effect.
#[derive(Clone, PartialEq, Eq)]
pub struct Recipe {
    /// A byte for each chip: 0 or 1 for the message layer, plain or inverted; else a threshold of the tracing layer.
    places: Vec<u8>,
}

impl Recipe {
    /// Reads what each chip carries out of as many uniformly random bytes.
    pub(crate) fn new(mut bytes: Vec<u8>) -> Self {
        // Most in whole groups, because WebAssembly looks at a clock in every turn of a loop.
        let (groups, rest) = bytes.as_chunks_mut::<GROUP>();
        for group in groups {
            *group = group.map(|byte| PLACES[usize::from(byte)]);
        }
        for byte in rest {
            *byte = PLACES[usize::from(*byte)];
        }
        Self { places: bytes }
    }

    /// How many chips.
    #[must_use]
    pub fn chips(&self) -> usize {
        self.places.len()
    }

    /// The layer of each chip, in order.
    pub fn layers(&self) -> impl Iterator<Item = Layer> {
        let mut messages = 0;
        self.places.iter().map(move |&place| match place {
            inverted @ 0..=1 => {
                // Neighbours carry different bits, so that a crop takes something of each and all of none.
                let bit = messages % crate::MESSAGE_BITS;
                messages += 1;
                Layer::Message {
                    bit,
                    inverted: inverted == 1,
                }
            }
            threshold => Layer::Tracing { threshold },
        })
    }

    /// A byte for each chip, 5 to 251: the probability, in 256ths, that a subject's symbol is 1. Chips of the message layer have
    /// 0, or 1 where they are inverted.
    pub(crate) fn places(&self) -> &[u8] {
        &self.places
    }
}

impl std::fmt::Debug for Recipe {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        write!(f, "Recipe({} chips, redacted)", self.places.len())
    }
}

/// Chips that are looked at together.
const GROUP: usize = 64;

/// Of 256 equally likely bytes 32 give the message layer, an eighth.
const MESSAGE: usize = 32;

/// What a chip carries, by its random byte.
const PLACES: [u8; 256] = {
    let mut places = [0; 256];
    let mut byte = 0;
    while byte < 256 {
        places[byte] = if byte < MESSAGE {
            (byte % 2) as u8
        } else {
            ARCSINE[byte - MESSAGE]
        };
        byte += 1;
    }
    places
};

/// The 224-quantiles of the arcsine density between 0.02 and 0.98, at their middles, times 256. A table and not a formula: the
/// symbols must be the same on every machine, and the sine of two machines may differ in its last digit.
#[rustfmt::skip]
const ARCSINE: [u8; 256 - MESSAGE] = [
    5, 6, 6, 7, 7, 8, 8, 9, 9, 10, 10, 11, 12, 12, 13, 13,
    14, 15, 15, 16, 17, 18, 18, 19, 20, 21, 22, 22, 23, 24, 25, 26,
    27, 28, 28, 29, 30, 31, 32, 33, 34, 35, 36, 37, 38, 39, 41, 42,
    43, 44, 45, 46, 47, 48, 49, 51, 52, 53, 54, 55, 57, 58, 59, 60,
    62, 63, 64, 65, 67, 68, 69, 71, 72, 73, 75, 76, 77, 79, 80, 81,
    83, 84, 85, 87, 88, 90, 91, 92, 94, 95, 97, 98, 100, 101, 102, 104,
    105, 107, 108, 110, 111, 113, 114, 116, 117, 118, 120, 121, 123, 124, 126, 127,
    129, 130, 132, 133, 135, 136, 138, 139, 140, 142, 143, 145, 146, 148, 149, 151,
    152, 154, 155, 156, 158, 159, 161, 162, 164, 165, 166, 168, 169, 171, 172, 173,
    175, 176, 177, 179, 180, 181, 183, 184, 185, 187, 188, 189, 191, 192, 193, 194,
    196, 197, 198, 199, 201, 202, 203, 204, 205, 207, 208, 209, 210, 211, 212, 213,
    214, 215, 217, 218, 219, 220, 221, 222, 223, 224, 225, 226, 227, 228, 228, 229,
    230, 231, 232, 233, 234, 234, 235, 236, 237, 238, 238, 239, 240, 241, 241, 242,
    243, 243, 244, 244, 245, 246, 246, 247, 247, 248, 248, 249, 249, 250, 250, 251,
];

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_table_is_the_arcsine_density() {
        let low = 0.02_f64.sqrt().asin();
        for (level, &threshold) in ARCSINE.iter().enumerate() {
            let middle = (level as f64 + 0.5) / ARCSINE.len() as f64;
            let p = (low + middle * (std::f64::consts::FRAC_PI_2 - 2.0 * low)).sin().powi(2);
            assert!((p * 256.0 - f64::from(threshold)).abs() < 0.51, "{level}");
            assert_eq!(
                u16::from(threshold) + u16::from(ARCSINE[ARCSINE.len() - 1 - level]),
                256
            );
        }
        assert_eq!((ARCSINE[0], ARCSINE[ARCSINE.len() - 1]), (5, 251));
    }

    #[test]
    fn debug_shows_no_bias() {
        assert_eq!(format!("{:?}", Recipe::new(vec![9; 3])), "Recipe(3 chips, redacted)");
    }
}
