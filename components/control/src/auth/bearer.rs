//! Who bears an access token.

use super::ISSUER;
use crate::catalogue::Buyer;
use crate::clients::{self, Client};
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use problem::Code;
use token::verify_access;

/// A client that proved who it is, may ask, and has been counted. Only [`authenticate`] makes one.
pub struct Caller {
    client: Client,
}

impl Caller {
    /// The client.
    pub fn client(&self) -> &Client {
        &self.client
    }

    /// The client, as far as the catalogue is concerned.
    pub fn buyer(&self) -> Buyer {
        Buyer {
            client_id: self.client.id.clone(),
            epoch: self.client.epoch,
            scope: self.client.scope.clone(),
            ip_binding: self.client.ip_binding,
        }
    }
}

/// Finds out who calls: the signature first, then the client's row, which can take back what the token says.
pub async fn authenticate<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<Caller, Refusal> {
    let token = bearer_token(request).ok_or(Code::Unauthenticated)?;
    let access = verify_access(context.settings.access(), ISSUER, token, context.seconds())
        .map_err(|e| Refusal::because(Code::Unauthenticated, e))?;
    let bearer = access.bearer();
    let client = clients::find(context.host, &bearer.client_id).await?;
    let client = client.ok_or_else(|| Refusal::because(Code::Unauthenticated, "the token's client does not exist"))?;
    context.event.borrow_mut().client_id = Some(client.id.clone());
    if !client.is_active(context.seconds()) {
        return Err(Code::ClientDisabled.into());
    }
    if bearer.epoch != client.epoch || bearer.scope_hash != client.scope_hash {
        return Err(Refusal::because(
            Code::Unauthenticated,
            "the token is older than the client's epoch or scope",
        ));
    }
    let select = "SELECT COUNT(*) FROM revoked_tokens WHERE id = $1 OR id = $2";
    let ids = [access.jti().to_text().into(), (&bearer.session).into()];
    let rows = context.host.query(select, &ids).await?;
    if rows.first().map_or(Ok(1), |row| row.get::<u64>(0))? > 0 {
        return Err(Refusal::because(Code::Unauthenticated, "the token was revoked"));
    }
    if !client.admits(context.address) {
        return Err(Code::ClientIpNotAllowed.into());
    }
    count(context, &client)?;
    Ok(Caller { client })
}

/// Counts the request in the client's windows.
fn count<H: Host>(context: &Context<'_, H>, client: &Client) -> Result<(), Refusal> {
    let limits = client.limits();
    let increment = |counter: &str, delta| context.host.increment(counter, delta);
    let mut counted = context.counted.borrow_mut();
    match context
        .instance
        .leases
        .count(&client.id, &limits, context.seconds(), increment)?
    {
        Ok(rate) => {
            counted.rate = rate;
            counted.limits = Some((client.id.clone(), limits));
            Ok(())
        }
        Err(limited) => {
            counted.rate = limited.rate;
            Err(Refusal::until(Code::RateLimited, limited.retry_after))
        }
    }
}

/// The token of `Authorization: Bearer` (RFC 6750 section 2.1), where it stands once and nowhere else.
fn bearer_token(request: &Request) -> Option<&str> {
    let elsewhere = request
        .query
        .split('&')
        .any(|pair| pair.split('=').next() == Some("access_token"));
    let mut values = request.values("authorization");
    let (value, None, false) = (values.next()?, values.next(), elsewhere) else {
        return None;
    };
    let (scheme, token) = str::from_utf8(value).ok()?.split_once(' ')?;
    scheme
        .eq_ignore_ascii_case("bearer")
        .then(|| token.trim_start_matches(' '))
}
