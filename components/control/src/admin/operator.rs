use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use admission::{Limit, Window};
use problem::Code;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Requests to the admin API in a minute, from one address. They are counted before the credential is looked at.
const LIMITS: [Limit; 1] = [(Window::Minute, 300)];

/// Checks the operator's credential, `Authorization: Bearer …`.
pub fn authenticate<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<(), Refusal> {
    let expected = context.settings.operator.as_ref().ok_or(Code::NotConfigured)?;
    let address = context
        .address
        .map_or_else(|| "unknown".to_owned(), |address| address.to_string());
    let increment = |counter: &str, delta| context.host.increment(counter, delta);
    let counted = context
        .instance
        .leases
        .count(&format!("admin/{address}"), &LIMITS, context.seconds(), increment)?;
    match counted {
        Ok(rate) => context.counted.borrow_mut().rate = rate,
        Err(limited) => {
            context.counted.borrow_mut().rate = limited.rate;
            return Err(Refusal::until(Code::RateLimited, limited.retry_after));
        }
    }
    let sent = bearer(request).ok_or(Code::Unauthenticated)?;
    // Digests have one length, so that nothing about the credential's length can be measured either.
    let (sent, expected) = (Sha256::digest(sent), Sha256::digest(expected.expose()));
    if !bool::from(sent.as_slice().ct_eq(expected.as_slice())) {
        return Err(Code::Unauthenticated.into());
    }
    context.event.borrow_mut().operator = true;
    Ok(())
}

/// The token of the one `Authorization` header. Its scheme is compared without case (RFC 9110 section 11.1).
fn bearer(request: &Request) -> Option<&str> {
    let header = request.header("authorization").ok()??;
    let (scheme, token) = header.split_once(' ')?;
    scheme.eq_ignore_ascii_case("bearer").then_some(token)
}
