//! Version 2: `/v2/{slug}/{operations}/{source}?kid=…&exp=…[&nbf=…][&sub=…][&once=…][&ip=…]&sig=…`.
//!
//! Whatever is wrong with the proof itself, from an unknown key to another address, is answered alike: nobody learns by
//! asking which keys exist or how near a guess was.

use super::{Context, Grant, Keeping, find_key, malformed, mark_of_request, mark_of_url, no_secret, rules, secret_of};
use crate::event::Event;
use crate::ports::Host;
use admission::Claim;
use identity::{KeyRecord, KeyState};
use netaddr::Binding;
use problem::Reason;
use sha2::{Digest, Sha256};
use signed_url::v2::Unverified;
use signed_url::{Error, Rules};
use watermark::Subject;

pub async fn open<H: Host>(
    context: &Context<'_, H>,
    path: &str,
    query: &str,
    event: &mut Event,
) -> Result<Grant, Reason> {
    let url = Unverified::parse(path, query).map_err(refused)?;
    let found = find_key(context, url.kid().as_str(), event).await?;
    let usable = found.filter(|(key, state)| *state == KeyState::Live && key.project.slug == url.slug());
    let Some((key, _)) = usable else {
        let _ = url.verify(&no_secret(context.settings), &Rules::default(), context.now);
        event.detail = Some("no such key, or one that does not work here".to_owned());
        return Err(Reason::InvalidSignature);
    };
    let secret = secret_of(context.settings, &key, event)?;
    let url = url.verify(&secret, &rules(&key), context.now).map_err(|error| {
        event.detail = Some(error.to_string());
        refused(error)
    })?;
    if let Some(bound) = url.ip() {
        // A client whose address is not known is not the one that the URL is bound to.
        let same = context
            .client
            .is_some_and(|client| Binding::default().admits(&bound, client));
        if !same {
            event.detail = Some("the URL is bound to another address".to_owned());
            return Err(Reason::InvalidSignature);
        }
    }
    let subject = url.subject().unwrap_or(&key.client_id);
    event.viewer = url.subject().map(|viewer| Subject::of(viewer).0);
    let claim = url
        .once()
        .map(|once| Claim::new(claim_id(&key, once), url.exp().unwrap_or(0)));
    let payload = match claim {
        Some(_) => mark_of_request(context, &key, subject),
        None => mark_of_url(&key, subject, url.reference(), url.exp()),
    };
    let keeping = match (&claim, url.ip(), url.subject()) {
        (None, None, None) => Keeping::Everybody,
        (None, None, Some(_)) => Keeping::Viewer,
        _ => Keeping::Nobody,
    };
    Ok(Grant {
        operations: url.operations().to_owned(),
        source: url.source().to_owned(),
        exp: url.exp(),
        payload,
        keeping,
        claim,
        minted: None,
        key,
    })
}

/// The identifiers of one key are its own: two keys may use the same.
fn claim_id(key: &KeyRecord, once: &str) -> [u8; 16] {
    let digest = Sha256::new()
        .chain_update(&key.public_key)
        .chain_update([0])
        .chain_update(once)
        .finalize();
    std::array::from_fn(|i| digest[i])
}

fn refused(error: Error) -> Reason {
    match error {
        Error::Query(error) => malformed(error),
        Error::Path => Reason::InvalidPath,
        _ => Reason::InvalidSignature,
    }
}
