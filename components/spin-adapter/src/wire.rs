//! Requests and answers as Spin's HTTP trigger has them.

use answer::Answer;
use bytes::Bytes;
use http::HeaderMap;
use spin_sdk::http::{FullBody, HeaderName, HeaderValue, Response, StatusCode};
use std::net::IpAddr;

/// A header that stands once and is readable. One that stands twice has no one meaning.
pub fn header(headers: &HeaderMap, name: &str) -> Option<String> {
    let mut values = headers.get_all(name).iter();
    let value = values.next().and_then(|value| value.to_str().ok()).map(str::to_owned);
    if values.next().is_some() { None } else { value }
}

/// Whom the host talked to. The host appends its own value: everything before it was sent by the client.
pub fn peer(headers: &HeaderMap) -> Option<IpAddr> {
    let peer = headers.get_all("spin-client-addr").iter().next_back()?;
    netaddr::client_address(peer.to_str().ok()?)
}

/// The values of `X-Forwarded-For`, in their order.
pub fn forwarded(headers: &HeaderMap) -> Vec<Vec<u8>> {
    let values = headers.get_all("x-forwarded-for").iter();
    values.map(|value| value.as_bytes().to_vec()).collect()
}

/// The answer on the wire.
pub fn response(answer: Answer) -> Response<FullBody<Bytes>> {
    let mut response = Response::new(FullBody::new(Bytes::from(answer.body)));
    *response.status_mut() = StatusCode::from_u16(answer.status).unwrap_or(StatusCode::INTERNAL_SERVER_ERROR);
    for (name, value) in answer.headers {
        if let Ok(value) = HeaderValue::from_str(&value) {
            response.headers_mut().append(HeaderName::from_static(name), value);
        }
    }
    response
}
