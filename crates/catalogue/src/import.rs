mod csv;
mod json_lines;

use crate::{Product, RowError};
use csv::CsvRows;
use json_lines::JsonLines;

/// Longest row in bytes. What is longer is reported and skipped, never held.
const MAX_ROW: usize = 16 * 1024;

/// How rows are written.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Format {
    /// RFC 4180, with a header: `barcode,name,brand,category[,description,size,front,back,front_clean,back_clean]`.
    Csv,
    /// One object a line: `{"barcode","name","brand","category"[,"description","size","images":{"front":…}]}`.
    JsonLines,
}

impl Format {
    /// The format of a media type, parameters aside.
    pub fn of_media_type(media_type: &str) -> Option<Self> {
        let name = media_type
            .split(';')
            .next()
            .unwrap_or_default()
            .trim()
            .to_ascii_lowercase();
        match name.as_str() {
            "text/csv" => Some(Self::Csv),
            "application/x-ndjson" | "application/jsonl" => Some(Self::JsonLines),
            _ => None,
        }
    }
}

/// Rows of an import, read as their bytes come in. At most one row is held.
pub struct Rows(Reader);

enum Reader {
    Csv(Box<CsvRows>),
    JsonLines(JsonLines),
}

/// One row: its number, from 1 for the first line that is not a CSV header, and the product or what is wrong with it.
pub type Row = (u64, Result<Product, RowError>);

impl Rows {
    /// Nothing read yet.
    pub fn new(format: Format) -> Self {
        Self(match format {
            Format::Csv => Reader::Csv(Box::default()),
            Format::JsonLines => Reader::JsonLines(JsonLines::default()),
        })
    }

    /// Takes the next bytes, and hands on the rows that they complete.
    pub fn push(&mut self, bytes: &[u8], row: &mut impl FnMut(Row)) {
        match &mut self.0 {
            Reader::Csv(rows) => rows.push(bytes, row),
            Reader::JsonLines(rows) => rows.push(bytes, row),
        }
    }

    /// Takes the end, and hands on the last row, which may lack its line's end.
    pub fn finish(mut self, row: &mut impl FnMut(Row)) {
        match &mut self.0 {
            Reader::Csv(rows) => rows.finish(row),
            Reader::JsonLines(rows) => rows.finish(row),
        }
    }
}

#[cfg(test)]
mod tests;
