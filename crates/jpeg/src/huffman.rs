//! Huffman tables as DHT segments carry them, and the best table for a histogram.

/// How many codes there are of each length 1..=16, and the symbols in order of their codes (T.81 B.2.4.2).
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Table {
    pub counts: [u8; 16],
    pub values: Vec<u8>,
}

impl Table {
    /// The shortest code for the histogram with no code over 16 bits and none all ones, as T.81 annex K.2 has it.
    pub fn optimal(histogram: &[u32; 256]) -> Self {
        let mut symbols: Vec<(u64, u16)> = (0u16..).zip(histogram).map(|(s, &n)| (u64::from(n), s)).collect();
        symbols.retain(|&(count, _)| count > 0);
        // A placeholder rarer than all others takes the longest code, so that dropping it leaves the all-ones code unused.
        symbols.push((0, 256));
        symbols.sort_unstable_by(|a, b| b.cmp(a));
        let mut counts = lengths(&symbols);
        limit(&mut counts);
        if let Some(longest) = counts.iter_mut().rev().find(|count| **count > 0) {
            *longest -= 1;
        }
        let values = symbols
            .iter()
            .filter_map(|&(_, symbol)| u8::try_from(symbol).ok())
            .collect();
        Self {
            counts: std::array::from_fn(|n| counts.get(n + 1).map_or(0, |&count| count as u8)),
            values,
        }
    }

    /// Symbol, code and code length of every entry in order of the codes (T.81 annex C).
    pub fn codes(&self) -> impl Iterator<Item = (u8, u16, u8)> {
        let lengths = (1u8..)
            .zip(self.counts)
            .flat_map(|(length, n)| std::iter::repeat_n(length, n.into()));
        let mut next = (0u32, 0u8);
        self.values.iter().zip(lengths).map(move |(&symbol, length)| {
            let code = next.0 << (length - next.1);
            next = (code + 1, length);
            (symbol, code as u16, length)
        })
    }
}

/// Numbers of codes by length in a Huffman tree over the counts, which are sorted downwards. Only the numbers matter: the
/// most frequent symbols get the shortest codes.
fn lengths(symbols: &[(u64, u16)]) -> Vec<u32> {
    // Two queues, leaves and merged nodes, both in rising order of weight: the two lightest are always at the fronts.
    let mut leaves = symbols.iter().rev().map(|&(count, _)| count).zip(0..).peekable();
    let mut merged: std::collections::VecDeque<(u64, usize)> = Default::default();
    let mut parents = vec![0usize; symbols.len()];
    for _ in 1..symbols.len() {
        let mut weight = 0;
        for _ in 0..2 {
            let from_leaves = match (leaves.peek(), merged.front()) {
                (Some(leaf), Some(node)) => leaf.0 <= node.0,
                (leaf, _) => leaf.is_some(),
            };
            let taken = if from_leaves { leaves.next() } else { merged.pop_front() };
            if let Some((taken, node)) = taken {
                weight += taken;
                parents[node] = parents.len();
            }
        }
        merged.push_back((weight, parents.len()));
        parents.push(0);
    }
    // Parents come after their children, so depths follow from the root backwards.
    let mut depths = vec![0usize; parents.len()];
    for node in (0..parents.len().saturating_sub(1)).rev() {
        depths[node] = depths[parents[node]] + 1;
    }
    let mut counts = vec![0; depths.iter().max().map_or(0, |&deepest| deepest).max(1) + 1];
    for &depth in depths.iter().take(symbols.len()) {
        counts[depth.max(1)] += 1;
    }
    counts
}

/// Shortens codes over 16 bits: of a pair too long, one takes their common prefix and the other joins a shorter code, which
/// is lengthened by one (T.81 figure K.3).
fn limit(counts: &mut [u32]) {
    for long in (17..counts.len()).rev() {
        while counts[long] > 0 {
            let Some(short) = (1..long - 1).rev().find(|&length| counts[length] > 0) else {
                break;
            };
            counts[long] -= 2;
            counts[long - 1] += 1;
            counts[short + 1] += 2;
            counts[short] -= 1;
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    /// The sum of 2^(16 - length): a prefix code uses at most 2^16, and the all-ones code must stay free.
    fn used(table: &Table) -> u32 {
        (1..)
            .zip(table.counts)
            .map(|(length, n)| u32::from(n) << (16 - length))
            .sum()
    }

    #[test]
    fn fibonacci_counts_are_limited_to_sixteen_bits() {
        let mut histogram = [0; 256];
        let (mut a, mut b) = (1, 1);
        for count in histogram.iter_mut().take(40) {
            *count = a;
            (a, b) = (b, a + b);
        }
        let table = Table::optimal(&histogram);
        assert_eq!(table.values.len(), 40);
        assert_eq!(table.counts.iter().map(|&n| u32::from(n)).sum::<u32>(), 40);
        assert!(used(&table) < 1 << 16);
        assert_eq!(table.values[0], 39);
    }

    #[test]
    fn one_symbol_takes_one_bit() {
        let mut histogram = [0; 256];
        histogram[7] = 3;
        let table = Table::optimal(&histogram);
        assert_eq!(table.codes().collect::<Vec<_>>(), [(7, 0, 1)]);
    }

    proptest! {
        #[test]
        fn every_counted_symbol_gets_a_code(histogram in proptest::collection::vec(0u32..100_000, 256), rare in 0u32..100_000) {
            let histogram: [u32; 256] = std::array::from_fn(|n| if histogram[n] < rare { 0 } else { histogram[n] });
            let table = Table::optimal(&histogram);
            prop_assert!(used(&table) < 1 << 16);
            let mut seen: Vec<u8> = table.codes().map(|(symbol, _, _)| symbol).collect();
            seen.sort_unstable();
            let wanted: Vec<u8> = (0..=255u8).filter(|&s| histogram[usize::from(s)] > 0).collect();
            prop_assert_eq!(seen, wanted);
            // Rarer symbols never have shorter codes.
            let mut last = u32::MAX;
            for (symbol, _, _) in table.codes() {
                prop_assert!(histogram[usize::from(symbol)] <= last);
                last = histogram[usize::from(symbol)];
            }
        }
    }
}
