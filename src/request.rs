//! A request, as far as the path looks at it: as it arrives, and once it may be answered with a picture.

use crate::origin::Original;
use admission::Rate;
use identity::ProjectRecord;
use operations::Operations;
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

/// A request that may be answered with a picture.
pub struct Delivery<'a> {
    /// What is made of the original.
    pub operations: Operations,
    /// Where it is.
    pub original: Original,
    /// The request.
    pub request: &'a Request,
    /// Unix milliseconds.
    pub now: u64,
    /// What is left of the key's windows.
    pub rate: Rate,
    /// The key's project.
    pub project: &'a ProjectRecord,
}
