//! `POST /api/v1/auth/token`: tokens for a client id and an API key.

use super::attempts::Attempt;
use super::issue::{self, Session};
use super::limits::{self, network};
use super::sweep::sweep;
use crate::clients;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use answer::Answer;
use credentials::{Hash, family_id};
use problem::Code;
use secret::SecretText;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Credentials {
    client_id: Option<String>,
    api_key: Option<String>,
}

/// The endpoint. An unknown client and a wrong key are told apart by nothing: both cost a hash and a failure.
pub async fn token<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    limits::count(context, limits::TOKEN_BY_ADDRESS, &network(context.address))?;
    let body: Credentials = request.json(Code::MissingCredentials).await?;
    let api_key = body.api_key.map(SecretText::new);
    let (Some(id), Some(api_key)) = (body.client_id.filter(|id| !id.is_empty()), api_key) else {
        return Err(Code::MissingCredentials.into());
    };
    if api_key.expose().is_empty() {
        return Err(Code::MissingCredentials.into());
    }
    limits::count(context, limits::TOKEN_BY_CLIENT, &id)?;
    let attempt = Attempt::begin(context, &id).await?;

    let client = clients::find(context.host, &id).await?;
    let hash = client
        .as_ref()
        .map_or_else(Hash::nobody, |client| client.key.hash.clone());
    let proved = hash.matches(api_key.expose());
    let Some(client) = client.filter(|_| proved) else {
        attempt.failed(context).await?;
        return Err(Code::InvalidCredentials.into());
    };
    context.event.borrow_mut().client_id = Some(client.id.clone());
    attempt.succeeded(context).await?;
    if !client.is_active(context.seconds()) || client.key.quarantined {
        return Err(Code::ClientDisabled.into());
    }
    if !client.admits(context.address) {
        return Err(Code::ClientIpNotAllowed.into());
    }

    let session = Session {
        family: family_id(context.host.random()),
        epoch: client.epoch,
    };
    let refresh = issue::store(context, &session.family).await?;
    let insert = "INSERT INTO refresh_families (id, client_id, epoch, current, created_at) VALUES ($1, $2, $3, $4, $5)";
    let values = [
        (&session.family).into(),
        (&client.id).into(),
        session.epoch.into(),
        refresh.selector().into(),
        context.seconds().into(),
    ];
    context.host.execute(insert, &values).await?;
    sweep(context).await;
    issue::answer(context, &client, session, &refresh)
}
