//! `GET /api/v1/products`: the products that a client may see, page by page. It costs nothing and has no URLs of pictures.

use super::Buyer;
use super::products::{self, Meta};
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use answer::Answer;
use catalogue::{Listing, Variant};
use problem::Code;
use serde::Serialize;

#[derive(Serialize)]
struct Body {
    products: Vec<Item>,
    /// `cursor` of the next page, or null.
    next_cursor: Option<String>,
}

#[derive(Serialize)]
struct Item {
    barcode: String,
    product_meta: Meta,
    /// The pictures that there are.
    variants: Vec<Variant>,
}

/// The endpoint.
pub async fn read<H: Host>(context: &Context<'_, H>, buyer: &Buyer, query: &str) -> Result<Answer, Refusal> {
    let listing = Listing::parse(query).map_err(|_| Code::BadRequest)?;
    let mut found = products::page(context.host, &buyer.scope, &listing).await?;
    let page = usize::try_from(listing.limit).unwrap_or(usize::MAX);
    let more = found.len() > page;
    found.truncate(page);
    let products: Vec<_> = found
        .into_iter()
        .map(|product| Item {
            variants: product.variants().iter().collect(),
            barcode: product.barcode,
            product_meta: product.meta,
        })
        .collect();
    let next_cursor = products.last().filter(|_| more).map(|last| last.barcode.clone());
    context.json(200, &Body { products, next_cursor })
}
