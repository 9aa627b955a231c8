//! Signing keys: the records that the edge reads, and the list of them.

use super::{Page, present, projects};
use crate::catalogue::delivery;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use answer::Answer;
use audit::ClientId;
use identity::{KeyRecord, KeyState, Limits, ProjectRef};
use netaddr::DomainRule;
use operations::AllowRule;
use problem::Code;
use secret::{NONCE_LENGTH, Sealed, SecretText};
use serde::Deserialize;
use serde_json::{Value, json};
use signed_url::{PUBLIC_KEY_BYTES, PublicKey, SECRET_KEY_BYTES, key_pair};

/// Seconds that the old key goes on working after a rotation, unless the operator says otherwise: a day.
const OVERLAP: u64 = 86_400;
/// Longest time in seconds that can be given: ten years.
const MOST_SECONDS: u64 = 315_360_000;
/// Most operations in a list.
const MOST_OPERATIONS: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    client_id: String,
    sources: Option<Vec<String>>,
    expires_at: Option<u64>,
    per_minute: Option<u64>,
    per_day: Option<u64>,
    max_lifetime: Option<u64>,
    require_exp: Option<bool>,
    exp_grace: Option<u64>,
    operations: Option<Vec<String>>,
}

/// What of a key can be changed. Members that are absent stay as they are; `null` takes a limit away.
#[derive(Default, Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    sources: Option<Vec<String>>,
    #[serde(default, deserialize_with = "present")]
    expires_at: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    per_minute: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    per_day: Option<Option<u64>>,
    #[serde(default, deserialize_with = "present")]
    max_lifetime: Option<Option<u64>>,
    require_exp: Option<bool>,
    exp_grace: Option<u64>,
    #[serde(default, deserialize_with = "present")]
    operations: Option<Option<Vec<String>>>,
}

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Rotate {
    overlap: Option<u64>,
}

/// `GET /admin/projects/{slug}/keys`
pub async fn list<H: Host>(context: &Context<'_, H>, slug: &str, request: &Request) -> Result<Answer, Refusal> {
    let page = Page::read(&request.query, &[])?;
    let project = projects::find(context, slug).await?;
    let statement =
        "SELECT public_key FROM signing_keys WHERE project_id = $1 AND public_key > $2 ORDER BY public_key LIMIT $3";
    let rows = context
        .host
        .query(
            statement,
            &[project.id.into(), (&page.after).into(), page.more().into()],
        )
        .await?;
    let (mut keys, mut last) = (Vec::new(), None);
    for row in rows.iter().take(page.limit) {
        let public_key: String = row.get(0)?;
        if let Some(key) = record(context, &public_key).await? {
            keys.push(shown(&key, context.seconds()));
        }
        last = Some(public_key);
    }
    let next = last.filter(|_| rows.len() > page.limit);
    context.json(200, &json!({ "keys": keys, "next": next }))
}

/// `POST /admin/projects/{slug}/keys`: the answer is the only place that the secret is ever shown in.
pub async fn create<H: Host>(context: &Context<'_, H>, slug: &str, request: Request) -> Result<Answer, Refusal> {
    let new: New = request.json(Code::BadRequest).await?;
    let project = projects::find(context, slug).await?;
    let client_id = ClientId::parse(&new.client_id).map_err(|_| Code::Unprocessable)?;
    context.concerns(&client_id);
    let project = ProjectRef {
        id: project.id,
        slug: project.slug,
    };
    let (mut key, secret) = mint(context, project, client_id.as_str())?;
    let change = Change {
        sources: new.sources,
        expires_at: Some(new.expires_at),
        per_minute: Some(new.per_minute),
        per_day: Some(new.per_day),
        max_lifetime: Some(new.max_lifetime),
        require_exp: new.require_exp,
        exp_grace: new.exp_grace,
        operations: Some(new.operations),
    };
    apply(&mut key, change)?;
    keep(context, &mut key).await?;
    delivery::assign_key(context.host, &key.client_id, &key.public_key).await?;
    let shown = shown(&key, context.seconds());
    context.json(201, &json!({ "key": shown, "secret_key": secret.expose() }))
}

