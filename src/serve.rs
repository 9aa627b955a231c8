//! The path of a request. Each step's result is what the next one needs, so the order cannot be broken by accident:
//! accept, parse, find the key, verify, find the project, referer and source, admit, fetch, render, respond.

use crate::caching;
use crate::event::Event;
use crate::ports::{FetchError, Host};
use crate::request::Request;
use crate::respond::Answer;
use crate::settings::Settings;
use admission::{Decision, Window, decide};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use identity::{KeyRecord, KeyState, ProjectRecord};
use imaging::{Budget, Rendition};
use netaddr::{DomainRule, Source, referer_origin};
use operations::Operations;
use problem::Reason;
use secret::{Sealed, SecretText};
use signed_url::{Error as UrlError, QueryError, Rules, SignedUrl, Unverified};
use watermark::{KeyTag, Kind, Marks, Payload, Subject};

/// Longest request target, in bytes. It is judged before anything is parsed.
const MAX_TARGET: usize = 8192;
const PREFIX: &str = "/api/v1/";

/// Why a request ends without a picture, and for how long it need not be tried again.
struct Refusal {
    reason: Reason,
    retry_after: Option<u64>,
    rate: RateHeaders,
}

impl From<Reason> for Refusal {
    fn from(reason: Reason) -> Self {
        Self {
            reason,
            retry_after: None,
            rate: RateHeaders::default(),
        }
    }
}

/// Answers one request, and logs it.
///
/// `settings` is the deployment's configuration, or what is wrong with it: then nothing is served.
pub async fn serve(host: &impl Host, settings: Result<&Settings, &str>, request: &Request) -> Answer {
    let request_id = format!("req_{}", URL_SAFE_NO_PAD.encode(host.random()));
    let mut event = Event {
        request_id,
        client: request.client,
        ..Event::default()
    };
    let (answer, error) = match picture(host, settings, request, &mut event).await {
        Ok(answer) => (answer, None),
        Err(refusal) => (refuse(&refusal, &event.request_id), Some(refusal.reason.entry().1)),
    };
    host.log(&event.line(answer.status, error, answer.body.len(), host.now()));
    answer
}

fn refuse(refusal: &Refusal, request_id: &str) -> Answer {
    let mut answer = Answer::problem(refusal.reason, request_id);
    if let Some(seconds) = refusal.retry_after {
        answer.header("retry-after", seconds.to_string());
    }
    refusal.rate.write(&mut answer);
    answer
}

async fn picture(
    host: &impl Host,
    settings: Result<&Settings, &str>,
    request: &Request,
    event: &mut Event,
) -> Result<Answer, Refusal> {
    let path = accept(request)?;
    let settings = settings.map_err(|wrong| {
        event.detail = Some(wrong.to_owned());
        Reason::Processing
    })?;
    let now = host.now();

    let unverified = Unverified::parse(path, &request.query).map_err(malformed)?;
    let key = find_key(host, settings, &unverified, now, event).await?;
    let url = verify(settings, &unverified, &key, now, event)?;
    let operations = operations::parse(url.operations()).map_err(|e| {
        event.detail = Some(e.to_string());
        Reason::InvalidOperations
    })?;
    let source = Source::parse(url.source(), settings.loopback.as_ref()).map_err(|_| Reason::InvalidSource)?;

    let project = find_project(host, &key, event).await?;
    let rate = admit(host, &key, now / 1000, event)?;
    check_referer(&project, request.referer.as_deref())?;
    check_source(settings, &key, &source)?;

    let original = host
        .fetch(&source, Budget::default().file_bytes)
        .await
        .map_err(unfetched)?;
    let fetched = host.now();
    let marks = marks(settings, &key, &url);
    let (rendition, varies) = render(&original, &operations, request.accept.as_deref(), &marks, event)?;
    let rendered = host.now();

    let timing = format!(
        "fetch;dur={}, render;dur={}",
        fetched.saturating_sub(now),
        rendered.saturating_sub(fetched)
    );
    let cache = caching::cache_control(url.exp(), now / 1000, project.referers.is_empty());
    let mut answer = respond(rendition, request.if_none_match.as_deref(), &event.request_id);
    answer.header("cache-control", cache);
    answer.header("server-timing", timing);
    if varies {
        answer.header("vary", "Accept".to_owned());
    }
    rate.write(&mut answer);
    Ok(answer)
}

