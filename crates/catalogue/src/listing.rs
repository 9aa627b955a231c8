use crate::{Barcode, Error, Label, Parameters};

/// What `GET /products` asks for: a page of products in the order of their barcodes.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Listing {
    /// Only this brand.
    pub brand: Option<Label>,
    /// Only this category.
    pub category: Option<Label>,
    /// Only what changed at this moment or later, in Unix seconds.
    pub updated_since: Option<u64>,
    /// Only what comes after this barcode: the last one of the page before.
    pub after: Option<Barcode>,
    /// Products on a page.
    pub limit: u64,
}

/// Seconds that fit a database's signed number.
const MAX_TIME: u64 = i64::MAX as u64;

impl Listing {
    /// Most products on a page.
    pub const MAX_LIMIT: u64 = 100;
    const LIMIT: u64 = 50;

    /// Reads `brand`, `category`, `updated_since`, `cursor` and `limit`, all of them optional.
    pub fn parse(query: &str) -> Result<Self, Error> {
        let parameters = Parameters::parse(query, &["brand", "category", "updated_since", "cursor", "limit"])?;
        Ok(Self {
            brand: parameters.read("brand", Label::parse)?,
            category: parameters.read("category", Label::parse)?,
            updated_since: parameters.number("updated_since", 0..=MAX_TIME)?,
            after: parameters.read("cursor", |cursor| Barcode::parse(cursor).ok())?,
            limit: parameters.number("limit", 1..=Self::MAX_LIMIT)?.unwrap_or(Self::LIMIT),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_page() {
        let page = Listing::parse("brand=Acme+Foods&limit=2&cursor=12345678&updated_since=0").unwrap();
        assert_eq!(page.brand.unwrap().key(), "acme foods");
        assert_eq!((page.limit, page.after.unwrap().as_str()), (2, "12345678"));
        assert_eq!(Listing::parse("").unwrap().limit, 50);
    }

    #[test]
    fn pages_are_bounded() {
        for query in [
            "limit=0",
            "limit=101",
            "limit=1000000000000000000000",
            "cursor=x",
            "cursor=",
            "brand=",
            "page=2",
            "updated_since=9223372036854775808",
            "updated_since=2026-01-01",
            "limit=1&limit=2",
        ] {
            assert_eq!(Listing::parse(query), Err(Error::Parameters), "{query}");
        }
    }
}
