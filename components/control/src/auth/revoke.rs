//! `POST /api/v1/auth/revoke`: ends a token before its time (RFC 7009).

use super::ISSUER;
use super::limits::{self, network};
use super::refresh::Stored;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use answer::Answer;
use credentials::RefreshToken;
use problem::Code;
use secret::SecretText;
use serde::Deserialize;
use token::{ACCESS_LIFETIME, LEEWAY, verify_access};

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    token: Option<String>,
    /// A token says itself of which kind it is.
    #[serde(rename = "token_type_hint")]
    _hint: Option<String>,
}

/// The endpoint. Whoever holds a token may end it; a token that means nothing is ended already (RFC 7009 section 2.2).
pub async fn revoke<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    limits::count(context, limits::REVOKE_BY_ADDRESS, &network(context.address))?;
    let body: Body = request.json(Code::BadRequest).await?;
    let text = SecretText::new(body.token.ok_or(Code::BadRequest)?);
    if let Some(token) = RefreshToken::parse(text.expose()) {
        revoke_family(context, &token).await?;
    } else if let Ok(access) = verify_access(context.settings.access(), ISSUER, text.expose(), context.seconds()) {
        context.event.borrow_mut().client_id = Some(access.bearer().client_id.clone());
        let until = access.exp().saturating_add(LEEWAY);
        block(context, &access.jti().to_text(), until).await?;
    }
    context.json(200, &serde_json::json!({}))
}

/// Ends a family, and the access tokens that were made with it (RFC 7009 section 2.1).
async fn revoke_family<H: Host>(context: &Context<'_, H>, token: &RefreshToken) -> Result<(), Refusal> {
    let Some(stored) = Stored::find(context.host, token).await? else {
        return Ok(());
    };
    limits::count(context, limits::REFRESH_BY_CLIENT, &stored.client_id)?;
    if !stored.hash.matches(token.verifier()) {
        return Ok(());
    }
    context.event.borrow_mut().client_id = Some(stored.client_id.clone());
    let now = context.seconds();
    let update = "UPDATE refresh_families SET revoked_at = $1 WHERE id = $2 AND revoked_at IS NULL";
    context
        .host
        .execute(update, &[now.into(), (&stored.family_id).into()])
        .await?;
    block(context, &stored.family_id, now + ACCESS_LIFETIME + LEEWAY).await
}

/// Ends access tokens by their id or their session, until they would have ended themselves.
async fn block<H: Host>(context: &Context<'_, H>, id: &str, until: u64) -> Result<(), Refusal> {
    let insert = "INSERT INTO revoked_tokens (id, expires_at) VALUES ($1, $2) ON CONFLICT (id) DO NOTHING";
    context.host.execute(insert, &[id.into(), until.into()]).await?;
    Ok(())
}
