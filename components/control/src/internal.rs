//! Routes for the other components of the application: no host serves them to anybody else.

use crate::audit_log;
use crate::chores;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use answer::Answer;
use audit::{Parcel, Writer};
use problem::Code;

/// Most bytes of a parcel.
const MAX_PARCEL: usize = 256 * 1024;

/// `POST /internal/events`: a parcel of the image component's events.
pub async fn events<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    let tag = request.header(Parcel::HEADER)?.unwrap_or_default().to_owned();
    let body = request.body.bytes(MAX_PARCEL).await?;
    let key = &context.settings.audit;
    // To a caller without the key there is nothing here.
    let events = Parcel::open(&body, &tag, key).map_err(|e| Refusal::because(Code::NotFound, e))?;
    if events.iter().any(|event| event.writer != Writer::Edge) {
        return Err(Refusal::because(
            Code::NotFound,
            "a parcel with another component's events",
        ));
    }
    audit_log::append(context.host, key, &events).await?;
    context.json(200, &serde_json::json!({ "events": events.len() }))
}

/// `POST /internal/chores`: does what is due, for a schedule of the deployment.
pub async fn chores<H: Host>(context: &Context<'_, H>) -> Result<Answer, Refusal> {
    chores::all(context.host, context.settings).await?;
    context.json(200, &serde_json::json!({ "done": true }))
}