/// What stands after the prefix, for a method, path and length that are served at all.
fn accept(request: &Request) -> Result<&str, Reason> {
    if request.path.len() + request.query.len() > MAX_TARGET {
        return Err(Reason::TargetTooLong);
    }
    let path = request.path.strip_prefix(PREFIX).ok_or(Reason::NotFound)?;
    match request.method.as_str() {
        "GET" | "HEAD" => Ok(path),
        _ => Err(Reason::Method),
    }
}

fn malformed(error: QueryError) -> Reason {
    match error {
        QueryError::Missing => Reason::MissingSignature,
        QueryError::Parameters => Reason::InvalidQuery,
        QueryError::Expiry => Reason::InvalidExpiry,
        QueryError::Milliseconds => Reason::ExpiryInMilliseconds,
    }
}

/// The key that the request names: it exists, works, and belongs to the project in the URL.
async fn find_key(
    host: &impl Host,
    settings: &Settings,
    url: &Unverified<'_>,
    now: u64,
    event: &mut Event,
) -> Result<KeyRecord, Reason> {
    let stored = match url.key() {
        Some(key) => {
            let stored = host
                .get(&KeyRecord::name_of(key.as_str()))
                .await
                .map_err(|e| unavailable(e, event))?;
            stored
                .map(|bytes| KeyRecord::from_bytes(key.as_str(), &bytes))
                .transpose()
        }
        None => Ok(None),
    };
    let Some(key) = stored.map_err(|e| unavailable(e, event))? else {
        // An unknown key takes the time of a known one: its secret is opened and its signature computed all the same.
        let _ = Sealed::seal(
            settings.sealing(),
            "",
            &SecretText::new("-".repeat(46)),
            [0; secret::NONCE_LENGTH],
        );
        let _ = url.verify(&SecretText::new("-".repeat(46)), &Rules::default(), now);
        return Err(Reason::UnknownKey);
    };
    event.public_key = Some(key.public_key.clone());
    event.client_id = Some(key.client_id.clone());
    match key.state(now / 1000) {
        KeyState::Revoked => Err(Reason::RevokedKey),
        KeyState::Expired => Err(Reason::ExpiredKey),
        KeyState::Live if key.project.slug != url.slug() => Err(Reason::WrongProject),
        KeyState::Live => Ok(key),
    }
}

fn verify(
    settings: &Settings,
    url: &Unverified<'_>,
    key: &KeyRecord,
    now: u64,
    event: &mut Event,
) -> Result<SignedUrl, Reason> {
    let secret = Sealed::parse(&key.secret).and_then(|sealed| sealed.open(settings.sealing(), &key.name()));
    let secret = secret.map_err(|e| unavailable(e, event))?;
    let rules = Rules {
        max_lifetime: key.max_lifetime,
        require_exp: key.require_exp,
        grace: key.exp_grace,
    };
    let verified = url.verify(&secret, &rules, now).map_err(|error| {
        event.detail = Some(error.to_string());
        match error {
            UrlError::Path => Reason::InvalidPath,
            _ => Reason::InvalidSignature,
        }
    })?;
    event.reference = Some(verified.reference().iter().map(|byte| format!("{byte:02x}")).collect());
    Ok(verified)
}

