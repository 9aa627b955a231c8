//! What it costs to code something, in 256ths of a bit.

use crate::contexts::Kind;
use crate::modes::{Code, SUBBLOCK_CODES, SUBBLOCK_TREE, subblock};
use crate::tables::{BANDS, SUBBLOCK_MODES, TokenProbabilities};
use crate::tokens::{CATEGORY_BASE, EXTRA_BITS, category};

/// Cost of an event whose probability is the index in 256ths.
static COSTS: [u16; 257] = {
    let mut costs = [0; 257];
    let mut p = 1;
    while p <= 256 {
        costs[p] = cost_of_probability(p as u64);
        p += 1;
    }
    costs[0] = costs[1];
    costs
};

/// 256 * -log2(p / 256), rounded, by repeated squaring.
const fn cost_of_probability(p: u64) -> u16 {
    // p = 2^whole * x with x in 1..2, in 30 fractional bits.
    let whole = 63 - p.leading_zeros();
    let mut x = p << (30 - whole);
    let mut log = whole as u64;
    let mut bit = 0;
    while bit < 16 {
        x = (x * x) >> 30;
        log <<= 1;
        if x >= 2 << 30 {
            x >>= 1;
            log += 1;
        }
        bit += 1;
    }
    ((8 * 65536 - log + 128) / 256) as u16
}

/// Cost of one decision.
#[inline(always)]
pub(crate) fn cost_of(bit: bool, probability: u8) -> u16 {
    COSTS[if bit {
        256 - usize::from(probability)
    } else {
        usize::from(probability)
    }]
}

/// Cost of a leaf of a tree.
pub(crate) fn cost_of_code(tree: &[i8], probabilities: &[u8], code: Code) -> u32 {
    let mut node = 0usize;
    let mut cost = 0;
    for i in (0..code.length).rev() {
        let bit = (code.bits >> i) & 1 == 1;
        cost += u32::from(cost_of(bit, probabilities[node >> 1]));
        node = tree[node + usize::from(bit)].max(0) as usize;
    }
    cost
}

/// Cost of sub-block modes by \[mode above]\[mode to the left]\[mode].
pub(crate) type SubblockRates = [[[u16; subblock::COUNT]; subblock::COUNT]; subblock::COUNT];

pub(crate) fn subblock_rates() -> SubblockRates {
    SUBBLOCK_MODES.map(|left| left.map(|p| SUBBLOCK_CODES.map(|code| cost_of_code(&SUBBLOCK_TREE, &p, code) as u16)))
}

/// Magnitudes below this have an entry of their own; from here on only the extra bits differ.
const TABULATED: usize = 68;

/// Cost of tokens under given probabilities.
pub(crate) struct TokenRates {
    /// Cost of a level with its sign and extra bits by \[kind]\[band]\[context]. In contexts 1 and 2 it includes the
    /// decision that the block goes on; after a zero level (context 0) there is none.
    levels: Vec<[[[u16; TABULATED]; 3]; 8]>,
    /// Cost of ending the block and of going on, by \[kind]\[band]\[context].
    end: [[[[u16; 2]; 3]; 8]; 4],
}

impl TokenRates {
    pub(crate) fn new(probabilities: &TokenProbabilities) -> Self {
        let mut out = Self {
            levels: vec![[[[0; TABULATED]; 3]; 8]; 4],
            end: Default::default(),
        };
        out.update(probabilities);
        out
    }

    pub(crate) fn update(&mut self, probabilities: &TokenProbabilities) {
        for (kind, bands) in probabilities.iter().enumerate() {
            for (band, contexts) in bands.iter().enumerate() {
                for (context, p) in contexts.iter().enumerate() {
                    let go_on = cost_of(true, p[0]);
                    self.end[kind][band][context] = [cost_of(false, p[0]), go_on];
                    let prefix = if context == 0 { 0 } else { go_on };
                    for (magnitude, cost) in self.levels[kind][band][context].iter_mut().enumerate() {
                        *cost = prefix + magnitude_cost(p, magnitude as u16);
                    }
                }
            }
        }
    }

    /// Cost of the tokens of a block, whose levels are asked for by zigzag index up to `end`.
    #[inline]
    pub(crate) fn block(&self, kind: Kind, context: usize, end: usize, level: impl Fn(usize) -> i16) -> u32 {
        let first = kind.first();
        let ends = &self.end[kind as usize];
        let rates = &self.levels[kind as usize];
        let start = &ends[usize::from(BANDS[first])][context];
        if end <= first {
            return u32::from(start[0]);
        }
        let mut cost = if context == 0 { u32::from(start[1]) } else { 0 };
        let mut context = context;
        for index in first..end.min(16) {
            let magnitude = level(index).unsigned_abs();
            let tabulated = usize::from(magnitude).min(TABULATED - 1);
            cost += u32::from(rates[usize::from(BANDS[index] & 7)][context][tabulated]);
            if usize::from(magnitude) >= TABULATED {
                cost += extra_cost(magnitude) - extra_cost(TABULATED as u16 - 1);
            }
            context = usize::from(magnitude.min(2));
        }
        if end < 16 {
            cost += u32::from(ends[usize::from(BANDS[end] & 7)][context][0]);
        }
        cost
    }
}

fn magnitude_cost(p: &[u8; 11], magnitude: u16) -> u16 {
    let zero = cost_of(magnitude != 0, p[1]);
    if magnitude == 0 {
        return zero;
    }
    let one = zero + 256 + cost_of(magnitude > 1, p[2]);
    if magnitude == 1 {
        return one;
    }
    let low = one + cost_of(magnitude > 4, p[3]);
    if magnitude <= 4 {
        let two = low + cost_of(magnitude > 2, p[4]);
        return if magnitude == 2 {
            two
        } else {
            two + cost_of(magnitude > 3, p[5])
        };
    }
    let category = category(magnitude);
    let high = low + cost_of(category > 1, p[6]);
    let prefix = if category <= 1 {
        high + cost_of(category == 1, p[7])
    } else {
        high + cost_of(category > 3, p[8]) + cost_of(category & 1 == 1, p[9 + usize::from(category > 3)])
    };
    prefix + extra_cost(magnitude) as u16
}

/// Cost of the extra bits of a magnitude of 5 or more.
fn extra_cost(magnitude: u16) -> u32 {
    let category = category(magnitude);
    let extra = magnitude - CATEGORY_BASE[category];
    let probabilities = EXTRA_BITS[category];
    let bit = |i: usize| (extra >> (probabilities.len() - 1 - i)) & 1 == 1;
    probabilities
        .iter()
        .enumerate()
        .map(|(i, &p)| u32::from(cost_of(bit(i), p)))
        .sum()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn costs_are_logarithms() {
        for (p, &cost) in COSTS.iter().enumerate().skip(1) {
            let exact = -256.0 * (p as f64 / 256.0).log2();
            assert!((f64::from(cost) - exact).abs() <= 0.51, "{p}: {cost} {exact}");
        }
    }
}
