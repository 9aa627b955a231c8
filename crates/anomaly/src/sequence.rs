//! Barcodes that follow one another.
//!
//! A scraper may shuffle its list or mix in others, so what counts is not the order but the density: how many of the last
//! different barcodes have a neighbour among them. The last digit of a GTIN is a check digit (GS1 General Specifications,
//! section 7.9), so numbers are compared both whole, as somebody counts who does not know, and without it.

use crate::{Name, Signal};
use serde::{Deserialize, Serialize};

/// Different barcodes that are remembered.
const WINDOW: usize = 64;
/// Fewer say nothing.
const FEWEST: usize = 32;
/// Numbers this close are neighbours.
const NEAR: u64 = 2;
/// Milliseconds after which a barcode is forgotten: a day.
const MEMORY: u64 = 86_400_000;

/// The last different barcodes of a client.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Sequence(Vec<(u64, u64, bool)>);

impl Sequence {
    /// Takes a request for a barcode at `at`, in Unix milliseconds.
    pub fn observe(&mut self, barcode: u64, refused: bool, at: u64) {
        self.0
            .retain(|(number, seen, _)| *number != barcode && at.saturating_sub(*seen) < MEMORY);
        if self.0.len() >= WINDOW {
            self.0.remove(0);
        }
        self.0.push((barcode, at, refused));
    }

    /// Half of them neighbours is unusual; if most of those are refused, somebody guesses.
    pub fn signal(&self) -> Option<Signal> {
        let near = |of: fn(u64) -> u64| {
            let mut numbers: Vec<(u64, bool)> = self
                .0
                .iter()
                .map(|(number, _, refused)| (of(*number), *refused))
                .collect();
            numbers.sort_unstable();
            let close = |a: usize, b: usize| match (numbers.get(a), numbers.get(b)) {
                (Some(a), Some(b)) => b.0 - a.0 <= NEAR,
                _ => false,
            };
            let neighbours = (0..numbers.len())
                .filter(|i| close(*i, i + 1) || i.checked_sub(1).is_some_and(|before| close(before, *i)));
            neighbours.fold((0, 0), |(all, refused), i| {
                (
                    all + 1,
                    refused + usize::from(numbers.get(i).is_some_and(|(_, refused)| *refused)),
                )
            })
        };
        let (neighbours, refused) = near(|number| number).max(near(|number| number / 10));
        let seen = self.0.len();
        if seen < FEWEST || neighbours * 2 < seen {
            return None;
        }
        let points = if refused * 2 >= neighbours { 100 } else { 40 };
        Some(Signal {
            name: Name::SequentialBarcodes,
            points,
            words: format!(
                "{neighbours} of the last {seen} different barcodes follow one another, and {refused} of them were refused"
            ),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn after(barcodes: impl IntoIterator<Item = (u64, bool)>) -> Option<Signal> {
        let mut sequence = Sequence::default();
        for (at, (barcode, refused)) in barcodes.into_iter().enumerate() {
            sequence.observe(barcode, refused, at as u64);
        }
        sequence.signal()
    }

    const FIRST: u64 = 17_000_161_563;

    /// Far from each other, as the products of many makers are.
    fn scattered(i: u64) -> u64 {
        10_000_000_000 + i * i * 7_919 + i * 104_729
    }

    #[test]
    fn a4_counting_upwards_is_seen_from_the_thirty_second_on() {
        assert_eq!(after((0..31).map(|i| (FIRST + i, true))), None);
        let signal = after((0..32).map(|i| (FIRST + i, true))).unwrap();
        assert_eq!(signal.points, 100);
        assert_eq!(
            signal.words,
            "32 of the last 32 different barcodes follow one another, and 32 of them were refused"
        );
    }

    #[test]
    fn a4_neither_order_nor_other_barcodes_in_between_hide_it() {
        let shuffled = (0..64).map(|i| (FIRST + (i * 37) % 64, true));
        assert_eq!(after(shuffled).unwrap().points, 100);
        let mixed = (0..64).map(|i| {
            if i % 2 == 0 {
                (FIRST + i / 2, true)
            } else {
                (scattered(i), false)
            }
        });
        assert_eq!(after(mixed).unwrap().points, 100);
        let with_check_digits = (0..40).map(|i| (FIRST + i * 10 + (i * 7) % 10, true));
        assert_eq!(after(with_check_digits).unwrap().points, 100);
    }

    #[test]
    fn a4_a_maker_s_own_range_is_noted_and_not_more() {
        let signal = after((0..64).map(|i| (FIRST + i * 10, false))).unwrap();
        assert_eq!(signal.points, 40);
    }

    #[test]
    fn ordinary_shopping_is_not_a_sequence() {
        assert_eq!(after((0..64).map(|i| (scattered(i), i % 3 == 0))), None);
        // One product again and again is one barcode.
        assert_eq!(after((0..500).map(|_| (FIRST, false))), None);
        // Just under the threshold: 31 neighbours of 64.
        let under = (0..64).map(|i| {
            if i < 31 {
                (FIRST + i, true)
            } else {
                (scattered(i), true)
            }
        });
        assert_eq!(after(under), None);
    }

    #[test]
    fn yesterday_is_forgotten() {
        let mut sequence = Sequence::default();
        (0..64).for_each(|i| sequence.observe(FIRST + i, true, i));
        sequence.observe(1, false, MEMORY + 64);
        assert_eq!(sequence.signal(), None);
        assert_eq!(sequence.0.len(), 1);
    }
}
