use super::{MAX_ROW, Row};
use crate::product::Written;
use crate::{Product, RowError};
use serde::Deserialize;

/// Rows that are one JSON object a line.
#[derive(Default)]
pub(super) struct JsonLines {
    line: Vec<u8>,
    too_long: bool,
    rows: u64,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Object {
    barcode: String,
    name: String,
    brand: String,
    category: String,
    description: Option<String>,
    size: Option<String>,
    #[serde(default)]
    images: Images,
}

#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields, default)]
struct Images {
    front: Option<String>,
    back: Option<String>,
    front_clean: Option<String>,
    back_clean: Option<String>,
}

impl JsonLines {
    pub(super) fn push(&mut self, bytes: &[u8], row: &mut impl FnMut(Row)) {
        let mut rest = bytes;
        while let Some(end) = rest.iter().position(|byte| *byte == b'\n') {
            let (line, after) = rest.split_at(end);
            self.extend(line);
            self.complete(row);
            rest = after.get(1..).unwrap_or_default();
        }
        self.extend(rest);
    }

    pub(super) fn finish(&mut self, row: &mut impl FnMut(Row)) {
        self.complete(row);
    }

    fn extend(&mut self, bytes: &[u8]) {
        if self.line.len() + bytes.len() > MAX_ROW {
            self.too_long = true;
            self.line.clear();
        }
        if !self.too_long {
            self.line.extend_from_slice(bytes);
        }
    }

    /// Blank lines are no rows.
    fn complete(&mut self, row: &mut impl FnMut(Row)) {
        let too_long = std::mem::take(&mut self.too_long);
        let line = std::mem::take(&mut self.line);
        if too_long {
            self.rows += 1;
            row((self.rows, Err(RowError::Length)));
        } else if !line.trim_ascii().is_empty() {
            self.rows += 1;
            row((self.rows, product(&line)));
        }
    }
}

fn product(line: &[u8]) -> Result<Product, RowError> {
    let line = std::str::from_utf8(line).map_err(|_| RowError::Encoding)?;
    // Derived deserialisation also takes an array for a structure.
    if !line.trim_start().starts_with('{') {
        return Err(RowError::Json);
    }
    let object: Object = serde_json::from_str(line).map_err(|_| RowError::Json)?;
    let Images {
        front,
        back,
        front_clean,
        back_clean,
    } = object.images;
    Product::try_from(Written {
        barcode: object.barcode,
        name: object.name,
        brand: object.brand,
        category: object.category,
        description: object.description,
        size: object.size,
        sources: [front, back, front_clean, back_clean],
    })
}
