//! Originals: from the source that a URL names to the bytes, by way of the project's named origins.

use crate::event::Event;
use crate::gate::unavailable;
use crate::ports::{Fetch, FetchError, Host, Taker};
use crate::settings::Settings;
use circuit::RetryBudget;
use identity::{BucketStyle, KeyRecord, OriginRecord, ProjectRecord};
use netaddr::{DomainRule, NamedSource, Scheme, Source, SourceError};
use objectstore::{Bucket, Credentials, ObjectKey, Style};
use problem::Reason;
use std::time::Duration;

/// For everything together, a second attempt included: an origin that sends one byte at a time ends here.
const TOTAL: Duration = Duration::from_secs(15);

/// What a signed URL names as its source.
pub enum Wanted {
    /// Something on a host.
    Url(Source),
    /// Something on one of the project's origins.
    Named(NamedSource),
}

impl Wanted {
    /// Reads a source, decoded once.
    pub fn parse(text: &str, settings: &Settings) -> Result<Self, SourceError> {
        match NamedSource::parse(text) {
            Some(named) => named.map(Self::Named),
            None => Source::parse(text, &settings.loopback).map(Self::Url),
        }
    }

    /// Whether the key's list allows it: domains by their rules, named origins by their exact names.
    pub fn is_allowed(&self, settings: &Settings, key: &KeyRecord) -> bool {
        match (key.sources.as_slice(), self) {
            ([], _) => settings.development,
            (rules, Self::Url(source)) => any_matches(rules, source.scheme(), source.host(), source.port()),
            (rules, Self::Named(source)) => rules.iter().any(|rule| rule.strip_prefix('@') == Some(&source.origin)),
        }
    }
}

/// Whether a list allows a URL. An entry that cannot be read allows nothing.
pub fn any_matches(rules: &[String], scheme: Scheme, host: &str, port: u16) -> bool {
    rules
        .iter()
        .any(|rule| DomainRule::parse(rule).is_ok_and(|rule| rule.matches(scheme, host, port)))
}

/// An original, and how to ask for it.
pub enum Original {
    /// By its address alone.
    Plain(Source),
    /// With a signature.
    Object {
        /// Where it is.
        bucket: Bucket,
        /// Which it is.
        key: ObjectKey,
        /// Who asks.
        credentials: Credentials,
    },
}

impl Original {
    /// Looks a source up among the project's origins. A name that the project does not have is refused like one that the key
    /// may not use.
    pub fn find(
        settings: &Settings,
        project: &ProjectRecord,
        wanted: Wanted,
        event: &mut Event,
    ) -> Result<Self, Reason> {
        let named = match wanted {
            Wanted::Url(source) => return Ok(Self::Plain(source)),
            Wanted::Named(named) => named,
        };
        let place = project.place_of(&named.origin);
        match project.origins.get(&named.origin).ok_or(Reason::SourceDomain)? {
            OriginRecord::Https { url } => {
                let source = Source::parse(&format!("{url}/{}", named.path), &settings.loopback);
                source.map(Self::Plain).map_err(|_| Reason::InvalidSource)
            }
            OriginRecord::S3 {
                endpoint,
                region,
                bucket,
                prefix,
                style,
                access_key_id,
                secret,
            } => {
                let style = match style {
                    BucketStyle::Path => Style::Path,
                    BucketStyle::VirtualHost => Style::VirtualHost,
                };
                // An endpoint keeps the rules of a source: a name and HTTPS, or what the deployment says of this machine.
                let endpoint = Source::parse(&format!("{endpoint}/-"), &settings.loopback);
                let endpoint = endpoint.map_err(|e| unavailable(e, event))?;
                let bucket =
                    Bucket::new(&endpoint, region, bucket, style, prefix).map_err(|e| unavailable(e, event))?;
                let key = bucket.key(&named.path).map_err(|_| Reason::InvalidSource)?;
                let opened = settings.sealing().open(secret, &place);
                let secret = opened.map_err(|e| unavailable(e, event))?;
                let credentials = Credentials::new(access_key_id, secret).map_err(|e| unavailable(e, event))?;
                Ok(Self::Object {
                    bucket,
                    key,
                    credentials,
                })
            }
        }
    }