/// The key's project. It is read after the signature was verified, so that a refused request costs one read.
async fn find_project(host: &impl Host, key: &KeyRecord, event: &mut Event) -> Result<ProjectRecord, Reason> {
    let id = &key.project.id;
    let stored = host
        .get(&ProjectRecord::name_of(id))
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

/// Limits and what is left of them, as response headers.
#[derive(Default)]
struct RateHeaders(Vec<(&'static str, u64)>);

impl RateHeaders {
    fn write(&self, answer: &mut Answer) {
        for (name, value) in &self.0 {
            answer.header(name, value.to_string());
        }
    }
}

/// Counts the request in the key's windows. It comes after the signature: nobody can use up a key's windows without it.
fn admit(host: &impl Host, key: &KeyRecord, now: u64, event: &mut Event) -> Result<RateHeaders, Refusal> {
    let windows = [
        (
            Window::Minute,
            key.limits.per_minute,
            "x-ratelimit-limit-minute",
            "x-ratelimit-remaining-minute",
        ),
        (
            Window::Day,
            key.limits.per_day,
            "x-ratelimit-limit-day",
            "x-ratelimit-remaining-day",
        ),
    ];
    let mut rate = RateHeaders::default();
    let mut refused = None;
    for (window, limit, limit_header, remaining_header) in windows {
        let Some(limit) = limit else { continue };
        let count = host
            .increment(&window.counter(&key.public_key, now), 1)
            .map_err(|e| unavailable(e, event))?;
        let remaining = match decide(window, limit, count, now) {
            Decision::Admit { remaining } => remaining,
            Decision::Refuse { retry_after } => {
                refused = Some(retry_after);
                0
            }
        };
        rate.0.extend([(limit_header, limit), (remaining_header, remaining)]);
        if refused.is_some() {
            break;
        }
    }
    if !rate.0.is_empty() {
        rate.0.push(("x-ratelimit-reset", Window::Minute.ends(now)));
    }
    match refused {
        None => Ok(rate),
        Some(_) => Err(Refusal {
            reason: Reason::RateLimited,
            retry_after: refused,
            rate,
        }),
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

fn check_source(settings: &Settings, key: &KeyRecord, source: &Source) -> Result<(), Reason> {
    let allowed = match key.sources.as_slice() {
        [] => settings.development,
        rules => any_matches(rules, source.scheme(), source.host(), source.port()),
    };
    if allowed { Ok(()) } else { Err(Reason::SourceDomain) }
}

/// Whether a list allows a URL. An entry that cannot be read allows nothing.
fn any_matches(rules: &[String], scheme: netaddr::Scheme, host: &str, port: u16) -> bool {
    rules
        .iter()
        .any(|rule| DomainRule::parse(rule).is_ok_and(|rule| rule.matches(scheme, host, port)))
}

fn unfetched(error: FetchError) -> Reason {
    match error {
        FetchError::Denied => Reason::SourceDomain,
        FetchError::NotFound => Reason::OriginalNotFound,
        FetchError::Failed => Reason::Origin,
        FetchError::TimedOut => Reason::OriginTimeout,
        FetchError::TooLarge => Reason::OriginalTooLarge,
    }
}

/// What this delivery's picture says about itself. A signed URL's bytes are a function of the URL, so that caches stay true:
/// its mark names the client, the key, the URL and its expiry.
fn marks(settings: &Settings, key: &KeyRecord, url: &SignedUrl) -> Marks {
    let payload = Payload {
        kind: Kind::SignedUrl,
        subject: Subject::of(&key.client_id),
        key: KeyTag::of(&key.public_key),
        reference: url.reference(),
        time: url.exp().unwrap_or(0),
    };
    Marks {
        overlay: settings.overlay.clone(),
        fragile: settings.marking.seal(&payload),
    }
}

fn render(
    original: &[u8],
    operations: &Operations,
    accept: Option<&str>,
    marks: &Marks,
    event: &mut Event,
) -> Result<(Rendition, bool), Reason> {
    let rendered = imaging::probe(original).and_then(|probe| {
        let negotiated = imaging::negotiate(operations, accept, &probe);
        let rendition = imaging::render(original, operations, negotiated.format, marks, &Budget::default())?;
        Ok((rendition, negotiated.varies))
    });
    rendered.map_err(|error| {
        event.detail = Some(error.to_string());
        match error {
            imaging::Error::Unsupported => Reason::UnsupportedFormat,
            imaging::Error::TooSmall => Reason::TooSmall,
            imaging::Error::Encode => Reason::Processing,
            _ => Reason::Unprocessable,
        }
    })
}

fn respond(rendition: Rendition, if_none_match: Option<&str>, request_id: &str) -> Answer {
    let tag = caching::entity_tag(rendition.bytes());
    let mut answer = match if_none_match {
        Some(header) if caching::matches(header, &tag) => Answer::not_modified(request_id),
        _ => Answer::new(200, request_id, rendition.format().media_type(), rendition.into_bytes()),
    };
    answer.header("etag", tag);
    answer
}

fn unavailable(error: impl std::fmt::Display, event: &mut Event) -> Reason {
    event.detail = Some(error.to_string());
    Reason::Unavailable
}

#[cfg(test)]
mod tests;