/// `GET /admin/keys/{public_key}`
pub async fn read<H: Host>(context: &Context<'_, H>, public_key: &str) -> Result<Answer, Refusal> {
    let key = find(context, public_key).await?;
    context.json(200, &json!({ "key": shown(&key, context.seconds()) }))
}

/// `PATCH /admin/keys/{public_key}`
pub async fn change<H: Host>(context: &Context<'_, H>, public_key: &str, request: Request) -> Result<Answer, Refusal> {
    let change: Change = request.json(Code::BadRequest).await?;
    let mut key = find(context, public_key).await?;
    apply(&mut key, change)?;
    keep(context, &mut key).await?;
    context.json(200, &json!({ "key": shown(&key, context.seconds()) }))
}

/// `POST /admin/keys/{public_key}/rotate`: a new key on the same terms; the old one works until the overlap has passed.
pub async fn rotate<H: Host>(context: &Context<'_, H>, public_key: &str, request: Request) -> Result<Answer, Refusal> {
    let Rotate { overlap } = request.json(Code::BadRequest).await?;
    let overlap = overlap.unwrap_or(OVERLAP);
    let mut old = find(context, public_key).await?;
    let now = context.seconds();
    if old.state(now) != KeyState::Live {
        return Err(Code::Conflict.into());
    }
    if overlap > MOST_SECONDS {
        return Err(Code::Unprocessable.into());
    }
    let (fresh, secret) = mint(context, old.project.clone(), &old.client_id)?;
    let mut renewed = old.clone();
    (renewed.public_key, renewed.secret, renewed.created_at) = (fresh.public_key, fresh.secret, now);
    keep(context, &mut renewed).await?;
    delivery::assign_key(context.host, &renewed.client_id, &renewed.public_key).await?;
    let ends = now.saturating_add(overlap);
    old.expires_at = Some(old.expires_at.map_or(ends, |at| at.min(ends)));
    keep(context, &mut old).await?;
    let body = json!({ "key": shown(&renewed, now), "secret_key": secret.expose(), "previous": shown(&old, now) });
    context.json(201, &body)
}

/// `POST /admin/keys/{public_key}/revoke`: for good.
pub async fn revoke<H: Host>(context: &Context<'_, H>, public_key: &str) -> Result<Answer, Refusal> {
    let key = find(context, public_key).await?;
    enlist(context, &key).await?;
    let statement = "UPDATE signing_keys SET revoked_at = $1 WHERE public_key = $2 AND revoked_at IS NULL";
    context
        .host
        .execute(statement, &[context.seconds().into(), public_key.into()])
        .await?;
    // Read again: whoever changed the record until here did not know of this.
    let mut key = find(context, public_key).await?;
    keep(context, &mut key).await?;
    context.json(200, &json!({ "key": shown(&key, context.seconds()) }))
}

fn mint<H: Host>(
    context: &Context<'_, H>,
    project: ProjectRef,
    client_id: &str,
) -> Result<(KeyRecord, SecretText), Refusal> {
    let (public, secret) = key_pair(
        context.host.random::<PUBLIC_KEY_BYTES>(),
        context.host.random::<SECRET_KEY_BYTES>(),
    );
    let mut key = KeyRecord::new(
        public.as_str().to_owned(),
        String::new(),
        project,
        client_id.to_owned(),
        context.seconds(),
    );
    let nonce = context.host.random::<NONCE_LENGTH>();
    let sealed = Sealed::seal(context.settings.sealing().current(), &key.name(), &secret, nonce);
    key.secret = sealed.map_err(|e| Refusal::because(Code::InternalError, e))?.to_text();
    Ok((key, secret))
}

/// Writes the record, and writes it again as revoked where it was revoked meanwhile: a revocation stands in the list before it
/// stands in the record, so one of the two writers sees it.
async fn keep<H: Host>(context: &Context<'_, H>, key: &mut KeyRecord) -> Result<(), Refusal> {
    enlist(context, key).await?;
    loop {
        context.host.set(&key.name(), &key.to_bytes()).await?;
        let statement = "SELECT revoked_at FROM signing_keys WHERE public_key = $1";
        let rows = context.host.query(statement, &[(&key.public_key).into()]).await?;
        let revoked: Option<u64> = rows.first().map_or(Ok(None), |row| row.get(0))?;
        if revoked.is_none() || key.revoked_at.is_some() {
            return Ok(());
        }
        key.revoked_at = revoked;
    }
}

