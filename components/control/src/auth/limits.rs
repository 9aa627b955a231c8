//! The limits of the authentication endpoints. They are counted before anything is hashed.

use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use admission::Window;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use netaddr::Binding;
use problem::Code;
use sha2::{Digest, Sha256};
use std::net::IpAddr;

/// What is counted, how often it is good in a minute, and what is said beyond that.
#[derive(Debug, Clone, Copy)]
pub struct Allowance {
    name: &'static str,
    per_minute: u64,
    code: Code,
}

/// Attempts to authenticate as one client.
pub const TOKEN_BY_CLIENT: Allowance = Allowance {
    name: "auth-client",
    per_minute: 10,
    code: Code::AuthRateLimit,
};

/// Attempts to authenticate from one address.
pub const TOKEN_BY_ADDRESS: Allowance = Allowance {
    name: "auth-address",
    per_minute: 100,
    code: Code::IpRateLimit,
};

/// Refreshes of one client.
pub const REFRESH_BY_CLIENT: Allowance = Allowance {
    name: "auth-refresh",
    per_minute: 60,
    code: Code::RefreshRateLimit,
};

/// Revocations from one address.
pub const REVOKE_BY_ADDRESS: Allowance = Allowance {
    name: "auth-revoke",
    per_minute: 100,
    code: Code::IpRateLimit,
};

/// Counts an attempt of `who`, which can be anything that a caller sends.
pub fn count<H: Host>(context: &Context<'_, H>, allowance: Allowance, who: &str) -> Result<(), Refusal> {
    let name = format!("{}.{}", allowance.name, fingerprint(who));
    let limits = [(Window::Minute, allowance.per_minute)];
    let increment = |counter: &str, delta| context.host.increment(counter, delta);
    match context
        .instance
        .leases
        .count(&name, &limits, context.seconds(), increment)?
    {
        Ok(rate) => {
            context.counted.borrow_mut().rate = rate;
            Ok(())
        }
        Err(limited) => {
            context.counted.borrow_mut().rate = limited.rate;
            Err(Refusal::until(allowance.code, limited.retry_after))
        }
    }
}

/// The name of what a caller claims: of fixed length, whatever it is.
pub fn fingerprint(who: &str) -> String {
    let digest = Sha256::digest(who);
    URL_SAFE_NO_PAD.encode(&digest[..16])
}

/// Names the network of a caller: an IPv4 address, or the /64 of an IPv6 address, within which one host can have any.
pub fn network(address: Option<IpAddr>) -> String {
    let network = address.map(|address| Binding::default().network(address));
    network.map_or_else(|| "unknown".to_owned(), |network| network.to_string())
}
