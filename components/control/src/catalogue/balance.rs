//! `GET /api/v1/balance`: what is left. It costs nothing.

use super::Buyer;
use super::ledger;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use answer::Answer;
use serde::Serialize;

#[derive(Serialize)]
struct Body {
    credit_balance: u64,
}

/// The endpoint.
pub async fn read<H: Host>(context: &Context<'_, H>, buyer: &Buyer) -> Result<Answer, Refusal> {
    let credit_balance = ledger::balance(context.host, &buyer.client_id).await?;
    let mut answer = context.json(200, &Body { credit_balance })?;
    answer.header("x-credits-remaining", credit_balance.to_string());
    Ok(answer)
}
