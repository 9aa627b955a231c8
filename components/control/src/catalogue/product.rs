//! `GET /api/v1/products/{barcode}`: a product, and one-shot URLs of its pictures. `HEAD` costs nothing.

use super::Buyer;
use super::delivery::{Delivery, Images, SEED_LENGTH, key_of};
use super::ledger::{self, Debit, Earlier, Idempotency, Outcome};
use super::products::{self, Meta, Stored};
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use answer::Answer;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use catalogue::{Barcode, ProductRequest, Variants};
use problem::Code;
use serde::Serialize;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// The answer's body.
#[derive(Serialize)]
struct Body {
    barcode: String,
    product_meta: Option<Meta>,
    images: Option<Images>,
    meta: Costs,
}

/// `meta`.
#[derive(Serialize)]
struct Costs {
    credits_debited: u32,
    /// When the URLs stop working, in Unix seconds.
    images_expire_at: Option<u64>,
}

/// The endpoint. `barcode` is what stands in the path.
pub async fn read<H: Host>(
    context: &Context<'_, H>,
    buyer: &Buyer,
    request: &Request,
    barcode: &str,
) -> Result<Answer, Refusal> {
    let barcode = Barcode::parse(barcode).map_err(|_| Code::InvalidBarcode)?;
    context.event.borrow_mut().barcode = audit::Barcode::parse(barcode.as_str()).ok();
    let wanted = ProductRequest::parse(&request.query).map_err(|_| Code::BadRequest)?;
    let idempotency_key = idempotency_key(request)?;
    let found = products::find(context.host, &buyer.scope, &barcode).await?;
    let product = found.ok_or(Code::OutOfScope)?;

    let variants: Variants = wanted
        .images
        .unwrap_or_default()
        .iter()
        .filter(|v| product.variants().contains(*v))
        .collect();
    if wanted.named && variants.count() == 0 {
        return Err(Code::VariantNotAvailable.into());
    }
    if request.method == "HEAD" {
        let mut answer = Answer::head(context.request_id);
        answer.header("cache-control", "no-store".to_owned());
        answer.header("x-credits-debited", "0".to_owned());
        return Ok(answer);
    }
    if variants.count() == 0 {
        let images = wanted.images.map(|_| Images::default());
        let balance = ledger::balance(context.host, &buyer.client_id).await?;
        return respond(
            context,
            Delivered {
                images,
                price: 0,
                balance,
                at: None,
                again: false,
            },
            product,
            wanted.meta,
        );
    }
    let delivered = deliver(context, buyer, &product, variants, &wanted, idempotency_key).await?;
    if !delivered.again {
        context.event.borrow_mut().credits = delivered.price.into();
    }
    respond(context, delivered, product, wanted.meta)
}

/// What was delivered, and for how much.
struct Delivered {
    images: Option<Images>,
    price: u32,
    balance: u64,
    /// When it was paid for, in Unix seconds.
    at: Option<u64>,
    /// Whether it was paid for by an earlier request.
    again: bool,
}

/// Makes the URLs, then debits them: where one cannot be made nothing is paid.
async fn deliver<H: Host>(
    context: &Context<'_, H>,
    buyer: &Buyer,
    product: &Stored,
    variants: Variants,
    wanted: &ProductRequest,
    idempotency_key: Option<&str>,
) -> Result<Delivered, Refusal> {
    let key = key_of(context.host, &buyer.client_id).await?;
    let public_key =
        key.ok_or_else(|| Refusal::because(Code::Unavailable, "the client has no signing key for its pictures"))?;
    let seed = context.host.random::<SEED_LENGTH>();
    let mut delivery = Delivery {
        client_id: &buyer.client_id,
        epoch: buyer.epoch,
        public_key: &public_key,
        address: bound_address(context, buyer)?,
        at: context.seconds(),
        seed,
    };
    let images = delivery.images(context, product, variants)?;
    let barcode = Barcode::parse(&product.barcode).map_err(|e| Refusal::because(Code::InternalError, e))?;
    let debit = Debit {
        client_id: &buyer.client_id,
        at: context.seconds(),
        request_id: context.request_id,
        barcode: &barcode,
        variants,
        idempotency: idempotency_key.map(|key| Idempotency {
            key: digest(&["key", key]),
            fingerprint: digest(&["product", barcode.as_str(), &wanted.canonical()]),
            seed: URL_SAFE_NO_PAD.encode(seed),
        }),
    };
    match ledger::debit(context.host, &debit).await? {
        Outcome::Debited { balance } => {
            let (images, price, at) = (Some(images), variants.count(), Some(delivery.at));
            Ok(Delivered {
                images,
                price,
                balance,
                at,
                again: false,
            })
        }
        Outcome::Earlier(Earlier {
            at,
            variants,
            seed,
            balance,
        }) => {
            let seed = URL_SAFE_NO_PAD.decode(seed).ok().and_then(|seed| seed.try_into().ok());
            delivery.seed =
                seed.ok_or_else(|| Refusal::because(Code::InternalError, "a seed in the ledger is damaged"))?;
            delivery.at = at;
            let images = Some(delivery.images(context, product, variants)?);
            Ok(Delivered {
                images,
                price: variants.count(),
                balance,
                at: Some(at),
                again: true,
            })
        }
    }
}

fn respond<H: Host>(
    context: &Context<'_, H>,
    delivered: Delivered,
    product: Stored,
    meta: bool,
) -> Result<Answer, Refusal> {
    let body = Body {
        barcode: product.barcode,
        product_meta: meta.then_some(product.meta),
        images: delivered.images,
        meta: Costs {
            credits_debited: delivered.price,
            images_expire_at: delivered.at.map(|at| at.saturating_add(token::LIFETIME)),
        },
    };
    let mut answer = context.json(200, &body)?;
    answer.header("x-credits-debited", delivered.price.to_string());
    answer.header("x-credits-remaining", delivered.balance.to_string());
    if delivered.again {
        answer.header("idempotency-replayed", "1".to_owned());
    }
    Ok(answer)
}

/// The address that the URLs are bound to. Where they have to be bound and there is none, there are no URLs.
fn bound_address<H: Host>(context: &Context<'_, H>, buyer: &Buyer) -> Result<Option<IpAddr>, Refusal> {
    match (buyer.ip_binding, context.address) {
        (false, _) => Ok(None),
        (true, Some(address)) => Ok(Some(address)),
        (true, None) => Err(Refusal::because(
            Code::ClientIpNotAllowed,
            "the caller's address is unknown",
        )),
    }
}

/// The caller's `Idempotency-Key`: 20 to 255 visible characters.
fn idempotency_key(request: &Request) -> Result<Option<&str>, Refusal> {
    match request.header("idempotency-key")? {
        Some(key) if !(20..=255).contains(&key.len()) => Err(Code::BadRequest.into()),
        key => Ok(key),
    }
}

fn digest(parts: &[&str]) -> String {
    let digest = parts.iter().fold(Sha256::new(), |digest, part| {
        digest
            .chain_update((part.len() as u64).to_be_bytes())
            .chain_update(part)
    });
    URL_SAFE_NO_PAD.encode(digest.finalize())
}
