//! Products from a file, as it arrives: what a row says replaces the product of its barcode.
//!
//! Rows are written some at a time, each statement whole or not at all. A file that breaks off leaves the rows before it
//! imported and no half row, and can be sent again.

use super::terms::Terms;
use crate::refusal::Refusal;
use crate::request::{Body, BodyLost};
use crate::sql::{Database, SqlError, Value};
use catalogue::{Format, Product, RowError, Rows, Variant};
use futures::StreamExt;
use problem::Code;
use serde::Serialize;

/// Longest file in bytes.
const MAX_FILE: usize = 64 * 1024 * 1024;
/// Rows in one statement.
const BATCH: usize = 50;
/// Bad rows that a report names; it counts all of them.
const MAX_ERRORS: usize = 1000;

/// What came of a file.
#[derive(Debug, Default, Serialize)]
pub struct Report {
    /// Rows that are products now.
    pub imported: u64,
    /// Rows that are not.
    pub failed: u64,
    /// The first of those.
    pub errors: Vec<BadRow>,
}

/// A row that is no product.
#[derive(Debug, Serialize)]
pub struct BadRow {
    /// Its number, from 1; 0 is the header.
    pub row: u64,
    /// What is wrong with it.
    pub error: String,
}

/// Reads a file to its end. `now` is Unix seconds.
pub async fn import(
    database: &impl Database,
    terms: &Terms,
    format: Format,
    mut body: Body,
    now: u64,
) -> Result<Report, Refusal> {
    let mut report = Report::default();
    let mut rows = Rows::new(format);
    let mut batch = Vec::new();
    let mut left = MAX_FILE;
    while let Some(piece) = body.0.next().await {
        let piece = piece.map_err(|BodyLost| Refusal::because(Code::BadRequest, "the file was cut off"))?;
        left = left.checked_sub(piece.len()).ok_or(Code::PayloadTooLarge)?;
        rows.push(&piece, &mut |(row, product)| {
            report.sort(row, product, terms, &mut batch);
        });
        write(database, &mut batch, BATCH, &mut report, now).await?;
    }
    rows.finish(&mut |(row, product)| report.sort(row, product, terms, &mut batch));
    write(database, &mut batch, 1, &mut report, now).await?;
    Ok(report)
}

impl Report {
    fn sort(&mut self, row: u64, product: Result<Product, RowError>, terms: &Terms, batch: &mut Vec<Product>) {
        let product = product.and_then(|product| {
            let known = product.sources.iter().flatten().all(|source| terms.takes(source));
            known.then_some(product).ok_or(RowError::Origin)
        });
        match product {
            Ok(product) => batch.push(product),
            Err(error) => {
                self.failed += 1;
                if self.errors.len() < MAX_ERRORS {
                    let error = error.to_string();
                    self.errors.push(BadRow { row, error });
                }
            }
        }
    }
}

/// Writes what has gathered, as soon as there are `least` rows.
async fn write(
    database: &impl Database,
    batch: &mut Vec<Product>,
    least: usize,
    report: &mut Report,
    now: u64,
) -> Result<(), Refusal> {
    while batch.len() >= least {
        // One statement cannot write one row twice: the second row of a barcode waits for the next.
        let mut taken = std::collections::HashSet::new();
        let same = batch
            .iter()
            .take(BATCH)
            .position(|product| !taken.insert(product.barcode.clone()));
        let length = same.unwrap_or(BATCH).min(batch.len());
        upsert(database, batch.get(..length).unwrap_or_default(), now).await?;
        report.imported += length as u64;
        batch.drain(..length);
    }
    Ok(())
}

const COLUMNS: [&str; 13] = [
    "barcode",
    "name",
    "brand",
    "brand_key",
    "category",
    "category_key",
    "description",
    "size",
    "front",
    "back",
    "front_clean",
    "back_clean",
    "updated_at",
];

async fn upsert(database: &impl Database, products: &[Product], now: u64) -> Result<(), SqlError> {
    let mut values = Vec::with_capacity(products.len() * COLUMNS.len());
    let mut rows = Vec::with_capacity(products.len());
    for product in products {
        let source = |variant: Variant| product.sources[variant.index()].as_ref().into();
        let row: [Value; COLUMNS.len()] = [
            product.barcode.as_str().into(),
            (&product.name).into(),
            product.brand.as_str().into(),
            product.brand.key().into(),
            product.category.as_str().into(),
            product.category.key().into(),
            product.description.as_ref().into(),
            product.size.as_ref().into(),
            source(Variant::Front),
            source(Variant::Back),
            source(Variant::FrontClean),
            source(Variant::BackClean),
            now.into(),
        ];
        let numbers: Vec<_> = (1..=row.len()).map(|n| format!("${}", values.len() + n)).collect();
        rows.push(format!("({})", numbers.join(", ")));
        values.extend(row);
    }
    let updates: Vec<_> = COLUMNS[1..]
        .iter()
        .map(|column| format!("{column} = excluded.{column}"))
        .collect();
    let statement = format!(
        "INSERT INTO products ({}) VALUES {} ON CONFLICT (barcode) DO UPDATE SET {}",
        COLUMNS.join(", "),
        rows.join(", "),
        updates.join(", ")
    );
    database.execute(&statement, &values).await?;
    Ok(())
}