    /// Refuses at once where the origin is left alone for a while: a single use must not be taken for that.
    pub fn check(&self, host: &impl Host, event: &mut Event) -> Result<(), Reason> {
        host.circuits()
            .check(&self.origin(), host.now())
            .map_err(|_| left_alone(event))
    }

    /// Fetches it, at most `most` bytes. Where no connection was made it may be tried once more; never after that.
    pub async fn fetch<H: Host>(
        &self,
        host: &H,
        most: u64,
        taker: Taker<'_>,
        event: &mut Event,
    ) -> Result<H::Original, Reason> {
        let (origin, circuits, started) = (self.origin(), host.circuits(), host.now());
        let permit = circuits.admit(&origin, started).map_err(|_| left_alone(event))?;
        let mut outcome = host.fetch(&self.request(started, most, TOTAL), taker).await;
        if matches!(outcome, Err(FetchError::Unreachable)) && circuits.retry(&origin, host.now()) {
            host.sleep(RetryBudget::pause(jitter(host))).await;
            let now = host.now();
            let left = TOTAL.saturating_sub(Duration::from_millis(now.saturating_sub(started)));
            outcome = host.fetch(&self.request(now, most, left), taker).await;
        }
        circuits.settle(&origin, permit, is_alive(&outcome), host.now(), jitter(host));
        outcome.map_err(|error| {
            event.detail = Some(error.to_string());
            unfetched(&error)
        })
    }

    /// Its address.
    pub fn url(&self) -> String {
        match self {
            Self::Plain(source) => source.url(),
            Self::Object { bucket, key, .. } => bucket.url(key),
        }
    }

    /// Scheme and authority.
    fn origin(&self) -> String {
        match self {
            Self::Plain(source) => format!("{}://{}", source.scheme().as_str(), source.authority()),
            Self::Object { bucket, .. } => bucket.origin().to_owned(),
        }
    }

    fn request(&self, now: u64, most: u64, within: Duration) -> Fetch {
        match self {
            Self::Plain(source) => Fetch {
                url: source.url(),
                headers: Vec::new(),
                most,
                within,
            },
            Self::Object {
                bucket,
                key,
                credentials,
            } => {
                let get = bucket.get(key, credentials, now / 1000);
                Fetch {
                    url: get.url,
                    headers: get.headers.into(),
                    most,
                    within,
                }
            }
        }
    }
}

fn jitter(host: &impl Host) -> u16 {
    let [first, second, ..] = host.random();
    u16::from_le_bytes([first, second])
}

fn left_alone(event: &mut Event) -> Reason {
    event.detail = Some("the origin failed several times in a row and is left alone for a while".to_owned());
    Reason::OriginDown
}

/// Whether the origin is at work, whatever it said: one damaged or missing original says nothing about the others.
fn is_alive<T>(outcome: &Result<T, FetchError>) -> bool {
    match outcome {
        Err(FetchError::Unreachable | FetchError::Failed | FetchError::TimedOut) => false,
        Err(FetchError::Status { status, .. }) => *status < 500,
        Ok(_) | Err(FetchError::Denied | FetchError::NotFound | FetchError::Cut | FetchError::TooLarge) => true,
    }
}

fn unfetched(error: &FetchError) -> Reason {
    match error {
        FetchError::Denied => Reason::SourceDomain,
        FetchError::NotFound => Reason::OriginalNotFound,
        FetchError::Unreachable | FetchError::Failed | FetchError::Cut | FetchError::Status { .. } => Reason::Origin,
        FetchError::TimedOut => Reason::OriginTimeout,
        FetchError::TooLarge => Reason::OriginalTooLarge,
    }
}

#[cfg(test)]
mod tests;
