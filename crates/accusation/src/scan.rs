//! Scores of very many subjects by all decoders at once.

use crate::decoder::{Active, DECODERS, Decoder};
use fingerprint::{Code, Recipe};
use rayon::prelude::*;
use watermark::Subject;

/// The scores of one subject.
pub(crate) type Scores = [f32; DECODERS];

/// Chips whose symbols index one row of the table.
const NIBBLE: usize = 4;
/// Rows that are worked through for a whole batch before the next are touched: 64 KiB, which a core's nearer caches hold.
const STRIP: usize = 32;
/// Subjects whose symbols are held at a time.
const BATCH: usize = 256;
/// Decoders, and as many columns more as make whole vectors.
const COLUMNS: usize = DECODERS.next_multiple_of(8);

/// The decoders' terms, added up for every combination of four neighbouring symbols.
pub(crate) struct Scan<'a> {
    code: &'a Code,
    /// Below which number a subject's symbol is 1; 0 where nothing is read of a chip. Whole groups of eight.
    thresholds: Vec<u8>,
    /// Which nibbles of the symbols have a row, in its order.
    places: Vec<usize>,
    rows: Vec<[[f32; COLUMNS]; 1 << NIBBLE]>,
}

impl<'a> Scan<'a> {
    pub fn new(code: &'a Code, recipe: &Recipe, active: &Active, decoders: &[Decoder]) -> Self {
        let mut thresholds = vec![0; recipe.chips().next_multiple_of(8)];
        for &(chip, threshold) in &active.chips {
            thresholds[chip] = threshold;
        }
        let mut places: Vec<usize> = active.chips.iter().map(|&(chip, _)| chip / NIBBLE).collect();
        places.dedup();
        let mut rows = vec![[[0.0; COLUMNS]; 1 << NIBBLE]; places.len()];
        let mut row = 0;
        for (at, &(chip, _)) in active.chips.iter().enumerate() {
            row += usize::from(places[row] != chip / NIBBLE);
            for (column, decoder) in decoders.iter().take(DECODERS).enumerate() {
                let term = &decoder.terms[at];
                for (symbols, scores) in rows[row].iter_mut().enumerate() {
                    let one = symbols >> (chip % NIBBLE) & 1 == 1;
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "who is accused is scored again in double precision"
                    )]
                    let term = if one { term.one } else { term.zero } as f32;
                    scores[column] += term;
                }
            }
        }
        Self {
            code,
            thresholds,
            places,
            rows,
        }
    }

    /// Calls `visit` with the index and the scores of every subject, on all cores, and `done` with the size of each batch.
    pub fn each<T: Send>(
        &self,
        subjects: &[Subject],
        done: &(dyn Fn(usize) + Sync),
        visit: impl Fn(usize, &Scores) -> Option<T> + Sync,
    ) -> Vec<T> {
        subjects
            .par_chunks(BATCH)
            .enumerate()
            .map_init(Vec::new, |nibbles, (batch, subjects)| {
                let scores = self.batch(subjects, nibbles);
                done(subjects.len());
                let first = batch * BATCH;
                scores
                    .iter()
                    .enumerate()
                    .filter_map(|(at, scores)| visit(first + at, scores.first_chunk()?))
                    .collect::<Vec<_>>()
            })
            .flatten_iter()
            .collect()
    }

    fn batch(&self, subjects: &[Subject], nibbles: &mut Vec<u8>) -> Vec<[f32; COLUMNS]> {
        let mut random = vec![0; self.thresholds.len()];
        let mut bytes = vec![0; self.thresholds.len() / 8];
        nibbles.clear();
        for subject in subjects {
            self.code.draw(subject, &mut random);
            pack(&random, &self.thresholds, &mut bytes);
            let nibble = |&place: &usize| bytes[place / 2] >> (place % 2 * NIBBLE) & 15;
            nibbles.extend(self.places.iter().map(nibble));
        }
        let mut scores = vec![[0.0; COLUMNS]; subjects.len()];
        let rows = self.rows.len();
        if rows == 0 {
            return scores;
        }
        for (strip, rows_of_strip) in self.rows.chunks(STRIP).enumerate() {
            for (scores, nibbles) in scores.iter_mut().zip(nibbles.chunks_exact(rows)) {
                let mut sum = *scores;
                for (row, &nibble) in rows_of_strip.iter().zip(&nibbles[strip * STRIP..]) {
                    for (sum, term) in sum.iter_mut().zip(&row[usize::from(nibble & 15)]) {
                        *sum += term;
                    }
                }
                *scores = sum;
            }
        }
        scores
    }
}

/// A bit for each number that is below its threshold, the first in a byte's lowest place.
fn pack(random: &[u8], thresholds: &[u8], bytes: &mut [u8]) {
    let groups = random.as_chunks::<8>().0.iter().zip(thresholds.as_chunks::<8>().0);
    for ((random, thresholds), byte) in groups.zip(bytes) {
        let below: [u8; 8] = std::array::from_fn(|at| u8::from(random[at] < thresholds[at]));
        // Each of the eight bits lands in the top byte, and no two of the product's terms in one place.
        *byte = (u64::from_le_bytes(below).wrapping_mul(0x0102_0408_1020_4080) >> 56) as u8;
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn symbols_are_packed_in_their_order() {
        let mut bytes = [0; 2];
        let random: [u8; 16] = std::array::from_fn(|at| at as u8 * 16);
        pack(&random, &[100; 16], &mut bytes);
        assert_eq!(bytes, [0b0111_1111, 0]);
        pack(
            &random,
            &[0, 255, 0, 255, 0, 255, 0, 255, 0, 0, 0, 0, 0, 0, 0, 255],
            &mut bytes,
        );
        assert_eq!(bytes, [0b1010_1010, 0b1000_0000]);
    }
}
