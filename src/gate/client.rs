//! What the accountable client's record has to say of a request, after its proof. The control component publishes the record.

use super::{Context, Grant, Minted, unavailable};
use crate::event::Event;
use crate::ports::{Host, RECORDS};
use identity::ClientRecord;
use netaddr::Binding;
use operations::AllowRule;
use problem::Reason;

/// Holds a proved request to its client's record: one read. A key can be made for a client that has none, and its signed URLs
/// then have the key's terms alone; a token is only ever minted for a client that has one.
///
/// # Errors
/// [`Reason::ClientDisabled`]; what the record does not allow is refused as if the key did not allow it.
pub async fn hold<H: Host>(context: &Context<'_, H>, grant: &mut Grant, event: &mut Event) -> Result<(), Reason> {
    let client = find(context, &grant.key.client_id, event).await?;
    if client
        .as_ref()
        .is_some_and(|client| !client.is_active(context.now / 1000))
    {
        return Err(Reason::ClientDisabled);
    }
    match (&grant.minted, client) {
        (None, None) => Ok(()),
        (None, Some(client)) => hold_signed_url(context, grant, &client, event),
        (Some(minted), Some(client)) if minted.epoch == client.epoch => hold_address(context, minted, &client, event),
        (Some(_), _) => {
            event.detail = Some("the token's client does not exist, or has another epoch".to_owned());
            Err(Reason::InvalidSignature)
        }
    }
}

async fn find<H: Host>(context: &Context<'_, H>, id: &str, event: &mut Event) -> Result<Option<ClientRecord>, Reason> {
    let stored = context.host.get(RECORDS, &ClientRecord::name_of(id)).await;
    let Some(stored) = stored.map_err(|e| unavailable(e, event))? else {
        return Ok(None);
    };
    let client = ClientRecord::from_bytes(id, &stored).map_err(|e| unavailable(e, event))?;
    Ok(Some(client))
}

/// The client chose what it signed, so that its record bounds it as the key does. A token's operations are the deployment's.
fn hold_signed_url<H>(
    context: &Context<'_, H>,
    grant: &mut Grant,
    client: &ClientRecord,
    event: &mut Event,
) -> Result<(), Reason> {
    if let Some(most) = client.max_lifetime {
        let latest = (context.now / 1000).saturating_add(most);
        // A URL that never expires outlives any lifetime.
        if grant.exp.is_none_or(|exp| exp > latest) {
            event.detail = Some("the URL lives longer than the client allows".to_owned());
            return Err(Reason::InvalidSignature);
        }
    }
    if client.only_presets {
        match &mut grant.key.operations {
            Some(allowed) => {
                allowed.retain(|rule| AllowRule::parse(rule).is_ok_and(|rule| rule.is_of_presets()));
            }
            allowed => *allowed = Some(vec!["preset".to_owned()]),
        }
    }
    Ok(())
}

/// How much of the address has to agree is the client's setting.
fn hold_address<H>(
    context: &Context<'_, H>,
    minted: &Minted,
    client: &ClientRecord,
    event: &mut Event,
) -> Result<(), Reason> {
    let Some(bound) = minted.address else { return Ok(()) };
    let binding = Binding::new(client.ip_prefix_v4, client.ip_prefix_v6).map_err(|e| unavailable(e, event))?;
    match context.client {
        Some(address) if binding.same(bound, address) => Ok(()),
        _ => Err(Reason::AddressMismatch),
    }
}
