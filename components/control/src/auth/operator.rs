//! The operator of the deployment.

use super::limits::{self, network};
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use problem::Code;
use sha2::{Digest, Sha256};
use subtle::ConstantTimeEq;

/// Checks the operator's credential, `Authorization: Bearer` followed by the variable `operator_token`.
pub fn check<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<(), Refusal> {
    let operator = context.settings.operator.as_ref().ok_or(Code::NotConfigured)?;
    let mut values = request.values("authorization");
    let sent = match (values.next(), values.next()) {
        (Some(value), None) => value.strip_prefix(b"Bearer "),
        _ => None,
    };
    // Digests have one length, so that the comparison says nothing about the credential's.
    let (sent, known) = (
        Sha256::digest(sent.unwrap_or_default()),
        Sha256::digest(operator.expose()),
    );
    match sent.ct_eq(&known).into() {
        true => Ok(()),
        false => {
            limits::count(context, limits::OPERATOR_BY_ADDRESS, &network(context.address))?;
            Err(Code::Unauthenticated.into())
        }
    }
}
