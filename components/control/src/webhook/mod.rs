//! Webhooks: what owners have to be told, kept in the table `outbox` until their server takes it.
//!
//! A delivery is a POST of JSON: `{"id","kind","created_at","data"}`, with the header
//! `Deckle-Signature: t=<Unix seconds>,v1=<HMAC-SHA-256 of "t.body" in hexadecimal>` under the client's webhook secret. Any 2xx
//! takes it; else it is tried again after 10 seconds, doubling up to 6 hours, for about 3 days. A receiver refuses times that are
//! more than a few minutes off, and ignores an id that it has seen, because a delivery whose answer was lost comes again.

mod deliver;
mod outbox;
mod signature;

pub use deliver::deliver;
pub use outbox::{Kind, Notice, enqueue, list};
pub use signature::{HEADER, sign};

/// The name that a client's webhook secret is sealed for.
pub fn secret_name(client_id: &str) -> String {
    format!("client/{client_id}/webhook")
}

/// Whether a text can be a webhook's URL: https, or plain HTTP to this machine. Which hosts are reached is for the deployment to
/// say (`allowed_outbound_hosts`).
pub fn is_url(text: &str) -> bool {
    let (secure, loopback) = (text.strip_prefix("https://"), text.strip_prefix("http://127.0.0.1:"));
    let plain = text.len() <= 2048 && text.bytes().all(|b| b.is_ascii_graphic());
    let user = text.split('/').nth(2).is_some_and(|authority| authority.contains('@'));
    plain
        && !user
        && secure
            .or(loopback)
            .is_some_and(|rest| !rest.is_empty() && !rest.starts_with('/'))
}
