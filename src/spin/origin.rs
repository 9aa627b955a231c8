//! Fetching an original: one GET without any of the caller's headers, bounded in time and bytes, redirects not followed.

use super::body::Body;
use crate::ports::{Fetch, FetchError, Taker};
use async_lock::{Semaphore, SemaphoreGuard};
use futures::{FutureExt, select_biased};
use spin_sdk::http::{EmptyBody, Response, StatusCode};
use spin_sdk::wasip3::http::types::{ErrorCode, RequestOptions};
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;
use std::time::Duration;

const CONNECT: Duration = Duration::from_secs(3);
const FIRST_BYTE: Duration = Duration::from_secs(8);
const BETWEEN_BYTES: Duration = Duration::from_secs(3);
/// Room for what is read at a time.
const PIECE: usize = 64 << 10;
/// Of what nobody has taken so much is going to be kept: then there is room for all that is promised.
const KEPT: usize = 256 << 10;
/// As much of an error's body as is read for its code.
const ERROR_BYTES: usize = 4096;

/// Originals that an instance holds at a time: one that is rendered, one that arrives meanwhile. A host may send an instance
/// more requests than that side by side; together with the most that one rendering takes, two fit in 128 MiB. An original that is
/// decoded as it arrives keeps to that: what becomes of it takes no more memory than the longest file.
static PLACES: Semaphore = Semaphore::new(2);

/// What was not taken of an original, and its place among those that the instance holds.
pub struct Original {
    bytes: Vec<u8>,
    _place: SemaphoreGuard<'static>,
}

impl AsRef<[u8]> for Original {
    fn as_ref(&self) -> &[u8] {
        &self.bytes
    }
}

pub async fn fetch(fetch: &Fetch, taker: Taker<'_>) -> Result<Original, FetchError> {
    let place = PLACES.acquire().await;
    let bytes = within_deadline(fetch, taker).await?;
    Ok(Original { bytes, _place: place })
}

async fn within_deadline(fetch: &Fetch, taker: Taker<'_>) -> Result<Vec<u8>, FetchError> {
    let deadline = spin_sdk::time::sleep(fetch.within).fuse();
    let original = read(fetch, taker).fuse();
    futures::pin_mut!(deadline, original);
    select_biased! {
        original = original => original,
        () = deadline => Err(FetchError::TimedOut),
    }
}

async fn read(fetch: &Fetch, taker: Taker<'_>) -> Result<Vec<u8>, FetchError> {
    let response = send(fetch).await?;
    match response.status() {
        StatusCode::OK => {}
        StatusCode::NOT_FOUND | StatusCode::GONE => return Err(FetchError::NotFound),
        status => {
            let status = status.as_u16();
            // Only an object store's errors have a code.
            let code = match fetch.headers.is_empty() {
                true => String::new(),
                false => error_code(response).await,
            };
            return Err(FetchError::Status { status, code });
        }
    }
    let most = usize::try_from(fetch.most).unwrap_or(usize::MAX);
    let length = response
        .headers()
        .get("content-length")
        .and_then(|length| length.to_str().ok()?.parse::<u64>().ok());
    let length = length.map(|length| usize::try_from(length).unwrap_or(usize::MAX));
    if length.is_some_and(|length| length > most) {
        return Err(FetchError::TooLarge);
    }
    let mut original = Vec::with_capacity(PIECE);
    let mut body = Body::of(response).ok_or(FetchError::Failed)?;
    let (mut read, mut more) = (0, true);
    while more {
        if read > length.unwrap_or(most) {
            return Err(if length.is_some() {
                FetchError::Cut
            } else {
                FetchError::TooLarge
            });
        }
        if original.len() == original.capacity() {
            match length {
                // One byte more than was promised, so that a longer answer shows.
                Some(length) if original.len() >= KEPT => original.reserve_exact((length + 1).saturating_sub(read)),
                _ => original.reserve(PIECE),
            }
        }
        let before = original.len();
        (original, more) = body.read(original).await;
        read += original.len() - before;
        taker(&mut original);
    }
    body.end().await.map_err(|error| interrupted(&error))?;
    match length {
        Some(length) if length != read => Err(FetchError::Cut),
        None if read > most => Err(FetchError::TooLarge),
        _ => Ok(original),
    }
}

async fn error_code(response: Response) -> String {
    let (mut text, mut more) = (Vec::with_capacity(ERROR_BYTES), true);
    if let Some(mut body) = Body::of(response) {
        while more && text.len() < ERROR_BYTES {
            (text, more) = body.read(text).await;
        }
    }
    objectstore::error_code(&text).unwrap_or_default().to_owned()
}

async fn send(fetch: &Fetch) -> Result<Response, FetchError> {
    let options = RequestOptions::new();
    let nanoseconds = |time: Duration| u64::try_from(time.as_nanos()).ok();
    // A host that does not know one of these limits says so; the total deadline holds everywhere.
    let _ = options.set_connect_timeout(nanoseconds(CONNECT));
    let _ = options.set_first_byte_timeout(nanoseconds(FIRST_BYTE));
    let _ = options.set_between_bytes_timeout(nanoseconds(BETWEEN_BYTES));
    let mut request = http::Request::get(&fetch.url)
        .header("accept", "image/jpeg, image/png, image/webp")
        .header("user-agent", concat!("deckle/", env!("CARGO_PKG_VERSION")));
    for (name, value) in &fetch.headers {
        request = request.header(*name, value);
    }
    let request = request
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
        ErrorCode::ConnectionRefused | ErrorCode::DestinationUnavailable | ErrorCode::DnsError(_) => {
            FetchError::Unreachable
        }
        _ => FetchError::Failed,
    }
}

/// The same after the answer has begun.
fn interrupted(error: &ErrorCode) -> FetchError {
    match failed(error) {
        FetchError::TimedOut => FetchError::TimedOut,
        _ => FetchError::Cut,
    }
}
