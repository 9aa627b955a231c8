//! The log and what was found in it, for the operator.

use super::Page;
use crate::audit_log::{self, Filter};
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::{anomalies, webhook};
use answer::Answer;
use audit::{Checkpoint, Class, Entry};
use problem::Code;
use serde_json::{Value, json};

/// `GET /admin/audit?chain=&client_id=&request_id=&status=&after=&limit=`: newest first.
pub async fn list<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<Answer, Refusal> {
    let page = Page::read(&request.query, &["chain", "client_id", "request_id", "status"])?;
    let class = class(&page)?;
    let filter = Filter {
        client_id: page.get("client_id").map(str::to_owned),
        request_id: page.get("request_id").map(str::to_owned),
        status: page
            .get("status")
            .map(|status| status.parse().map_err(|_| Code::BadRequest))
            .transpose()?,
        before: page.before()?,
        limit: page.more(),
    };
    let entries = audit_log::list(context.host, class, &filter).await?;
    let shown: Vec<Value> = entries.iter().take(page.limit).map(shown).collect();
    let next = (entries.len() > page.limit).then(|| {
        entries
            .get(page.limit.saturating_sub(1))
            .map(|entry| entry.seq.to_string())
    });
    context.json(200, &json!({ "events": shown, "next": next.flatten() }))
}

/// `GET /admin/audit/verify?chain=&from=`: walks a chain as far as one request may, and says where to go on.
pub async fn verify<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<Answer, Refusal> {
    let page = Page::read(&request.query, &["chain", "from"])?;
    let class = class(&page)?;
    let from = page.get("from").map(|from| checkpoint(class, from)).transpose()?;
    match audit_log::verify(context.host, &context.settings.audit, class, from).await? {
        Ok(verified) => {
            let until = &verified.until;
            let next = (!verified.complete).then(|| format!("{}.{}.{}", until.seq, until.hash, until.tag));
            context.json(
                200,
                &json!({
                    "chain": class.as_str(), "valid": true, "verified": verified.entries, "next": next,
                    "head": { "seq": until.seq, "hash": until.hash },
                }),
            )
        }
        Err(broken) => context.json(
            200,
            &json!({
                "chain": class.as_str(), "valid": false, "seq": broken.seq, "fault": broken.fault.to_string(),
            }),
        ),
    }
}

/// `GET /admin/anomalies?client_id=&after=&limit=`: newest first.
pub async fn anomalies<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<Answer, Refusal> {
    let page = Page::read(&request.query, &["client_id"])?;
    let found = anomalies::list(context.host, page.get("client_id"), page.before()?, page.more()).await?;
    let shown: Vec<Value> = found.iter().take(page.limit).map(anomalies::Found::shown).collect();
    let next = (found.len() > page.limit).then(|| {
        found
            .get(page.limit.saturating_sub(1))
            .map(|found| found.seq.to_string())
    });
    context.json(200, &json!({ "anomalies": shown, "next": next.flatten() }))
}

/// `POST /admin/anomalies/{id}/acknowledge`
pub async fn acknowledge<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Answer, Refusal> {
    let seq: i64 = id.parse().map_err(|_| Code::NotFound)?;
    match anomalies::acknowledge(context.host, seq, context.seconds()).await? {
        Some(found) => context.json(200, &json!({ "anomaly": found.shown() })),
        None => Err(Code::NotFound.into()),
    }
}

/// `GET /admin/webhooks?limit=`: what owners were told, or will be; newest first.
pub async fn webhooks<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<Answer, Refusal> {
    let page = Page::read(&request.query, &[])?;
    let before = page.before()?.and_then(|before| u64::try_from(before).ok());
    let notices = webhook::list(context.host, before, page.more()).await?;
    let shown: Vec<Value> = notices
        .iter()
        .take(page.limit)
        .map(|notice| {
            json!({
                "id": notice.id, "client_id": notice.client_id, "kind": notice.kind, "created_at": notice.created_at,
                "attempts": notice.attempts, "next_at": notice.next_at, "delivered_at": notice.delivered_at,
            })
        })
        .collect();
    let next = (notices.len() > page.limit).then(|| {
        notices
            .get(page.limit.saturating_sub(1))
            .map(|last| last.created_at.to_string())
    });
    context.json(200, &json!({ "webhooks": shown, "next": next.flatten() }))
}

fn class(page: &Page) -> Result<Class, Refusal> {
    let chain = page.get("chain").unwrap_or("requests");
    Class::parse(chain).ok_or(Code::BadRequest.into())
}

/// `{seq}.{hash}.{tag}`, as an answer said it.
fn checkpoint(class: Class, text: &str) -> Result<Checkpoint, Refusal> {
    let mut parts = text.split('.');
    match (
        parts.next().and_then(|seq| seq.parse().ok()),
        parts.next(),
        parts.next(),
        parts.next(),
    ) {
        (Some(seq), Some(hash), Some(tag), None) => Ok(Checkpoint {
            chain: class.as_str().to_owned(),
            seq,
            hash: hash.to_owned(),
            tag: tag.to_owned(),
        }),
        _ => Err(Code::BadRequest.into()),
    }
}

fn shown(entry: &Entry) -> Value {
    json!({
        "seq": entry.seq, "at": entry.at, "writer": entry.writer, "kind": entry.kind, "request_id": entry.request_id,
        "endpoint": entry.endpoint, "method": entry.method, "client_id": entry.client_id, "proof": entry.proof,
        "barcode": entry.barcode, "ip": entry.ip, "status": entry.status, "error": entry.error, "credits": entry.credits,
        "picture": entry.picture.as_deref().and_then(|picture| serde_json::from_str::<Value>(picture).ok()),
        "dropped": entry.dropped, "hash": entry.hash,
    })
}
