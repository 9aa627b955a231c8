//! Clients, as the operator makes, changes and ends them.

pub mod row;

use super::{Page, present};
use crate::catalogue::ledger;
use crate::clients::{self, Tier};
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::sql::Value as Column;
use crate::webhook;
use answer::Answer;
use audit::ClientId;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use catalogue::Scope;
use netaddr::Cidr;
use problem::Code;
use row::Client;
use secret::{NONCE_LENGTH, Sealed, SecretText};
use serde::Deserialize;
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// Most networks in an allowlist.
const MOST_NETWORKS: usize = 100;
/// Largest limit, lifetime and time: numbers that JSON readers do not round.
const MOST_OF_ANYTHING: u64 = 1_000_000_000_000_000;

/// What of a client can be changed. Members that are absent stay as they are; `null` takes a limit away. Credits, keys and
/// states have requests of their own.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    name: Option<String>,
    contact: Option<String>,
    tier: Option<String>,
    scope: Option<Value>,
    allowlist: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    per_minute: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    per_day: Option<Option<u64>>,
    ip_binding: Option<bool>,
    ip_prefix_v4: Option<u64>,
    ip_prefix_v6: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    max_lifetime: Option<Option<u64>>,
    only_presets: Option<bool>,
    #[serde(default, deserialize_with = "present")]
    expires_at: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    webhook_url: Option<Option<String>>,
}

/// A new client. What is absent has the value that the documentation names.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    name: String,
    contact: Option<String>,
    tier: Option<String>,
    scope: Option<Value>,
    allowlist: Option<Vec<String>>,
    per_minute: Option<u64>,
    per_day: Option<u64>,
    ip_binding: Option<bool>,
    ip_prefix_v4: Option<u64>,
    ip_prefix_v6: Option<u64>,
    max_lifetime: Option<u64>,
    only_presets: Option<bool>,
    expires_at: Option<u64>,
    webhook_url: Option<String>,
}

/// `POST /admin/clients`: the answer is the only place that the API key and the webhook secret are ever shown in.
pub async fn create<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    let new: New = request.json(Code::BadRequest).await?;
    let change = Change {
        name: Some(new.name.clone()),
        contact: Some(new.contact.unwrap_or_default()),
        tier: Some(new.tier.unwrap_or_else(|| Tier::Standard.name().to_owned())),
        scope: Some(new.scope.unwrap_or_else(|| "full".into())),
        allowlist: Some(new.allowlist.unwrap_or_default()),
        per_minute: Some(new.per_minute),
        per_day: Some(new.per_day),
        ip_binding: Some(new.ip_binding.unwrap_or(true)),
        ip_prefix_v4: Some(new.ip_prefix_v4.unwrap_or(32)),
        ip_prefix_v6: Some(new.ip_prefix_v6.unwrap_or(64)),
        max_lifetime: Some(new.max_lifetime),
        only_presets: Some(new.only_presets.unwrap_or(false)),
        expires_at: Some(new.expires_at),
        webhook_url: Some(new.webhook_url),
    };
    let mut columns = columns(change)?;
    let (id, key) = clients::create(context.host, &new.name, Tier::Free, context.seconds()).await?;
    about(context, &id)?;
    let secret = SecretText::new(format!("whsec_{}", URL_SAFE_NO_PAD.encode(context.host.random::<32>())));
    let sealed = Sealed::seal(
        context.settings.sealing().current(),
        &webhook::secret_name(&id),
        &secret,
        context.host.random::<NONCE_LENGTH>(),
    );
    let sealed = sealed.map_err(|e| Refusal::because(Code::InternalError, e))?.to_text();
    columns.push(("webhook_secret", sealed.into()));
    let client = row::change(context.host, &id, &columns)
        .await?
        .ok_or(Code::InternalError)?;
    clients::publish(context.host, &id).await?;
    let body = json!({ "client": shown(&client), "api_key": key.expose(), "webhook_secret": secret.expose() });
    context.json(201, &body)
}

