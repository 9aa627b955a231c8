use crate::{Barcode, Error};
use serde::Deserialize;
use std::collections::BTreeSet;

const MAX_BARCODES: usize = 500;

/// The body of `POST /products/bulk-check`: `{"barcodes": ["017000161563", …]}`.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct BulkCheck {
    /// The barcodes, 1 to 500, each once, in the order of the request.
    pub barcodes: Vec<Barcode>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    barcodes: Vec<String>,
}

impl BulkCheck {
    /// Reads a body. A barcode that stands twice is checked once.
    pub fn parse(body: &[u8]) -> Result<Self, Error> {
        // Derived deserialisation also takes an array for a structure.
        if body.trim_ascii_start().first() != Some(&b'{') {
            return Err(Error::Body);
        }
        let body: Body = serde_json::from_slice(body).map_err(|_| Error::Body)?;
        if !(1..=MAX_BARCODES).contains(&body.barcodes.len()) {
            return Err(Error::Body);
        }
        let mut seen = BTreeSet::new();
        let mut barcodes = Vec::with_capacity(body.barcodes.len());
        for barcode in body.barcodes {
            let barcode = Barcode::parse(&barcode)?;
            if seen.insert(barcode.clone()) {
                barcodes.push(barcode);
            }
        }
        Ok(Self { barcodes })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn up_to_five_hundred() {
        let list = |n: u32| {
            format!(
                "{{\"barcodes\":{:?}}}",
                (0..n).map(|i| format!("{:08}", i)).collect::<Vec<_>>()
            )
        };
        assert_eq!(BulkCheck::parse(list(500).as_bytes()).unwrap().barcodes.len(), 500);
        assert_eq!(BulkCheck::parse(list(501).as_bytes()), Err(Error::Body));
        assert_eq!(BulkCheck::parse(list(0).as_bytes()), Err(Error::Body));
    }

    #[test]
    fn order_stays_and_repetition_goes() {
        let body = br#" {"barcodes":["22222222","11111111","22222222"]}"#;
        let barcodes = BulkCheck::parse(body).unwrap().barcodes;
        assert_eq!(
            barcodes.iter().map(Barcode::as_str).collect::<Vec<_>>(),
            ["22222222", "11111111"]
        );
    }

    #[test]
    fn other_bodies_are_refused() {
        for body in [
            "",
            "[]",
            "null",
            r#"[["11111111"]]"#,
            r#"{"barcodes":"11111111"}"#,
            r#"{"barcodes":[11111111]}"#,
            r#"{"barcodes":["11111111"],"x":1}"#,
            r#"{"barcodes":["11111111"],"barcodes":["11111111"]}"#,
            r#"{"barcodes":["11111111"]}x"#,
        ] {
            assert_eq!(BulkCheck::parse(body.as_bytes()), Err(Error::Body), "{body}");
        }
        assert_eq!(BulkCheck::parse(br#"{"barcodes":["1"]}"#), Err(Error::Barcode));
    }
}
