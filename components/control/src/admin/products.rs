//! The catalogue, from a file.

use crate::catalogue::import;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use answer::Answer;
use catalogue::Format;
use problem::Code;

/// `POST /admin/products/import`, `text/csv` or `application/x-ndjson`: reads the file as it arrives, and reports each bad row.
pub async fn import<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    let format = request.header("content-type")?.and_then(Format::of_media_type);
    let format = format.ok_or(Code::UnsupportedMediaType)?;
    let (host, terms) = (context.host, &context.settings.terms);
    let report = import::import(host, terms, format, request.body, context.seconds()).await?;
    context.json(200, &report)
}