/// Puts a key on the list, also one that `deckle key create` made.
async fn enlist<H: Host>(context: &Context<'_, H>, key: &KeyRecord) -> Result<(), Refusal> {
    let statement = "INSERT INTO signing_keys (public_key, project_id, client_id, created_at, revoked_at) \
                     VALUES ($1, $2, $3, $4, $5) ON CONFLICT (public_key) DO NOTHING";
    let row = [
        (&key.public_key).into(),
        (&key.project.id).into(),
        (&key.client_id).into(),
        key.created_at.into(),
        key.revoked_at.into(),
    ];
    context.host.execute(statement, &row).await?;
    Ok(())
}

/// The key with this public half; 404 if there is none.
async fn find<H: Host>(context: &Context<'_, H>, public_key: &str) -> Result<KeyRecord, Refusal> {
    PublicKey::parse(public_key).ok_or(Code::NotFound)?;
    let key = record(context, public_key).await?.ok_or(Code::NotFound)?;
    if let Ok(client_id) = ClientId::parse(&key.client_id) {
        context.concerns(&client_id);
    }
    Ok(key)
}

async fn record<H: Host>(context: &Context<'_, H>, public_key: &str) -> Result<Option<KeyRecord>, Refusal> {
    let Some(bytes) = context.host.get(&KeyRecord::name_of(public_key)).await? else {
        return Ok(None);
    };
    let key = KeyRecord::from_bytes(public_key, &bytes).map_err(|e| Refusal::because(Code::Unavailable, e))?;
    Ok(Some(key))
}

fn apply(key: &mut KeyRecord, change: Change) -> Result<(), Refusal> {
    if let Some(sources) = change.sources {
        key.sources = projects::readable(sources, is_source)?;
    }
    if let Some(operations) = change.operations {
        let good = |list: &Vec<String>| {
            list.len() <= MOST_OPERATIONS && list.iter().all(|rule| AllowRule::parse(rule).is_ok())
        };
        if !operations.as_ref().is_none_or(good) {
            return Err(Code::Unprocessable.into());
        }
        key.operations = operations;
    }
    let Limits { per_minute, per_day } = key.limits;
    key.limits = Limits {
        per_minute: change.per_minute.unwrap_or(per_minute),
        per_day: change.per_day.unwrap_or(per_day),
    };
    key.expires_at = change.expires_at.unwrap_or(key.expires_at);
    key.max_lifetime = change.max_lifetime.unwrap_or(key.max_lifetime);
    key.require_exp = change.require_exp.unwrap_or(key.require_exp);
    key.exp_grace = change.exp_grace.unwrap_or(key.exp_grace);
    let zero = [key.limits.per_minute, key.limits.per_day, key.max_lifetime].contains(&Some(0));
    if zero || key.exp_grace > MOST_SECONDS {
        return Err(Code::Unprocessable.into());
    }
    Ok(())
}

/// A domain, or an origin of the project as `@NAME`.
fn is_source(text: &str) -> bool {
    match text.strip_prefix('@') {
        Some(name) => netaddr::is_label(name),
        None => DomainRule::parse(text).is_ok(),
    }
}

fn shown(key: &KeyRecord, now: u64) -> Value {
    let state = match key.state(now) {
        KeyState::Live => "live",
        KeyState::Revoked => "revoked",
        KeyState::Expired => "expired",
    };
    json!({
        "public_key": key.public_key, "project": key.project.slug, "client_id": key.client_id, "state": state,
        "created_at": key.created_at, "expires_at": key.expires_at, "revoked_at": key.revoked_at, "sources": key.sources,
        "per_minute": key.limits.per_minute, "per_day": key.limits.per_day, "max_lifetime": key.max_lifetime,
        "require_exp": key.require_exp, "exp_grace": key.exp_grace, "operations": key.operations,
    })
}
