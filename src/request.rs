//! A request, as far as the path looks at it.

use std::net::IpAddr;

/// What of a request decides its answer. Everything else is ignored, so that nothing unsigned can change a picture.
#[derive(Debug, Clone, Default)]
pub struct Request {
    /// The method, as sent.
    pub method: String,
    /// The path, as sent: nothing is decoded or collapsed.
    pub path: String,
    /// The query, as sent.
    pub query: String,
    /// `Accept`, for `f_auto`.
    pub accept: Option<String>,
    /// `Referer`.
    pub referer: Option<String>,
    /// `If-None-Match`.
    pub if_none_match: Option<String>,
    /// Whom the host talked to: the client, or the proxy in front.
    pub peer: Option<IpAddr>,
    /// The values of `X-Forwarded-For`, in their order.
    pub forwarded: Vec<Vec<u8>>,
}
