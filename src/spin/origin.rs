//! Fetching an original: one GET without any of the caller's headers, bounded in time and bytes, redirects not followed.

use crate::ports::FetchError;
use async_lock::{Semaphore, SemaphoreGuard};
use futures::{FutureExt, StreamExt, select_biased};
use netaddr::Source;
use spin_sdk::http::body::IncomingBodyExt;
use spin_sdk::http::{EmptyBody, Response, StatusCode};
use spin_sdk::wasip3::http::types::{ErrorCode, RequestOptions};
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(3);
const FIRST_BYTE: Duration = Duration::from_secs(8);
const BETWEEN_BYTES: Duration = Duration::from_secs(3);
/// For everything together: an origin that sends one byte at a time ends here.
const TOTAL: Duration = Duration::from_secs(15);

/// Originals that an instance holds at a time: one that is rendered, one that arrives meanwhile. A host may send an instance
/// more requests than that side by side; together with the most that one rendering takes, two fit in 128 MiB.
static PLACES: Semaphore = Semaphore::new(2);

/// An original, and its place among those that the instance holds.
pub struct Original {
    bytes: Vec<u8>,
    _place: SemaphoreGuard<'static>,
}

impl AsRef<[u8]> for Original {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

pub async fn fetch(source: &Source, most: u64) -> Result<Original, FetchError> {
    let place = PLACES.acquire().await;
    let bytes = within_deadline(source, most).await?;
    Ok(Original { bytes, _place: place })
}

async fn within_deadline(source: &Source, most: u64) -> Result<Vec<u8>, FetchError> {
    let deadline = spin_sdk::time::sleep(TOTAL).fuse();
    let original = read(source, most).fuse();
    futures::pin_mut!(deadline, original);
    select_biased! {
        original = original => original,
        () = deadline => Err(FetchError::TimedOut),
    }
}

async fn read(source: &Source, most: u64) -> Result<Vec<u8>, FetchError> {
    let response = send(source).await?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(FetchError::NotFound),
        _ => return Err(FetchError::Failed),
    }
    let most = usize::try_from(most).unwrap_or(usize::MAX);
    let length = response
        .headers()
        .get("content-length")
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let length = length.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if length.is_some_and(|length| length > most) {
        return Err(FetchError::TooLarge);
    }
    let mut original = Vec::with_capacity(length.unwrap_or_default());
    let mut chunks = response.into_body().stream();
    while let Some(chunk) = chunks.next().await {
        let chunk = chunk.map_err(|error| failed(&error))?;
        if original.len() + chunk.len() > most {
            return Err(FetchError::TooLarge);
        }
        original.extend_from_slice(&chunk);
    }
    match length {
        Some(length) if length != original.len() => Err(FetchError::Failed),
        _ => Ok(original),
    }
}

async fn send(source: &Source) -> Result<Response, FetchError> {
    let options = RequestOptions::new();
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).ok();
    // A host that does not know one of these limits says so; the total deadline holds everywhere.
    let _ = options.set_connect_timeout(nanoseconds(CONNECT));
    let _ = options.set_first_byte_timeout(nanoseconds(FIRST_BYTE));
    let _ = options.set_between_bytes_timeout(nanoseconds(BETWEEN_BYTES));
    let request = http::Request::get(source.url())
        .header("accept", "image/jpeg, image/png, image/webp")
        .header("user-agent", concat!("deckle/", env!("CARGO_PKG_VERSION")))
        .extension(RequestOptionsExtension(options))
        .body(EmptyBody::new())
        .map_err(|_| FetchError::Failed)?;
    spin_sdk::http::send(request).await.map_err(|error| failed(&error))
}

fn failed(error: &ErrorCode) -> FetchError {
    match error {
        ErrorCode::HttpRequestDenied | ErrorCode::DestinationIpProhibited => FetchError::Denied,
        ErrorCode::ConnectionTimeout
        | ErrorCode::ConnectionReadTimeout
        | ErrorCode::ConnectionWriteTimeout
        | ErrorCode::HttpResponseTimeout
        | ErrorCode::DnsTimeout => FetchError::TimedOut,
        _ => FetchError::Failed,
    }
}
