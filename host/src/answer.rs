//! Answers that the host gives by itself.
use crate::manifest::StaticResponse;
use crate::outbound::full;
use bytes::Bytes;
use http::{HeaderValue, Response, StatusCode, header};
use problem::{MEDIA_TYPE, Problem, Reason};
use wasmtime_wasi_http::WasiBody;

/// An error body for one of the reasons of the whole project.
pub fn problem(reason: Reason) -> Response<WasiBody> {
    let body = Problem::new(reason, &request_id()).to_json();
    let mut response = with_type(body, MEDIA_TYPE);
    *response.status_mut() = StatusCode::from_u16(reason.status()).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    if reason == Reason::Unavailable {
        response
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from_static("1"));
    }
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// An error body for a request that is not even HTTP as components understand it.
pub fn bad_request(message: &str) -> Response<WasiBody> {
    let body = serde_json::json!({
        "type": "about:blank", "title": "Bad request", "status": 400,
        "error": "Bad request", "message": message, "request_id": request_id(),
    });
    let mut response = with_type(body.to_string(), MEDIA_TYPE);
    *response.status_mut() = StatusCode::BAD_REQUEST;
    response
        .headers_mut()
        .insert(header::CACHE_CONTROL, HeaderValue::from_static("no-store"));
    response
}

/// A line of text.
pub fn text(text: &'static str) -> Response<WasiBody> {
    with_type(text, "text/plain; charset=utf-8")
}

/// The answer that the manifest spells out.
pub fn fixed(fixed: &StaticResponse) -> Response<WasiBody> {
    let mut response = Response::new(full(fixed.body.clone()));
    *response.status_mut() = fixed.status;
    *response.headers_mut() = fixed.headers.clone();
    response
}

/// A body with its media type, status 200.
pub fn with_type(body: impl Into<Bytes>, media_type: &'static str) -> Response<WasiBody> {
    let mut response = Response::new(full(body));
    response
        .headers_mut()
        .insert(header::CONTENT_TYPE, HeaderValue::from_static(media_type));
    response
        .headers_mut()
        .insert(header::X_CONTENT_TYPE_OPTIONS, HeaderValue::from_static("nosniff"));
    response
}

fn request_id() -> String {
    // Without randomness the id is all zeros: it only helps to find a line in a log.
    let mut bytes = [0; 12];
    let _ = getrandom::fill(&mut bytes);
    bytes
        .iter()
        .fold("req_".to_owned(), |id, byte| id + &format!("{byte:02x}"))
}
