//! From an unverified request to a [`Grant`]: three ways to prove that a picture may be asked for, one result.

mod client;
mod one_shot;
mod v1;
mod v2;

use crate::event::Event;
use crate::ports::{Host, RECORDS};
use crate::request::Request;
use crate::settings::Settings;
use admission::Claim;
use identity::{KeyRecord, KeyState};
use problem::Reason;
use secret::{NONCE_LENGTH, Sealed, SecretText};
use signed_url::{QueryError, Rules};
use std::net::IpAddr;
use watermark::{KeyTag, Kind, Payload, Subject};

/// What a verified request may have. Only [`open`] gives one away.
pub struct Grant {
    /// The key that vouches for it, with its limits and allowed sources.
    pub key: KeyRecord,
    /// The operations, decoded once.
    pub operations: String,
    /// The source, decoded once.
    pub source: String,
    /// The expiry in Unix seconds.
    pub exp: Option<u64>,
    /// What the invisible mark says.
    pub payload: Payload,
    /// Who may keep the answer.
    pub keeping: Keeping,
    /// Whether it can be used once only.
    pub claim: Option<Claim>,
    /// What the token of a one-shot URL says of its client; none: a signed URL.
    pub minted: Option<Minted>,
}

/// What a token says that its client's record decides over.
pub struct Minted {
    /// The client's epoch when it was minted.
    pub epoch: u64,
    /// The address that it is bound to.
    pub address: Option<IpAddr>,
}

/// Who may keep an answer.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Keeping {
    /// Everybody who has the URL gets these bytes, so shared caches may too.
    Everybody,
    /// The bytes name one viewer: only that viewer's own cache.
    Viewer,
    /// Nobody: the answer is for one use, or for one address.
    Nobody,
}

/// What decides over a request besides its URL.
pub struct Context<'a, H> {
    /// The host.
    pub host: &'a H,
    /// The deployment's configuration.
    pub settings: &'a Settings,
    /// Unix milliseconds: one moment for the whole request.
    pub now: u64,
    /// The client's address, where it is known.
    pub client: Option<IpAddr>,
    /// 8 random bytes that name this request in the marks of single-use pictures.
    pub reference: [u8; 8],
}

/// Verifies a request, by the way its path chooses: `/api/v1/…`, `/v2/…` or `/i/…`. The proof needs the
/// key's record, and the client's is read after it, so that a refused signature costs one read.
pub async fn open(context: &Context<'_, impl Host>, request: &Request, event: &mut Event) -> Result<Grant, Reason> {
    let (path, query) = (request.path.as_str(), request.query.as_str());
    let mut grant = if let Some(path) = path.strip_prefix("/api/v1/") {
        v1::open(context, path, query, event).await?
    } else if let Some(path) = path.strip_prefix("/v2/") {
        v2::open(context, path, query, event).await?
    } else if let Some(token) = path.strip_prefix("/i/") {
        one_shot::open(context, token, query, event).await?
    } else {
        return Err(Reason::NotFound);
    };
    event.reference = Some(
        grant
            .payload
            .reference
            .iter()
            .map(|byte| format!("{byte:02x}"))
            .collect(),
    );
    client::hold(context, &mut grant, event).await?;
    Ok(grant)
}

/// The record of a key, and whether it works.
async fn find_key<H: Host>(
    context: &Context<'_, H>,
    public_key: &str,
    event: &mut Event,
) -> Result<Option<(KeyRecord, KeyState)>, Reason> {
    let stored = context
        .host
        .get(RECORDS, &KeyRecord::name_of(public_key))
        .await
        .map_err(|e| unavailable(e, event))?;
    let Some(stored) = stored else { return Ok(None) };
    let key = KeyRecord::from_bytes(public_key, &stored).map_err(|e| unavailable(e, event))?;
    event.public_key = Some(key.public_key.clone());
    event.client_id = Some(key.client_id.clone());
    let state = key.state(context.now / 1000);
    Ok(Some((key, state)))
}

/// Opens the secret of a key.
fn secret_of(settings: &Settings, key: &KeyRecord, event: &mut Event) -> Result<SecretText, Reason> {
    let opened = settings.sealing().open(&key.secret, &key.name());
    opened.map_err(|e| unavailable(e, event))
}

/// What stands in for the secret of a key that does not exist, made by the same work: so that an unknown key takes the time
/// of a known one.
fn no_secret(settings: &Settings) -> SecretText {
    let placeholder = SecretText::new("-".repeat(46));
    let _ = Sealed::seal(settings.sealing().current(), "", &placeholder, [0; NONCE_LENGTH]);
    placeholder
}

fn rules(key: &KeyRecord) -> Rules {
    Rules {
        max_lifetime: key.max_lifetime,
        require_exp: key.require_exp,
        grace: key.exp_grace,
    }
}

/// The mark of a picture that is a function of its URL: it names the client, the key, the URL and its expiry.
fn mark_of_url(key: &KeyRecord, subject: &str, reference: [u8; 8], exp: Option<u64>) -> Payload {
    let (subject, key) = (Subject::of(subject), KeyTag::of(&key.public_key));
    Payload {
        kind: Kind::SignedUrl,
        subject,
        key,
        reference,
        time: exp.unwrap_or(0),
    }
}

/// The mark of a picture that is delivered once: it names the client, the key, the request and its time.
fn mark_of_request<H>(context: &Context<'_, H>, key: &KeyRecord, subject: &str) -> Payload {
    let (subject, key) = (Subject::of(subject), KeyTag::of(&key.public_key));
    Payload {
        kind: Kind::OneShot,
        subject,
        key,
        reference: context.reference,
        time: context.now / 1000,
    }
}

fn malformed(error: QueryError) -> Reason {
    match error {
        QueryError::Missing => Reason::MissingSignature,
        QueryError::Parameters => Reason::InvalidQuery,
        QueryError::Expiry => Reason::InvalidExpiry,
        QueryError::Milliseconds => Reason::ExpiryInMilliseconds,
    }
}

/// Something that the answer depends on did not answer, or not sensibly: the operator's log says what.
pub fn unavailable(error: impl std::fmt::Display, event: &mut Event) -> Reason {
    event.detail = Some(error.to_string());
    Reason::Unavailable
}
