//! Coefficients as tokens (RFC 6386 section 13): recording with statistics, and the choice of probabilities.

use crate::bool_encoder::BoolEncoder;
use crate::contexts::Kind;
use crate::quantise::Levels;
use crate::rates::cost_of;
use crate::tables::{BANDS, DEFAULT_TOKENS, TOKEN_UPDATES, TokenProbabilities};

/// Probabilities of the extra bits of the six categories of large levels, most significant bit first (section 13.2).
pub(crate) const EXTRA_BITS: [&[u8]; 6] = [
    &[159],
    &[165, 145],
    &[173, 148, 140],
    &[176, 155, 140, 135],
    &[180, 157, 141, 134, 130],
    &[254, 254, 243, 230, 196, 177, 153, 140, 133, 130, 129],
];

/// Smallest magnitude of each category, and the end of the last.
pub(crate) const CATEGORY_BASE: [u16; 7] = [5, 7, 11, 19, 35, 67, 2115];

/// Set in a recorded symbol whose probability is fixed; otherwise the symbol holds an index into the token probabilities.
const FIXED: u16 = 1 << 15;
/// Number of token probabilities.
const PROBABILITIES: usize = 4 * 8 * 3 * 11;

/// Symbols kept at most, which bounds the memory of pictures with many: two bytes each.
const MAX_SYMBOLS: usize = 1 << 22;

/// The tokens of a picture as binary decisions, kept until their probabilities are known.
pub(crate) struct Recording {
    /// The decision in bit 0; above it a fixed probability or the index of an adaptable one.
    symbols: Vec<u16>,
    /// How often each adaptable decision was false and true.
    counts: Vec<[u32; 2]>,
    /// Probabilities and what is written with them, once there were [`MAX_SYMBOLS`].
    settled: Option<(TokenProbabilities, BoolEncoder)>,
    max_symbols: usize,
}

impl Recording {
    pub(crate) fn new() -> Self {
        Self {
            symbols: Vec::new(),
            counts: vec![[0; 2]; PROBABILITIES],
            settled: None,
            max_symbols: MAX_SYMBOLS,
        }
    }

    /// A recording that writes after a given number of symbols.
    #[cfg(test)]
    pub(crate) fn with_max_symbols(max_symbols: usize) -> Self {
        Self {
            max_symbols,
            ..Self::new()
        }
    }

    /// Records one block and says whether it had any token but the end, the context of its neighbours.
    pub(crate) fn block(&mut self, kind: Kind, context: usize, levels: &Levels) -> bool {
        if self.symbols.len() >= self.max_symbols {
            self.settle();
        }
        let (levels, end) = (&levels.levels, levels.end);
        let first = kind.first();
        let mut node = node(kind, first, context);
        if end <= first {
            self.adaptable(node, false);
            return false;
        }
        self.adaptable(node, true);
        for (index, &level) in levels.iter().enumerate().take(end).skip(first) {
            let magnitude = level.unsigned_abs();
            let next = usize::from(magnitude.min(2));
            self.magnitude(node, magnitude);
            if magnitude != 0 {
                self.fixed(128, level < 0);
            }
            if index == 15 {
                return true;
            }
            node = self::node(kind, index + 1, next);
            if magnitude != 0 {
                self.adaptable(node, index + 1 < end);
            }
        }
        true
    }

    #[inline(always)]
    fn magnitude(&mut self, node: usize, magnitude: u16) {
        self.adaptable(node + 1, magnitude != 0);
        if magnitude == 0 {
            return;
        }
        self.adaptable(node + 2, magnitude > 1);
        if magnitude == 1 {
            return;
        }
        self.adaptable(node + 3, magnitude > 4);
        if magnitude <= 4 {
            self.adaptable(node + 4, magnitude > 2);
            if magnitude > 2 {
                self.adaptable(node + 5, magnitude > 3);
            }
            return;
        }
        let category = category(magnitude);
        self.adaptable(node + 6, category > 1);
        if category <= 1 {
            self.adaptable(node + 7, category == 1);
        } else {
            self.adaptable(node + 8, category > 3);
            self.adaptable(node + 9 + (category > 3) as usize, category & 1 == 1);
        }
        let extra = magnitude - CATEGORY_BASE[category];
        let probabilities = EXTRA_BITS[category];
        for (i, &probability) in probabilities.iter().enumerate() {
            self.fixed(probability, (extra >> (probabilities.len() - 1 - i)) & 1 == 1);
        }
    }

    #[inline(always)]
    fn adaptable(&mut self, node: usize, bit: bool) {
        self.symbols.push((node as u16) << 1 | u16::from(bit));
        self.counts[node][usize::from(bit)] += 1;
    }

    #[inline(always)]
    fn fixed(&mut self, probability: u8, bit: bool) {
        self.symbols.push(FIXED | u16::from(probability) << 1 | u16::from(bit));
    }

    /// The probabilities that are the cheapest for what has been recorded, counting what it costs to announce them; those
    /// already used when some of it is written.
    pub(crate) fn probabilities(&self) -> TokenProbabilities {
        if let Some((probabilities, _)) = &self.settled {
            return *probabilities;
        }
        let mut out = DEFAULT_TOKENS;
        let adaptable = out.as_flattened_mut().as_flattened_mut().as_flattened_mut();
        let updates = TOKEN_UPDATES.as_flattened().as_flattened().as_flattened();
        for ((current, &update), &[no, yes]) in adaptable.iter_mut().zip(updates).zip(&self.counts) {
            let total =
                |p: u8| u64::from(no) * u64::from(cost_of(false, p)) + u64::from(yes) * u64::from(cost_of(true, p));
            let (no, all) = (u64::from(no), u64::from(no) + u64::from(yes));
            let best = (no * 255).checked_div(all).unwrap_or(255).max(1) as u8;
            let keep = total(*current) + u64::from(cost_of(false, update));
            let change = total(best) + u64::from(cost_of(true, update)) + 8 * 256;
            if change < keep {
                *current = best;
            }
        }
        out
    }

    /// Writes everything recorded and ends: the probabilities used, and the token partition.
    pub(crate) fn finish(mut self) -> (TokenProbabilities, Vec<u8>) {
        let (probabilities, encoder) = self.settle();
        (*probabilities, std::mem::take(encoder).finish())
    }

    /// Writes what is recorded and forgets it, with the probabilities of the first time this was done.
    fn settle(&mut self) -> &mut (TokenProbabilities, BoolEncoder) {
        let probabilities = self.probabilities();
        let settled = self
            .settled
            .get_or_insert_with(|| (probabilities, BoolEncoder::with_capacity(self.symbols.len() / 8)));
        let probabilities = probabilities.as_flattened().as_flattened().as_flattened();
        for &symbol in &self.symbols {
            let index = usize::from(symbol >> 1);
            let probability = if symbol & FIXED == 0 {
                probabilities[index]
            } else {
                index as u8
            };
            settled.1.put(symbol & 1 == 1, probability);
        }
        self.symbols.clear();
        settled
    }
}

/// The category of a magnitude of 5 or more.
pub(crate) fn category(magnitude: u16) -> usize {
    CATEGORY_BASE[1..6].iter().filter(|&&base| magnitude >= base).count()
}

/// Index of the first of the eleven probabilities at a place.
fn node(kind: Kind, index: usize, context: usize) -> usize {
    ((kind as usize * 8 + usize::from(BANDS[index])) * 3 + context) * 11
}