/// `PATCH /admin/clients/{id}`
pub async fn change<H: Host>(context: &Context<'_, H>, id: &str, request: Request) -> Result<Answer, Refusal> {
    let id = about(context, id)?;
    let columns = columns(request.json(Code::BadRequest).await?)?;
    if row::change(context.host, id.as_str(), &columns).await?.is_none() {
        find(context, &id).await?;
        return Err(Code::ClientDisabled.into());
    }
    clients::publish(context.host, id.as_str()).await?;
    one(context, &id).await
}

/// `POST /admin/clients/{id}/rotate`: the old key and every token are dead when the answer is there.
pub async fn rotate<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Answer, Refusal> {
    let id = about(context, id)?;
    find(context, &id).await?;
    let key = clients::rotate(context.host, id.as_str(), context.seconds()).await?;
    let client = find(context, &id).await?;
    context.json(200, &json!({ "client": shown(&client), "api_key": key.expose() }))
}

/// The columns that a change sets, each checked.
fn columns(change: Change) -> Result<Vec<(&'static str, Column)>, Refusal> {
    let mut columns: Vec<(&'static str, Column)> = Vec::new();
    if let Some(name) = change.name {
        columns.push(("name", words(name, 1)?));
    }
    if let Some(contact) = change.contact {
        columns.push(("contact", words(contact, 0)?));
    }
    if let Some(tier) = change.tier {
        let tier = Tier::parse(&tier).ok_or(Code::Unprocessable)?;
        columns.push(("tier", tier.name().into()));
    }
    if let Some(scope) = change.scope {
        let scope = Scope::parse(&scope).map_err(|e| Refusal::because(Code::Unprocessable, e))?;
        columns.push(("scope", scope.canonical().into()));
        columns.push(("scope_hash", scope.hash().into()));
    }
    if let Some(networks) = change.allowlist {
        columns.push(("allowlist", allowlist(&networks)?.into()));
    }
    if let Some(binding) = change.ip_binding {
        columns.push(("ip_binding", binding.into()));
    }
    for (name, prefix, most) in [
        ("ip_prefix_v4", change.ip_prefix_v4, 32),
        ("ip_prefix_v6", change.ip_prefix_v6, 128),
    ] {
        if let Some(prefix) = prefix {
            // A prefix of 0 would bind to nothing.
            let prefix = (1..=most)
                .contains(&prefix)
                .then_some(prefix)
                .ok_or(Code::Unprocessable)?;
            columns.push((name, prefix.into()));
        }
    }
    for (name, limit) in [
        ("per_minute", change.per_minute),
        ("per_day", change.per_day),
        ("max_lifetime", change.max_lifetime),
        ("expires_at", change.expires_at),
    ] {
        if let Some(limit) = limit {
            if limit.is_some_and(|limit| limit == 0 || limit > MOST_OF_ANYTHING) {
                return Err(Code::Unprocessable.into());
            }
            columns.push((name, limit.into()));
        }
    }
    if let Some(only) = change.only_presets {
        columns.push(("only_presets", only.into()));
    }
    if let Some(url) = change.webhook_url {
        if url.as_ref().is_some_and(|url| !webhook::is_url(url)) {
            return Err(Code::Unprocessable.into());
        }
        columns.push(("webhook_url", url.into()));
    }
    Ok(columns)
}

/// A line of text for people.
fn words(text: String, least: usize) -> Result<Column, Refusal> {
    let length = text.chars().count();
    match (least..=200).contains(&length) && !text.chars().any(char::is_control) {
        true => Ok(text.into()),
        false => Err(Code::Unprocessable.into()),
    }
}

/// Networks in their one spelling, as a JSON array. Host bits and everybody are refused.
fn allowlist(networks: &[String]) -> Result<String, Refusal> {
    let networks: Result<Vec<String>, _> = networks
        .iter()
        .map(|network| Cidr::parse(network).map(|network| network.to_string()))
        .collect();
    match networks {
        Ok(networks) if networks.len() <= MOST_NETWORKS => Ok(json!(networks).to_string()),
        Ok(_) => Err(Code::Unprocessable.into()),
        Err(error) => Err(Refusal::because(Code::Unprocessable, error)),
    }
}

/// `GET /admin/clients`
pub async fn list<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<Answer, Refusal> {
    let page = Page::read(&request.query, &[])?;
    let found = row::list(context.host, &page.after, page.more()).await?;
    let next =
        (found.len() > page.limit).then(|| found.get(page.limit.saturating_sub(1)).map(|client| client.id.clone()));
    let shown: Vec<Value> = found.iter().take(page.limit).map(shown).collect();
    context.json(200, &json!({ "clients": shown, "next": next.flatten() }))
}

/// `GET /admin/clients/{id}`
pub async fn read<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Answer, Refusal> {
    let id = about(context, id)?;
    one(context, &id).await
}

/// `POST /admin/clients/{id}/revoke`: for good.
pub async fn revoke<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Answer, Refusal> {
    let id = about(context, id)?;
    clients::revoke(context.host, id.as_str(), context.seconds()).await?;
    one(context, &id).await
}

/// `POST /admin/clients/{id}/disable`
pub async fn disable<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Answer, Refusal> {
    let id = about(context, id)?;
    clients::disable(context.host, id.as_str(), "operator", context.seconds()).await?;
    one(context, &id).await
}

/// `POST /admin/clients/{id}/enable`: 403 `client_disabled` for a client that was revoked.
pub async fn enable<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Answer, Refusal> {
    let id = about(context, id)?;
    clients::enable(context.host, id.as_str()).await?;
    one(context, &id).await
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credits {
    /// Credits to add; negative ones are taken away.
    change: i64,
}

/// `POST /admin/clients/{id}/credits`. Under an `Idempotency-Key` credits are granted once, also where a host dies before it has
/// answered: the key is the grant's reference in the ledger.
pub async fn credits<H: Host>(context: &Context<'_, H>, id: &str, request: Request) -> Result<Answer, Refusal> {
    let id = about(context, id)?;
    let key = request.header("idempotency-key")?.map(reference);
    let Credits { change } = request.json(Code::BadRequest).await?;
    find(context, &id).await?;
    let reference = key.as_deref().unwrap_or(context.request_id);
    let balance = ledger::grant(context.host, id.as_str(), change, reference, context.seconds()).await?;
    context.event.borrow_mut().credits = change.saturating_neg();
    context.json(200, &json!({ "client_id": id.as_str(), "credit_balance": balance }))
}

/// A key as the ledger has it.
fn reference(key: &str) -> String {
    format!("key_{}", URL_SAFE_NO_PAD.encode(Sha256::digest(key)))
}

/// Notes whom the request is about. What cannot be a client's id is no client's.
fn about<H: Host>(context: &Context<'_, H>, id: &str) -> Result<ClientId, Refusal> {
    let id = ClientId::parse(id).map_err(|_| Code::NotFound)?;
    context.concerns(&id);
    Ok(id)
}

async fn find<H: Host>(context: &Context<'_, H>, id: &ClientId) -> Result<Client, Refusal> {
    row::find(context.host, id.as_str()).await?.ok_or(Code::NotFound.into())
}

async fn one<H: Host>(context: &Context<'_, H>, id: &ClientId) -> Result<Answer, Refusal> {
    let client = find(context, id).await?;
    context.json(200, &json!({ "client": shown(&client) }))
}

fn shown(client: &Client) -> Value {
    let parsed = |text: &str| serde_json::from_str::<Value>(text).unwrap_or_default();
    let status = match client {
        Client {
            revoked_at: Some(_), ..
        } => "revoked",
        Client {
            disabled_at: Some(_), ..
        } => "disabled",
        Client {
            key_quarantined_at: Some(_),
            ..
        } => "quarantined",
        _ => "active",
    };
    json!({
        "id": client.id, "name": client.name, "contact": client.contact, "status": status, "tier": client.tier,
        "scope": parsed(&client.scope), "allowlist": parsed(&client.allowlist), "per_minute": client.per_minute,
        "per_day": client.per_day, "ip_binding": client.ip_binding, "ip_prefix_v4": client.ip_prefix_v4,
        "ip_prefix_v6": client.ip_prefix_v6, "max_lifetime": client.max_lifetime, "only_presets": client.only_presets,
        "webhook_url": client.webhook_url, "created_at": client.created_at, "expires_at": client.expires_at,
        "disabled_at": client.disabled_at, "disabled_reason": client.disabled_reason, "revoked_at": client.revoked_at,
    })
}
