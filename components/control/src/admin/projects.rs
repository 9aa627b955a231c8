//! Projects: which pages may embed their pictures, and what their presets stand for.

use super::Page;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use answer::Answer;
use identity::{ProjectRecord, Untraceable};
use netaddr::DomainRule;
use problem::Code;
use serde::Deserialize;
use serde_json::{Value, json};
use std::collections::BTreeMap;

/// Most entries of a list, and presets.
const MOST: usize = 200;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct New {
    slug: String,
    referers: Option<Vec<String>>,
    allow_empty_referer: Option<bool>,
    presets: Option<BTreeMap<String, String>>,
    untraceable: Option<Untraceable>,
}

/// What of a project can be changed. Members that are absent stay as they are.
#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Change {
    referers: Option<Vec<String>>,
    allow_empty_referer: Option<bool>,
    presets: Option<BTreeMap<String, String>>,
    untraceable: Option<Untraceable>,
}

/// `GET /admin/projects`
pub async fn list<H: Host>(context: &Context<'_, H>, request: &Request) -> Result<Answer, Refusal> {
    let page = Page::read(&request.query, &[])?;
    let statement = "SELECT id, slug FROM projects WHERE slug > $1 ORDER BY slug LIMIT $2";
    let rows = context
        .host
        .query(statement, &[(&page.after).into(), page.more().into()])
        .await?;
    let mut projects = Vec::new();
    for row in rows.iter().take(page.limit) {
        let (id, slug): (String, String) = (row.get(0)?, row.get(1)?);
        projects.push((
            slug,
            read_record(context, &id)
                .await?
                .map_or(Value::Null, |project| shown(&project)),
        ));
    }
    let next = (rows.len() > page.limit)
        .then(|| projects.last().map(|(slug, _)| slug.clone()))
        .flatten();
    let projects: Vec<Value> = projects.into_iter().map(|(_, project)| project).collect();
    context.json(200, &json!({ "projects": projects, "next": next }))
}

/// `POST /admin/projects`
pub async fn create<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    let new: New = request.json(Code::BadRequest).await?;
    let Some(mut project) = ProjectRecord::named(&new.slug) else {
        return Err(Code::Unprocessable.into());
    };
    if read_record(context, &project.id).await?.is_some() {
        return Err(Code::Conflict.into());
    }
    let change = Change {
        referers: new.referers,
        allow_empty_referer: new.allow_empty_referer,
        presets: new.presets,
        untraceable: new.untraceable,
    };
    apply(&mut project, change)?;
    keep(context, &project).await?;
    context.json(201, &json!({ "project": shown(&project) }))
}

/// `GET /admin/projects/{slug}`
pub async fn read<H: Host>(context: &Context<'_, H>, slug: &str) -> Result<Answer, Refusal> {
    let project = find(context, slug).await?;
    context.json(200, &json!({ "project": shown(&project) }))
}

/// `PATCH /admin/projects/{slug}`
pub async fn change<H: Host>(context: &Context<'_, H>, slug: &str, request: Request) -> Result<Answer, Refusal> {
    let change: Change = request.json(Code::BadRequest).await?;
    let mut project = find(context, slug).await?;
    apply(&mut project, change)?;
    keep(context, &project).await?;
    context.json(200, &json!({ "project": shown(&project) }))
}

/// The project with this slug; 404 if there is none.
pub async fn find<H: Host>(context: &Context<'_, H>, slug: &str) -> Result<ProjectRecord, Refusal> {
    // The id follows from the slug, however the project was made.
    let named = ProjectRecord::named(slug).ok_or(Code::NotFound)?;
    read_record(context, &named.id).await?.ok_or(Code::NotFound.into())
}

/// First the list, then the record that counts: what fails in between is healed by asking again.
async fn keep<H: Host>(context: &Context<'_, H>, project: &ProjectRecord) -> Result<(), Refusal> {
    let statement = "INSERT INTO projects (id, slug, created_at) VALUES ($1, $2, $3) ON CONFLICT (id) DO NOTHING";
    let row = [(&project.id).into(), (&project.slug).into(), context.seconds().into()];
    context.host.execute(statement, &row).await?;
    context
        .host
        .set(&ProjectRecord::name_of(&project.id), &project.to_bytes())
        .await?;
    Ok(())
}

async fn read_record<H: Host>(context: &Context<'_, H>, id: &str) -> Result<Option<ProjectRecord>, Refusal> {
    let Some(bytes) = context.host.get(&ProjectRecord::name_of(id)).await? else {
        return Ok(None);
    };
    let project = ProjectRecord::from_bytes(id, &bytes).map_err(|e| Refusal::because(Code::Unavailable, e))?;
    Ok(Some(project))
}

fn apply(project: &mut ProjectRecord, change: Change) -> Result<(), Refusal> {
    if let Some(referers) = change.referers {
        project.referers = readable(referers, |domain| DomainRule::parse(domain).is_ok())?;
    }
    project.allow_empty_referer = change.allow_empty_referer.unwrap_or(project.allow_empty_referer);
    project.untraceable = change.untraceable.unwrap_or(project.untraceable);
    if let Some(presets) = change.presets {
        let good =
            |(name, text): (&String, &String)| operations::is_preset_name(name) && operations::parse(text).is_ok();
        if presets.len() > MOST || !presets.iter().all(good) {
            return Err(Code::Unprocessable.into());
        }
        project.presets = presets;
    }
    Ok(())
}

/// A list of entries that the edge will be able to read.
pub fn readable(list: Vec<String>, reads: impl Fn(&str) -> bool) -> Result<Vec<String>, Refusal> {
    match list.len() <= MOST && list.iter().all(|entry| reads(entry)) {
        true => Ok(list),
        false => Err(Code::Unprocessable.into()),
    }
}

fn shown(project: &ProjectRecord) -> Value {
    json!({
        "project": project.slug, "id": project.id, "referers": project.referers,
        "allow_empty_referer": project.allow_empty_referer, "presets": project.presets,
        "untraceable": project.untraceable,
    })
}
