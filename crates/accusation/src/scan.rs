//! Scores of very many subjects by all decoders at once.

use crate::decoder::{Active, DECODERS, Decoder};
use fingerprint::{Code, Recipe};
use rayon::prelude::*;
use watermark::Subject;

/// The scores of one subject.
pub(crate) type Scores = [f32; DECODERS];

/// Chips whose symbols index one row of the table.
const NIBBLE: usize = 4;
/// Rows that are worked through for a whole batch before the next are touched: 48 KiB, which a core's nearest caches hold.
const STRIP: usize = 32;
/// Subjects whose symbols are held at a time.
const BATCH: usize = 256;

/// The decoders' terms, added up for every combination of four neighbouring symbols.
pub(crate) struct Scan<'a> {
    code: &'a Code,
    chips: usize,
    active: &'a Active,
    rows: Vec<[Scores; 1 << NIBBLE]>,
}

impl<'a> Scan<'a> {
    pub fn new(code: &'a Code, recipe: &Recipe, active: &'a Active, decoders: &[Decoder]) -> Self {
        let mut rows = vec![[[0.0; DECODERS]; 1 << NIBBLE]; active.chips.len().div_ceil(NIBBLE)];
        for (column, decoder) in decoders.iter().take(DECODERS).enumerate() {
            for (row, terms) in rows.iter_mut().zip(decoder.terms.chunks(NIBBLE)) {
                for (symbols, scores) in row.iter_mut().enumerate() {
                    let term = |(place, term): (usize, &crate::bound::Term)| {
                        if symbols >> place & 1 == 1 { term.one } else { term.zero }
                    };
                    #[expect(
                        clippy::cast_possible_truncation,
                        reason = "who is accused is scored again in double precision"
                    )]
                    let sum = terms.iter().enumerate().map(term).sum::<f64>() as f32;
                    scores[column] = sum;
                }
            }
        }
        Self {
            code,
            chips: recipe.chips(),
            active,
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
                    .filter_map(|(at, scores)| visit(first + at, scores))
                    .collect::<Vec<_>>()
            })
            .flatten_iter()
            .collect()
    }

    fn batch(&self, subjects: &[Subject], nibbles: &mut Vec<u8>) -> Vec<Scores> {
        let rows = self.rows.len();
        nibbles.clear();
        nibbles.resize(subjects.len() * rows, 0);
        if rows == 0 {
            return vec![[0.0; DECODERS]; subjects.len()];
        }
        let mut random = vec![0; self.chips];
        for (subject, nibbles) in subjects.iter().zip(nibbles.chunks_exact_mut(rows)) {
            self.code.draw(subject, &mut random);
            for (nibble, chips) in nibbles.iter_mut().zip(self.active.chips.chunks(NIBBLE)) {
                for (place, &(chip, threshold)) in chips.iter().enumerate() {
                    *nibble |= u8::from(random[chip] < threshold) << place;
                }
            }
        }
        let mut scores = vec![[0.0; DECODERS]; subjects.len()];
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
