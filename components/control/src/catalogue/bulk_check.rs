//! `POST /api/v1/products/bulk-check`: which of up to 500 barcodes a client could have pictures of. It costs nothing.

use super::Buyer;
use super::products;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use answer::Answer;
use catalogue::{BulkCheck, Variant, Variants};
use problem::Code;
use serde::Serialize;
use std::collections::HashMap;

#[derive(Serialize)]
struct Body {
    results: Vec<Finding>,
}

/// What was found of a barcode. A product that is out of scope is one that does not exist.
#[derive(Serialize)]
struct Finding {
    barcode: String,
    available: bool,
    variants: Vec<Variant>,
}

/// The endpoint. `body` has been read whole.
pub async fn read<H: Host>(context: &Context<'_, H>, buyer: &Buyer, body: &[u8]) -> Result<Answer, Refusal> {
    let wanted = BulkCheck::parse(body).map_err(|error| match error {
        catalogue::Error::Barcode => Code::InvalidBarcode,
        _ => Code::BadRequest,
    })?;
    let found = products::present(context.host, &buyer.scope, &wanted.barcodes).await?;
    let found: HashMap<String, Variants> = found
        .into_iter()
        .map(|product| (product.barcode.clone(), product.variants()))
        .collect();
    let results = wanted.barcodes.iter().map(|barcode| {
        let variants = found.get(barcode.as_str());
        Finding {
            barcode: barcode.as_str().to_owned(),
            available: variants.is_some(),
            variants: variants.copied().unwrap_or_default().iter().collect(),
        }
    });
    context.json(
        200,
        &Body {
            results: results.collect(),
        },
    )
}
