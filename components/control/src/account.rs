//! `GET /api/v1/account`: what a client is told of itself.

use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use answer::Answer;
use problem::Code;

/// The endpoint.
pub async fn read<H: Host>(_context: &Context<'_, H>) -> Result<Answer, Refusal> {
    Err(Code::Unauthenticated.into())
}
