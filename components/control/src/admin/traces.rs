//! Leaked pictures: in, out to whoever traces them, and what was found.

use super::Page;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::traces::{self, Outcome};
use answer::Answer;
use problem::Code;
use serde::Deserialize;
use serde_json::{Map, Value, json};

/// What a worker says at the end.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Finish {
    /// The `attempts` of the job when it was claimed.
    attempt: i64,
    result: Option<Map<String, Value>>,
    error: Option<String>,
}

/// Longest word that says why a picture could not be traced.
const MAX_ERROR: usize = 64;

/// `POST /admin/trace`: takes a picture in, and says where its findings will be.
pub async fn create<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    let media_type = request.header("content-type")?.unwrap_or_default();
    if !media_type.starts_with("image/") && media_type != "application/octet-stream" {
        return Err(Code::UnsupportedMediaType.into());
    }
    let job = traces::upload(context.host, request.body).await?;
    let mut answer = context.json(202, &json!({ "trace": job.shown() }))?;
    answer.header("location", format!("/admin/trace/{}", job.id));
    Ok(answer)
}

/// `GET /admin/trace?after=&limit=`: newest first.
pub async fn list<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<Answer, Refusal> {
    let page = Page::read(&request.query, &[])?;
    let jobs = traces::list(context.host, page.before()?, page.more()).await?;
    let shown: Vec<Value> = jobs.iter().take(page.limit).map(traces::Job::shown).collect();
    let last = (jobs.len() > page.limit).then(|| jobs.get(page.limit.saturating_sub(1)));
    let next = last.flatten().map(|job| job.created_at.to_string());
    context.json(200, &json!({ "traces": shown, "next": next }))
}

/// `GET /admin/trace/{id}`
pub async fn read<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Answer, Refusal> {
    let job = traces::find(context.host, id).await?.ok_or(Code::NotFound)?;
    context.json(200, &json!({ "trace": job.shown() }))
}

/// `POST /admin/trace/claim`: gives the caller a picture to trace, if one waits.
pub async fn claim<H: Host>(context: &Context<'_, H>) -> Result<Answer, Refusal> {
    let job = traces::claim(context.host, context.now).await?;
    context.json(200, &json!({ "trace": job.map(|job| job.shown()) }))
}

/// `GET /admin/trace/{id}/file`: the picture, until it was traced. Nothing is to take it for anything but bytes.
pub async fn file<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Answer, Refusal> {
    let file = match traces::find(context.host, id).await? {
        Some(_) => traces::read(context.host, id).await?,
        None => None,
    };
    let file = file.ok_or(Code::NotFound)?;
    let mut answer = Answer::new(200, context.request_id, "application/octet-stream", file);
    answer.header("cache-control", "no-store".to_owned());
    Ok(answer)
}

/// `POST /admin/trace/{id}/result`: what came of it, from whoever claimed it last.
pub async fn finish<H: Host>(context: &Context<'_, H>, id: &str, request: Request) -> Result<Answer, Refusal> {
    let Finish { attempt, result, error } = request.json(Code::BadRequest).await?;
    let word =
        |text: &str| (1..=MAX_ERROR).contains(&text.len()) && text.bytes().all(|b| b == b'-' || b.is_ascii_lowercase());
    let outcome = match (result, error) {
        (Some(result), None) => Outcome::Found(Value::Object(result).to_string()),
        (None, Some(error)) if word(&error) => Outcome::Failed(error),
        _ => return Err(Code::BadRequest.into()),
    };
    match traces::finish(context.host, id, attempt, outcome, context.now).await? {
        Some(job) => context.json(200, &json!({ "trace": job.shown() })),
        None => Err(Code::NotFound.into()),
    }
}
