//! Reading products. What a client may see is part of the question, never a check of the answer.

use crate::sql::{Database, Row, SqlError, Value};
use catalogue::{Barcode, Listing, Scope, Variant, Variants};
use serde::Serialize;

/// A product as it was stored.
pub struct Stored {
    /// What it is found by.
    pub barcode: String,
    /// What is told of it.
    pub meta: Meta,
    /// Where each picture comes from, by [`Variant::index`].
    pub sources: [Option<String>; 4],
}

/// `product_meta`.
#[derive(Debug, Serialize)]
pub struct Meta {
    name: String,
    brand: String,
    category: String,
    description: Option<String>,
    size: Option<String>,
    updated_at: u64,
}

impl Stored {
    /// The pictures that there are.
    pub fn variants(&self) -> Variants {
        Variant::ALL
            .into_iter()
            .filter(|variant| self.sources[variant.index()].is_some())
            .collect()
    }
}

const COLUMNS: &str = "SELECT barcode, name, brand, category, description, size, updated_at, front, back, front_clean, back_clean FROM products";

/// The product, if there is one that the scope includes. Where the scope is a list, what is not on it is not looked up; else
/// one statement answers alike for what is missing and what is out of scope.
pub async fn find(database: &impl Database, scope: &Scope, barcode: &Barcode) -> Result<Option<Stored>, SqlError> {
    let mut statement = Statement::new("barcode = ", barcode.as_str());
    match scope {
        Scope::List(list) if !list.contains(barcode) => return Ok(None),
        Scope::List(_) => {}
        scope => statement.within(scope),
    }
    Ok(statement.products(database).await?.pop())
}

/// A page, and one product more if there is another page.
pub async fn page(database: &impl Database, scope: &Scope, listing: &Listing) -> Result<Vec<Stored>, SqlError> {
    let after = listing.after.as_ref().map_or("", Barcode::as_str);
    let mut statement = Statement::new("barcode > ", after);
    statement.within(scope);
    if let Some(brand) = &listing.brand {
        statement.and("brand_key = ", brand.key());
    }
    if let Some(category) = &listing.category {
        statement.and("category_key = ", category.key());
    }
    if let Some(since) = listing.updated_since {
        statement.and("updated_at >= ", since);
    }
    let order = format!(" ORDER BY barcode LIMIT {}", listing.limit.saturating_add(1));
    statement.text.push_str(&order);
    statement.products(database).await
}

/// Those of some products that the scope includes.
pub async fn present(database: &impl Database, scope: &Scope, barcodes: &[Barcode]) -> Result<Vec<Stored>, SqlError> {
    let mut wanted = barcodes.iter().filter(|barcode| match scope {
        Scope::List(list) => list.contains(barcode),
        _ => true,
    });
    let Some(first) = wanted.next() else {
        return Ok(Vec::new());
    };
    let mut statement = Statement::new("barcode IN (", first.as_str());
    wanted.for_each(|barcode| statement.parameter(", ", barcode.as_str()));
    statement.text.push(')');
    if !matches!(scope, Scope::List(_)) {
        statement.within(scope);
    }
    statement.products(database).await
}

/// A condition and its parameters.
struct Statement {
    text: String,
    parameters: Vec<Value>,
}

impl Statement {
    fn new(text: &str, value: impl Into<Value>) -> Self {
        let mut statement = Self {
            text: String::new(),
            parameters: Vec::new(),
        };
        statement.parameter(text, value);
        statement
    }

    fn parameter(&mut self, text: &str, value: impl Into<Value>) {
        self.parameters.push(value.into());
        self.text.push_str(&format!("{text}${}", self.parameters.len()));
    }

    fn and(&mut self, text: &str, value: impl Into<Value>) {
        self.text.push_str(" AND ");
        self.parameter(text, value);
    }

    fn within(&mut self, scope: &Scope) {
        match scope {
            Scope::Full => {}
            Scope::Brands(brands) => self.one_of("brand_key", brands.iter().map(String::as_str)),
            Scope::Categories(categories) => self.one_of("category_key", categories.iter().map(String::as_str)),
            Scope::List(list) => self.one_of("barcode", list.iter().map(Barcode::as_str)),
        }
    }

    /// The products that fulfil it.
    async fn products(&self, database: &impl Database) -> Result<Vec<Stored>, SqlError> {
        let text = format!("{COLUMNS} WHERE {}", self.text);
        let rows = database.query(&text, &self.parameters).await?;
        rows.iter().map(read).collect()
    }

    /// A scope names at least one.
    fn one_of<'a>(&mut self, column: &str, values: impl Iterator<Item = &'a str>) {
        let mut separator = format!(" AND {column} IN (");
        for value in values {
            self.parameter(&separator, value);
            separator = ", ".to_owned();
        }
        self.text.push(')');
    }
}

fn read(row: &Row) -> Result<Stored, SqlError> {
    Ok(Stored {
        barcode: row.get(0)?,
        meta: Meta {
            name: row.get(1)?,
            brand: row.get(2)?,
            category: row.get(3)?,
            description: row.get(4)?,
            size: row.get(5)?,
            updated_at: row.get(6)?,
        },
        sources: [row.get(7)?, row.get(8)?, row.get(9)?, row.get(10)?],
    })
}
