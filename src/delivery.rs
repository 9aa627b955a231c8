//! From a request that may have a picture to the answer: keep what the caller has, or take the rendition that is kept, or fetch,
//! render and keep; then mark, and respond. An original that nothing is known of is decoded while it arrives.

use crate::caching::{self, Current, EntityTags, NOT_KEPT, TTL};
use crate::event::Event;
use crate::gate::{Grant, Keeping};
use crate::ports::Host;
use crate::renditions::{Kept, Recipe, Renditions};
use crate::request::Delivery;
use crate::settings::Settings;
use answer::Answer;
use identity::Untraceable;
use imaging::{Budget, OutputFormat, Probe, Rendition, SourceFormat, Unmarked};
use operations::Format;
use problem::Reason;

mod arrival;

use arrival::Arrival;

/// Answers with the picture, or with 304.
///
/// # Errors
/// Whatever keeps the picture from being made. Nothing that is wrong with the store of renditions does.
pub async fn deliver(
    host: &impl Host,
    settings: &Settings,
    grant: &Grant,
    delivery: &Delivery<'_>,
    event: &mut Event,
) -> Result<Answer, Reason> {
    let now = delivery.now / 1000;
    event.source = delivery.original.url().split('?').next().map(str::to_owned);
    event.operations = Some(delivery.operations.canonical());
    let recipe = delivery.recipe(settings);
    let tags = entity_tags(settings, grant, &recipe);
    let condition = delivery.request.if_none_match.as_deref().unwrap_or_default();
    if let Some(current) = tags.as_ref().and_then(|tags| tags.fresh(condition, now)) {
        return Ok(unchanged(&current, grant, delivery, &event.request_id));
    }
    let known = |original, seconds| tags.as_ref().and_then(|tags| tags.of(condition, original, seconds));

    let (started, budget) = (host.now(), Budget::default());
    let mut renditions = Renditions::new(host, settings.shelf.as_ref(), &recipe, now);
    let (kept, seconds, timing) = match renditions.find(event).await {
        Some(kept) => {
            let seconds = caching::seconds_left(kept.read, now);
            if let Some(current) = known(&kept.original, seconds) {
                return Ok(unchanged(&current, grant, delivery, &event.request_id));
            }
            event.kept = true;
            (kept, seconds, format!("kept;dur={}", since(started, host)))
        }
        None => {
            let mut arrival = Arrival::new(&recipe);
            // Otherwise it may turn out to be the original of what the caller has, or of what was kept.
            let unknown = condition.is_empty() && !renditions.compares(event).await;
            if unknown {
                arrival = arrival.decoding(settings, delivery, &budget);
            }
            let mut taker = |arrived: &mut Vec<u8>| arrival.take(arrived);
            let original = delivery
                .original
                .fetch(host, budget.file_bytes, &mut taker, event)
                .await?;
            let (fetch, fetched) = (since(started, host), host.now());
            let fingerprint = arrival.fingerprint(original.as_ref());
            if let Some(current) = known(&fingerprint, TTL) {
                return Ok(unchanged(&current, grant, delivery, &event.request_id));
            }
            let kept = match unknown {
                true => None,
                false => renditions.of(&fingerprint, event).await,
            };
            let unmarked = match kept {
                Some(unmarked) => unmarked,
                None => arrival
                    .finish(original.as_ref())
                    .unwrap_or_else(|| prepare(original.as_ref(), settings, delivery))
                    .map_err(|error| unrendered(error, event))?,
            };
            drop(original);
            let kept = Kept {
                unmarked,
                original: fingerprint,
                read: now,
            };
            renditions.keep(&kept, event).await;
            let render = since(fetched, host);
            (kept, TTL, format!("fetch;dur={fetch}, render;dur={render}"))
        }
    };
    // Nobody need wait for what is made from here on.
    drop(renditions);

    event.seen(&kept.unmarked);
    if delivery.refuses(&kept.unmarked) {
        return Err(Reason::Untraceable);
    }
    let tag = tags.map(|tags| tags.tag(&kept.original, kept.read));
    let rendition = mark(kept.unmarked, settings, grant, event)?;
    let traceable = rendition.is_traceable();
    let mut answer = match tag.map(|tag| Current { tag, seconds }) {
        // The one condition that a picture must be made for: `*` is any, if there is one.
        Some(current) if condition.trim() == "*" => unchanged(&current, grant, delivery, &event.request_id),
        current => changed(rendition, current.as_ref(), grant, delivery, &event.request_id),
    };
    let mark = if traceable { "traceable" } else { "fragile" };
    answer.header("x-deckle-mark", mark.to_owned());
    answer.header("server-timing", timing);
    Ok(answer)
}

