//! One-shot image URLs: `/i/{token}`, good for one picture, once, from one address.

use super::{Context, Grant, Keeping, Minted, find_key, mark_of_request};
use crate::event::Event;
use crate::ports::Host;
use admission::Claim;
use identity::KeyState;
use problem::Reason;

/// Who makes the tokens: this deployment itself.
pub const ISSUER: &str = "deckle";

pub async fn open<H: Host>(
    context: &Context<'_, H>,
    token: &str,
    query: &str,
    event: &mut Event,
) -> Result<Grant, Reason> {
    if !query.is_empty() {
        return Err(Reason::InvalidQuery);
    }
    let verified = token::verify(context.settings.tokens(), ISSUER, token, context.now / 1000);
    let one_shot = verified.map_err(|error| {
        event.detail = Some(error.to_string());
        Reason::InvalidSignature
    })?;
    let grant = one_shot.grant();
    // Revoking the client's key ends its tokens.
    let found = find_key(context, &grant.public_key, event).await?;
    let usable = found.filter(|(key, state)| *state == KeyState::Live && key.client_id == grant.client_id);
    let Some((key, _)) = usable else {
        event.detail = Some("the client's key does not exist or does not work".to_owned());
        return Err(Reason::InvalidSignature);
    };
    Ok(Grant {
        operations: grant.operations.clone(),
        source: grant.source.clone(),
        exp: Some(one_shot.exp()),
        payload: mark_of_request(context, &key, &key.client_id),
        keeping: Keeping::Nobody,
        claim: Some(Claim::new(one_shot.jti().bytes(), one_shot.exp())),
        minted: Some(Minted {
            epoch: grant.epoch,
            address: grant.address,
        }),
        key,
    })
}
