use crate::{Barcode, Label, RowError, Variant, Variants};

/// Longest source of a picture, in bytes.
pub const MAX_SOURCE: usize = 2048;
const MAX_NAME: usize = 200;
const MAX_DESCRIPTION: usize = 2000;
const MAX_SIZE: usize = 50;

/// A product as the catalogue holds it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Product {
    /// What it is found by.
    pub barcode: Barcode,
    /// Its name.
    pub name: String,
    /// Whose it is.
    pub brand: Label,
    /// What it is.
    pub category: Label,
    /// More about it.
    pub description: Option<String>,
    /// How much is in a package, in words: `500 g`.
    pub size: Option<String>,
    /// Where each picture comes from, by [`Variant::index`]: as a signed URL names its source.
    pub sources: [Option<String>; 4],
}

/// A product as it is written: nothing about it is checked yet.
#[derive(Debug, Default)]
pub(crate) struct Written {
    pub barcode: String,
    pub name: String,
    pub brand: String,
    pub category: String,
    pub description: Option<String>,
    pub size: Option<String>,
    pub sources: [Option<String>; 4],
}

impl Product {
    /// The pictures that there are.
    pub fn variants(&self) -> Variants {
        Variant::ALL
            .into_iter()
            .filter(|variant| self.sources[variant.index()].is_some())
            .collect()
    }
}

impl TryFrom<Written> for Product {
    type Error = RowError;

    fn try_from(written: Written) -> Result<Self, RowError> {
        let name = text(&written.name, MAX_NAME).filter(|name| !name.is_empty());
        let mut sources = [const { None }; 4];
        for (place, source) in sources.iter_mut().zip(written.sources) {
            *place = source
                .filter(|source| !source.is_empty())
                .map(checked_source)
                .transpose()?;
        }
        Ok(Self {
            barcode: Barcode::parse(&written.barcode).map_err(|_| RowError::Barcode)?,
            name: name.ok_or(RowError::Name)?,
            brand: Label::parse(&written.brand).ok_or(RowError::Brand)?,
            category: Label::parse(&written.category).ok_or(RowError::Category)?,
            description: optional(written.description, MAX_DESCRIPTION, RowError::Description)?,
            size: optional(written.size, MAX_SIZE, RowError::Size)?,
            sources,
        })
    }
}

/// Text without white space at its ends, if it has no control characters and at most `max` characters.
pub(crate) fn text(text: &str, max: usize) -> Option<String> {
    let text = text.trim();
    let plain = !text.chars().any(char::is_control) && text.chars().count() <= max;
    plain.then(|| text.to_owned())
}

fn optional(written: Option<String>, max: usize, error: RowError) -> Result<Option<String>, RowError> {
    let Some(written) = written else { return Ok(None) };
    let text = text(&written, max).ok_or(error)?;
    Ok(Some(text).filter(|text| !text.is_empty()))
}

fn checked_source(source: String) -> Result<String, RowError> {
    let plain = !source.chars().any(|c| c.is_control() || c.is_whitespace());
    if plain && source.len() <= MAX_SOURCE {
        Ok(source)
    } else {
        Err(RowError::Source)
    }
}
