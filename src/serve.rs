//! The path of a request. Each step's result is what the next one needs, so the order cannot be broken by accident:
//! accept, throttle, verify, hold to the client's record, parse, find the project, resolve presets, count, referer and source, claim, deliver.

use crate::admit;
use crate::caching::NOT_KEPT;
use crate::delivery::deliver;
use crate::event::{Answered, Event};
use crate::gate::{self, Context, unavailable};
use crate::origin::{Original, Wanted, any_matches};
use crate::ports::{Host, RECORDS};
use crate::request::{Delivery, Request};
use crate::settings::Settings;
use admission::{Leases, Limited, Throttle};
use answer::Answer;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{KeyRecord, ProjectRecord};
use netaddr::{client_behind_proxies, referer_origin};
use operations::Segment;
use problem::Reason;
use std::sync::{MutexGuard, PoisonError};

/// Longest request target, in bytes. It is judged before anything is parsed.
const MAX_TARGET: usize = 8192;

/// Why a request ends without a picture.
enum Refusal {
    Problem(Reason),
    Limited(Limited),
    /// The caller's address failed too often: the request was not looked at.
    Throttled {
        /// Seconds until it is.
        retry_after: u64,
    },
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self::Problem(reason)
    }
}

/// Answers one request, and logs it.
///
/// `settings` is the deployment's configuration, or what is wrong with it: then nothing is served.
pub async fn serve(host: &impl Host, leases: &Leases, settings: Result<&Settings, &str>, request: &Request) -> Answer {
    let random = host.random();
    let mut event = Event {
        request_id: format!("req_{}", URL_SAFE_NO_PAD.encode(random)),
        ..Event::default()
    };
    let reference = std::array::from_fn(|i| random[i]);
    let (answer, error) = match picture(host, leases, settings, request, reference, &mut event).await {
        Ok(answer) => (answer, None),
        Err(Refusal::Problem(reason)) => (refused(reason, &event.request_id), Some(reason)),
        Err(Refusal::Limited(limited)) => (too_many(&limited, &event.request_id), Some(Reason::RateLimited)),
        Err(Refusal::Throttled { retry_after }) => {
            let mut answer = refused(Reason::AddressLimited, &event.request_id);
            answer.header("retry-after", retry_after.to_string());
            (answer, Some(Reason::AddressLimited))
        }
    };
    let error = error.map(|reason| reason.entry().1);
    host.log(&event.line(answer.status, error, answer.body.len(), host.now()));
    if settings.is_ok_and(|settings| settings.audit.is_some()) {
        let answered = Answered {
            random,
            status: answer.status,
            error,
        };
        host.audit(event.audited(request, &answered, host.now()));
    }
    answer
}

fn refused(reason: Reason, request_id: &str) -> Answer {
    let mut answer = Answer::problem(reason, request_id);
    if reason == Reason::Method {
        answer.header("allow", "GET, HEAD".to_owned());
    }
    answer
}

fn too_many(limited: &Limited, request_id: &str) -> Answer {
    let mut answer = Answer::problem(Reason::RateLimited, request_id);
    answer.header("retry-after", limited.retry_after.to_string());
    answer.numbers(limited.rate.headers());
    answer
}

