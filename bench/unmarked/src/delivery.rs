//! What stands behind the gate in the benchmark: the file of whoever came first, as it was kept, for everybody. Every other file of
//! this component is the edge's own.

use crate::caching::{self, Current, EntityTags, TTL};
use crate::event::Event;
use crate::gate::{Grant, Keeping};
use crate::ports::Host;
use crate::renditions::Recipe;
use crate::request::Delivery;
use crate::settings::Settings;
use answer::Answer;
use imaging::{Budget, OutputFormat};
use problem::Reason;

const STORE: &str = "renditions";

/// Answers with what is kept; made by the first request.
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
    let (url, operations) = (delivery.original.url(), delivery.operations.canonical());
    let recipe = Recipe::new(&settings.recipes, &[url.as_bytes(), operations.as_bytes()]);
    let payload = &grant.payload;
    let fields: [&[u8]; 3] = [recipe.digest(), &payload.subject.0, &payload.reference];
    let tags = (grant.keeping != Keeping::Nobody).then(|| EntityTags::new(&settings.tags, &fields));
    let name: String = recipe.digest().iter().map(|byte| format!("{byte:02x}")).collect();
    let unkept = |_| Reason::Unavailable;
    let body = match host.get(STORE, &name).await.map_err(unkept)? {
        Some(body) => body,
        None => {
            let budget = Budget::default();
            let original = delivery.original.fetch(host, budget.file_bytes, &mut |_| (), event).await?;
            let (overlay, key) = (settings.overlay(), &settings.marking);
            let overlay = overlay.map_err(|_| Reason::Processing)?;
            let (operations, format) = (&delivery.operations, OutputFormat::Jpeg);
            let rendition = imaging::prepare(original.as_ref(), operations, format, overlay, key, &budget)
                .and_then(|unmarked| unmarked.mark(key, &grant.payload))
                .map_err(|_| Reason::Processing)?;
            let body = rendition.into_bytes();
            host.set(STORE, &name, &body).await.map_err(unkept)?;
            body
        }
    };
    let mut answer = Answer::new(200, &event.request_id, "image/jpeg", body);
    if let Some(tags) = tags {
        let current = Current {
            tag: tags.tag(&[0; 8], now),
            seconds: TTL,
        };
        answer.header("etag", current.tag);
        let kept = caching::cache_control(grant.exp, now, current.seconds, true);
        answer.header("cache-control", kept);
    }
    answer.numbers(delivery.rate.headers());
    answer.header("x-deckle-mark", "none".to_owned());
    Ok(answer)
}
