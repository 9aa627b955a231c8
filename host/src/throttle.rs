//! The throttle of addresses, over all instances of all components: an address that keeps failing authentication does not reach a
//! component any more until the minute ends. Components count for themselves too, for hosts that have nothing like this.
use crate::answer;
use admission::Throttle;
use anyhow::{Context as _, Result};
use bytes::Bytes;
use http::{HeaderMap, HeaderValue, Response, StatusCode, header};
use netaddr::{Cidr, client_behind_proxies};
use problem::Reason;
use std::net::IpAddr;
use std::sync::{Mutex, MutexGuard, PoisonError};
use wasmtime_wasi_http::WasiBody;

/// Longer bodies are no problem of ours.
const MAX_PROBLEM: usize = 4096;

/// What the process counted.
pub struct Addresses {
    limit: u32,
    trusted_proxies: Vec<Cidr>,
    throttle: Mutex<Throttle>,
}

impl Addresses {
    /// `limit` and `trusted_proxies` are written as in the manifest's variables of these names; an absent limit is none.
    pub fn new(limit: Option<&str>, trusted_proxies: Option<&str>) -> Result<Self> {
        let networks = Cidr::parse_list(trusted_proxies.unwrap_or_default());
        Ok(Self {
            limit: limit.unwrap_or("0").parse().context("variable address_limit")?,
            trusted_proxies: networks.context("variable trusted_proxies")?,
            throttle: Mutex::default(),
        })
    }

    /// Whose request it is.
    pub fn client(&self, peer: IpAddr, headers: &HeaderMap) -> IpAddr {
        let forwarded = headers.get_all("x-forwarded-for").iter().map(HeaderValue::as_bytes);
        client_behind_proxies(peer, forwarded.collect::<Vec<_>>().into_iter(), &self.trusted_proxies)
    }

    /// The answer to a client that is not heard.
    pub fn refusal(&self, client: IpAddr, now: u64) -> Option<Response<WasiBody>> {
        let retry_after = self.throttle().refuses(client, self.limit, now)?;
        let mut refusal = answer::problem(Reason::AddressLimited);
        refusal
            .headers_mut()
            .insert(header::RETRY_AFTER, HeaderValue::from(retry_after));
        Some(refusal)
    }

    /// Counts an answer, if it says that authentication failed.
    pub fn answered(&self, client: IpAddr, status: StatusCode, body: &Bytes, now: u64) {
        if self.limit > 0 && is_failed_proof(status, body) {
            self.throttle().failed(client, now);
        }
    }

    /// A panic elsewhere does not spoil what is a map of numbers.
    fn throttle(&self) -> MutexGuard<'_, Throttle> {
        self.throttle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

/// 401 is; of 403, what says that the proof is wrong, because others are refusals of who has proved.
fn is_failed_proof(status: StatusCode, body: &Bytes) -> bool {
    let error = || -> Option<String> {
        let body = (body.len() <= MAX_PROBLEM).then_some(body)?;
        let body: serde_json::Value = serde_json::from_slice(body).ok()?;
        body["error"].as_str().map(str::to_owned)
    };
    match status {
        StatusCode::UNAUTHORIZED => true,
        StatusCode::FORBIDDEN => error().as_deref() == Some(Reason::InvalidSignature.entry().1),
        _ => false,
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use problem::Problem;

    const NOW: u64 = 1_700_000_020;

    fn body(reason: Reason) -> (StatusCode, Bytes) {
        let body = Problem::new(reason, "req_1").to_json();
        (StatusCode::from_u16(reason.status()).unwrap(), body.into())
    }

    #[test]
    fn failed_proofs_are_counted_and_nothing_else() {
        let addresses = Addresses::new(Some("2"), None).unwrap();
        let client: IpAddr = "203.0.113.7".parse().unwrap();
        for reason in [
            Reason::Referer,
            Reason::SourceDomain,
            Reason::Gone,
            Reason::Unavailable,
            Reason::InvalidPath,
        ] {
            let (status, body) = body(reason);
            (0..5).for_each(|_| addresses.answered(client, status, &body, NOW));
        }
        assert!(addresses.refusal(client, NOW).is_none());
        for reason in [Reason::InvalidSignature, Reason::UnknownKey] {
            let (status, body) = body(reason);
            addresses.answered(client, status, &body, NOW);
        }
        let refusal = addresses.refusal(client, NOW).unwrap();
        assert_eq!(refusal.status(), 429);
        assert_eq!(refusal.headers()[header::RETRY_AFTER], "20");
        assert!(addresses.refusal("203.0.113.8".parse().unwrap(), NOW).is_none());
        assert!(addresses.refusal(client, NOW + 20).is_none());
    }

    #[test]
    fn the_client_is_whom_a_trusted_proxy_talked_to() {
        let addresses = Addresses::new(None, Some("10.0.0.0/8, 2001:db8::/32")).unwrap();
        let mut headers = HeaderMap::new();
        headers.insert("x-forwarded-for", HeaderValue::from_static("9.9.9.9, 203.0.113.7"));
        let client = |peer: &str| addresses.client(peer.parse().unwrap(), &headers).to_string();
        assert_eq!(client("10.1.2.3"), "203.0.113.7");
        assert_eq!(client("192.0.2.1"), "192.0.2.1");
        assert!(Addresses::new(Some("many"), None).is_err());
        assert!(Addresses::new(None, Some("0.0.0.0/0")).is_err());
    }
}
