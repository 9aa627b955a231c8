//! Version 1: `/api/v1/{slug}/{operations}/{source}?key=…&sig=…[&exp=…]`, with the specification's order of checks and texts.

use super::{Context, Grant, Keeping, find_key, malformed, mark_of_url, no_secret, rules, secret_of};
use crate::event::Event;
use crate::ports::Host;
use identity::KeyState;
use problem::Reason;
use signed_url::{Error, Unverified};

pub async fn open<H: Host>(
    context: &Context<'_, H>,
    path: &str,
    query: &str,
    event: &mut Event,
) -> Result<Grant, Reason> {
    let url = Unverified::parse(path, query).map_err(malformed)?;
    let found = match url.key() {
        Some(key) => find_key(context, key.as_str(), event).await?,
        None => None,
    };
    let Some((key, state)) = found else {
        let _ = url.verify(&no_secret(context.settings), &signed_url::Rules::default(), context.now);
        return Err(Reason::UnknownKey);
    };
    match state {
        KeyState::Revoked => return Err(Reason::RevokedKey),
        KeyState::Expired => return Err(Reason::ExpiredKey),
        KeyState::Live if key.project.slug != url.slug() => return Err(Reason::WrongProject),
        KeyState::Live => {}
    }
    let secret = secret_of(context.settings, &key, event)?;
    let url = url.verify(&secret, &rules(&key), context.now).map_err(|error| {
        event.detail = Some(error.to_string());
        match error {
            Error::Path => Reason::InvalidPath,
            _ => Reason::InvalidSignature,
        }
    })?;
    Ok(Grant {
        payload: mark_of_url(&key, &key.client_id, url.reference(), url.exp()),
        operations: url.operations().to_owned(),
        source: url.source().to_owned(),
        exp: url.exp(),
        keeping: Keeping::Everybody,
        claim: None,
        minted: None,
        key,
    })
}
