//! Making a pair of tokens.

use super::ISSUER;
use crate::clients::Client;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use answer::Answer;
use credentials::{Hash, REFRESH_LIFETIME, RefreshToken};
use problem::Code;
use serde::Serialize;
use token::{ACCESS_LIFETIME, Bearer, Jti, mint_access};

/// The body of an answer with tokens.
#[derive(Serialize)]
struct Pair<'a> {
    access_token: &'a str,
    refresh_token: &'a str,
    token_type: &'static str,
    expires_in: u64,
}

/// A family of refresh tokens, as its tokens name it.
pub struct Session {
    /// Its id.
    pub family: String,
    /// The client's epoch when it began.
    pub epoch: u64,
}

/// Stores a new refresh token of a family. Until the family says that it is current, it is good for nothing.
pub async fn store<H: Host>(context: &Context<'_, H>, family: &str) -> Result<RefreshToken, Refusal> {
    let (host, now) = (context.host, context.seconds());
    let token = RefreshToken::new(host.random(), host.random());
    let hash = Hash::new(token.verifier(), host.random()).to_text();
    let insert =
        "INSERT INTO refresh_tokens (selector, family_id, hash, created_at, expires_at) VALUES ($1, $2, $3, $4, $5)";
    let expires_at = now.saturating_add(REFRESH_LIFETIME);
    let values = [
        token.selector().into(),
        family.into(),
        hash.into(),
        now.into(),
        expires_at.into(),
    ];
    host.execute(insert, &values).await?;
    Ok(token)
}

/// The answer with a refresh token that is current, and an access token of its session.
pub fn answer<H: Host>(
    context: &Context<'_, H>,
    client: &Client,
    session: Session,
    refresh: &RefreshToken,
) -> Result<Answer, Refusal> {
    let bearer = Bearer {
        client_id: client.id.clone(),
        tier: client.tier.name().to_owned(),
        scope_hash: client.scope_hash.clone(),
        epoch: session.epoch,
        session: session.family,
    };
    let jti = Jti::new(context.host.random());
    let access = mint_access(context.settings.access(), ISSUER, &bearer, jti, context.seconds())
        .map_err(|e| Refusal::because(Code::InternalError, e))?;
    let mut answer = context.json(
        200,
        &Pair {
            access_token: access.expose(),
            refresh_token: refresh.expose(),
            token_type: "Bearer",
            expires_in: ACCESS_LIFETIME,
        },
    )?;
    // RFC 6749 section 5.1.
    answer.header("pragma", "no-cache".to_owned());
    Ok(answer)
}
