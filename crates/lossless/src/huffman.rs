//! Code lengths, and codes.

/// Symbols of deflate's first alphabet: literals, end of block, lengths (RFC 1951 section 3.2.5).
pub(crate) const SYMBOLS: usize = 286;
pub(crate) const LITERALS: usize = 256;
pub(crate) const END: usize = LITERALS;
/// Longest code of a pair. A literal's has a bit more: twelve, so that four of them fit a word.
const LONGEST: usize = 11;

/// Lengths under which each pair of literals 2k, 2k + 1 has two codes of one length, at most twelve bits; the code is complete. A count
/// of 0 is taken for 1, so that every symbol has a code.
///
/// Canonical codes number the symbols of one length in their order, and all literals of a length come in pairs before anything
/// else: so the codes of a pair differ in their last bit only.
pub(crate) fn lengths(counts: &[u32; SYMBOLS]) -> [u8; SYMBOLS] {
    let lengths = lengths_of(counts, LITERALS, 1);
    std::array::from_fn(|symbol| lengths.get(symbol).copied().unwrap_or(0))
}

/// The same for any number of symbols of which the first `paired` are in pairs, each counted at least so often. Of a count of 0, the
/// length is 0; of at least two symbols it must not be.
pub(crate) fn lengths_of(counts: &[u32], paired: usize, least: u32) -> Vec<u8> {
    let (pairs, others) = counts.split_at_checked(paired).unwrap_or((&[], counts));
    let sums = pairs.as_chunks::<2>().0.iter().map(|[a, b]| a.saturating_add(*b));
    let mut items: Vec<(u32, usize)> = sums
        .chain(others.iter().copied())
        .enumerate()
        .map(|(item, count)| (count.max(least), item))
        .filter(|(count, _)| *count > 0)
        .collect();
    items.sort_unstable();
    let mut of_items = vec![0; pairs.len() / 2 + others.len()];
    package_merge(&items, &mut of_items);
    let (of_pairs, of_others) = of_items.split_at(pairs.len() / 2);
    let of_pairs = of_pairs.iter().flat_map(|length| [length + 1; 2]);
    of_pairs.chain(of_others.iter().copied()).collect()
}

/// Optimal lengths of at most [`LONGEST`] bits (Larmore and Hirschberg, "A fast algorithm for optimal length-limited Huffman
/// codes", 1990), for at least two items in ascending order of their weights.
fn package_merge(items: &[(u32, usize)], lengths: &mut [u8]) {
    // Each level: the weights of items and of pairs of the level below, in ascending order; whether each is an item.
    let mut levels: Vec<Vec<(u64, bool)>> = Vec::with_capacity(LONGEST);
    for _ in 0..LONGEST {
        let mut level: Vec<(u64, bool)> = items.iter().map(|(weight, _)| (u64::from(*weight), true)).collect();
        if let Some(below) = levels.last() {
            level.extend(below.as_chunks::<2>().0.iter().map(|[a, b]| (a.0 + b.0, false)));
        }
        level.sort_by_key(|(weight, _)| *weight);
        levels.push(level);
    }
    let mut taken = (2 * items.len()).saturating_sub(2);
    for level in levels.iter().rev() {
        let own = level.iter().take(taken).filter(|(_, item)| *item).count();
        for (_, item) in items.iter().take(own) {
            if let Some(length) = lengths.get_mut(*item) {
                *length += 1;
            }
        }
        taken = 2 * (taken - own);
    }
}

/// Canonical codes (RFC 1951 section 3.2.2) in the order in which their bits are written, the first one lowest: shifted by four
/// bits, and their lengths.
pub(crate) fn codes(lengths: &[u8]) -> impl Iterator<Item = u16> {
    let mut next = [0_u16; 16];
    for bits in 1..16 {
        let shorter = lengths.iter().filter(|length| usize::from(**length) == bits - 1);
        let count = if bits == 1 { 0 } else { shorter.count() as u16 };
        next[bits] = (next[bits - 1] + count) << 1;
    }
    lengths.iter().map(move |length| {
        let code = next[usize::from(length & 15)];
        next[usize::from(length & 15)] += 1;
        let written = code.reverse_bits() >> (16 - u32::from((*length).clamp(1, 16)));
        written << 4 | u16::from(*length)
    })
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn codes_are_complete_and_pairs_differ_in_their_last_bit(
            weights in proptest::collection::vec(0..40_u32, SYMBOLS),
            skew in 0..20_u32,
        ) {
            let counts = std::array::from_fn(|symbol| weights[symbol].checked_shl(skew.min(symbol as u32 % 21)).unwrap());
            let lengths = lengths(&counts);
            let kraft: u32 = lengths.iter().map(|length| 1 << (15 - u32::from(*length))).sum();
            prop_assert_eq!(kraft, 1 << 15);
            prop_assert!(lengths.iter().all(|length| (1..=12).contains(length)));
            let codes: Vec<u16> = codes(&lengths).map(|code| code >> 4).collect();
            for pair in 0..128 {
                let (even, odd) = (2 * pair, 2 * pair + 1);
                prop_assert_eq!(lengths[even], lengths[odd]);
                prop_assert_eq!(codes[even] ^ codes[odd], 1 << (lengths[even] - 1));
                prop_assert_eq!(codes[even] >> (lengths[even] - 1), 0);
            }
        }
    }

    #[test]
    fn frequent_symbols_have_short_codes() {
        let mut counts = [1; SYMBOLS];
        (counts[0], counts[2], counts[254]) = (100_000, 30_000, 30_000);
        let lengths = lengths(&counts);
        assert_eq!((lengths[0], lengths[1]), (2, 2));
        assert!(lengths[2] <= 4 && lengths[100] > 8);
    }
}