async fn picture(
    host: &impl Host,
    leases: &Leases,
    settings: Result<&Settings, &str>,
    request: &Request,
    reference: [u8; 8],
    event: &mut Event,
) -> Result<Answer, Refusal> {
    accept(request)?;
    let settings = settings.map_err(|wrong| {
        event.detail = Some(wrong.to_owned());
        Reason::Processing
    })?;
    let forwarded = request.forwarded.iter().map(Vec::as_slice);
    let client = request
        .peer
        .map(|peer| client_behind_proxies(peer, forwarded, &settings.trusted_proxies));
    event.client = client;

    let now = host.now();
    let throttled = client.and_then(|client| throttle(settings).refuses(client, settings.address_limit, now / 1000));
    if let Some(retry_after) = throttled {
        return Err(Refusal::Throttled { retry_after });
    }
    let opened = gate::open(
        &Context {
            host,
            settings,
            now,
            client,
            reference,
        },
        request,
        event,
    )
    .await;
    if let (Err(reason), Some(client)) = (&opened, client)
        && reason.is_failed_proof()
    {
        throttle(settings).failed(client, now / 1000);
    }
    let grant = opened?;
    let segment = Segment::parse(&grant.operations).map_err(|error| unresolved(error, event))?;
    let wanted = Wanted::parse(&grant.source, settings).map_err(|_| Reason::InvalidSource)?;

    let project = find_project(host, &grant.key, event).await?;
    let operations = segment
        .resolve(&project.presets, grant.key.operations.as_deref())
        .map_err(|error| unresolved(error, event))?;
    let rate = admit::count(host, leases, &grant.key, now / 1000, event)?.map_err(Refusal::Limited)?;
    check_referer(&project, request.referer.as_deref())?;
    if !wanted.is_allowed(settings, &grant.key) {
        return Err(Reason::SourceDomain.into());
    }
    let original = Original::find(settings, &project, wanted, event)?;

    let delivery = Delivery {
        operations,
        original,
        request,
        now,
        rate,
        project: &project,
    };
    let Some(claim) = grant.claim.clone() else {
        return Ok(deliver(host, settings, &grant, &delivery, event).await?);
    };
    if let Some(answer) = without_use(request, &event.request_id) {
        return Ok(answer);
    }
    delivery.original.check(host, event)?;
    let won = admit::claim(host, claim, event).await?;
    match deliver(host, settings, &grant, &delivery, event).await {
        Ok(answer) => Ok(answer),
        Err(reason) => {
            // No byte of the picture was sent.
            admit::release(host, won, event).await;
            Err(reason.into())
        }
    }
}

/// What the instance counted of failed authentications.
fn throttle(settings: &Settings) -> MutexGuard<'_, Throttle> {
    // A lock is poisoned by a panic, and a panic ends the instance.
    settings.throttle.lock().unwrap_or_else(PoisonError::into_inner)
}

/// Refuses what is too long, or neither GET nor HEAD on one of our paths.
fn accept(request: &Request) -> Result<(), Reason> {
    if request.path.len() + request.query.len() > MAX_TARGET {
        return Err(Reason::TargetTooLong);
    }
    if !["/api/v1/", "/v2/", "/i/"]
        .iter()
        .any(|prefix| request.path.starts_with(prefix))
    {
        return Err(Reason::NotFound);
    }
    match request.method.as_str() {
        "GET" | "HEAD" => Ok(()),
        _ => Err(Reason::Method),
    }
}

/// The key's project. It is read after the signature was verified, so that a refused request costs one read.
async fn find_project(host: &impl Host, key: &KeyRecord, event: &mut Event) -> Result<ProjectRecord, Reason> {
    let id = &key.project.id;
    let stored = host
        .get(RECORDS, &ProjectRecord::name_of(id))
        .await
        .map_err(|e| unavailable(e, event))?;
    let stored = stored.ok_or(Reason::UnknownProject)?;
    let project = ProjectRecord::from_bytes(id, &stored).map_err(|e| unavailable(e, event))?;
    if project.slug == key.project.slug {
        Ok(project)
    } else {
        Err(Reason::WrongProject)
    }
}

fn unresolved(error: operations::Error, event: &mut Event) -> Reason {
    event.detail = Some(error.to_string());
    match error {
        operations::Error::NotAllowed => Reason::OperationsNotAllowed,
        // What is stored is the operator's: the caller has done nothing wrong.
        operations::Error::DamagedPreset => Reason::Unavailable,
        _ => Reason::InvalidOperations,
    }
}

fn check_referer(project: &ProjectRecord, referer: Option<&str>) -> Result<(), Reason> {
    let allowed = match referer {
        _ if project.referers.is_empty() => true,
        None => project.allow_empty_referer,
        Some(referer) => referer_origin(referer)
            .is_some_and(|origin| any_matches(&project.referers, origin.scheme, &origin.host, origin.port)),
    };
    if allowed { Ok(()) } else { Err(Reason::Referer) }
}

/// What a request for a single-use picture is answered with if it must not use the URL up: HEAD, and a condition that any
/// picture fails (`If-None-Match: *`; single-use answers have no entity tag that another condition could name).
fn without_use(request: &Request, request_id: &str) -> Option<Answer> {
    let mut answer = match (request.method.as_str(), request.if_none_match.as_deref().map(str::trim)) {
        (_, Some("*")) => Answer::not_modified(request_id),
        ("HEAD", _) => Answer::head(request_id),
        _ => return None,
    };
    answer.header("cache-control", NOT_KEPT.to_owned());
    Some(answer)
}

#[cfg(test)]
mod tests;