impl Delivery<'_> {
    /// Whether the project lets nobody have this, because it cannot be traced.
    fn refuses(&self, unmarked: &Unmarked) -> bool {
        self.project.untraceable == Untraceable::Refuse && !unmarked.is_traceable()
    }

    /// What makes the rendition that is asked for, whoever asks.
    fn recipe(&self, settings: &Settings) -> Recipe {
        // What `f_auto` comes to depends on the original as well, but only on whether it is transparent and whether it moves.
        let outcomes = [(false, 1), (true, 1), (false, 2), (true, 2)].map(|(alpha, frames)| {
            let probe = Probe {
                format: SourceFormat::Jpeg,
                width: 1,
                height: 1,
                alpha,
                orientation: 1,
                frames,
            };
            let accept = self.request.accept.as_deref();
            imaging::negotiate(&self.operations, accept, &probe).format.name()
        });
        let fields = [
            // Two projects may reach one address with different rights.
            self.project.id.as_str(),
            &self.original.url(),
            &self.operations.canonical(),
            &outcomes.join(" "),
            // Where nothing untraceable is served, `f_auto` may come to yet another format.
            self.project.untraceable.as_str(),
        ];
        Recipe::new(&settings.recipes, &fields.map(str::as_bytes))
    }
}

fn since(started: u64, host: &impl Host) -> u64 {
    host.now().saturating_sub(started)
}

/// The entity tags of what the request may be answered with; none where nobody may keep it.
fn entity_tags<'a>(settings: &'a Settings, grant: &Grant, recipe: &Recipe) -> Option<EntityTags<'a>> {
    let payload = &grant.payload;
    let fields: [&[u8]; 5] = [
        recipe.digest(),
        &payload.subject.0,
        &payload.key.0,
        &payload.reference,
        &payload.time.to_be_bytes(),
    ];
    (grant.keeping != Keeping::Nobody).then(|| EntityTags::new(&settings.tags, &fields))
}

/// What is done for everybody.
fn prepare(original: &[u8], settings: &Settings, delivery: &Delivery<'_>) -> Result<Unmarked, imaging::Error> {
    let (operations, accept) = (&delivery.operations, delivery.request.accept.as_deref());
    let probe = imaging::probe(original)?;
    let (overlay, key) = (settings.overlay()?, &settings.marking);
    let make = |format| imaging::prepare(original, operations, format, overlay, key, &Budget::default());
    let format = imaging::negotiate(operations, accept, &probe).format;
    let mut unmarked = make(format)?;
    if operations.format == Some(Format::Auto) {
        // Another format may carry what this one cannot; these are sent to whoever names none.
        for other in [imaging::negotiate(operations, None, &probe).format, OutputFormat::Png] {
            if delivery.refuses(&unmarked) && unmarked.format() != other {
                unmarked = make(other)?;
            }
        }
    }
    Ok(unmarked)
}

/// What is done for the client.
fn mark(unmarked: Unmarked, settings: &Settings, grant: &Grant, event: &mut Event) -> Result<Rendition, Reason> {
    let marked = unmarked.mark(&settings.marking, &grant.payload);
    marked.map_err(|error| unrendered(error, event))
}

fn unrendered(error: imaging::Error, event: &mut Event) -> Reason {
    event.detail = Some(error.to_string());
    match error {
        imaging::Error::Unsupported => Reason::UnsupportedFormat,
        imaging::Error::TooSmall => Reason::TooSmall,
        imaging::Error::Encode | imaging::Error::Overlay => Reason::Processing,
        _ => Reason::Unprocessable,
    }
}

fn changed(
    rendition: Rendition,
    current: Option<&Current>,
    grant: &Grant,
    delivery: &Delivery<'_>,
    request_id: &str,
) -> Answer {
    let answer = Answer::new(200, request_id, rendition.format().media_type(), rendition.into_bytes());
    with_validity(answer, current, grant, delivery)
}

fn unchanged(current: &Current, grant: &Grant, delivery: &Delivery<'_>, request_id: &str) -> Answer {
    with_validity(Answer::not_modified(request_id), Some(current), grant, delivery)
}

/// Adds what a 200 and a 304 have in common (RFC 9110 section 15.4.5).
fn with_validity(mut answer: Answer, current: Option<&Current>, grant: &Grant, delivery: &Delivery<'_>) -> Answer {
    // A shared cache cannot check the page that embeds a picture.
    let for_everybody = grant.keeping == Keeping::Everybody && delivery.project.referers.is_empty();
    match current {
        None => answer.header("cache-control", NOT_KEPT.to_owned()),
        Some(Current { tag, seconds }) => {
            answer.header("etag", tag.clone());
            let kept = caching::cache_control(grant.exp, delivery.now / 1000, *seconds, for_everybody);
            answer.header("cache-control", kept);
        }
    }
    if delivery.operations.format == Some(Format::Auto) {
        answer.header("vary", "Accept".to_owned());
    }
    answer.numbers(delivery.rate.headers());
    answer
}
