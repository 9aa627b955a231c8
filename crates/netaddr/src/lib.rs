//! Hosts, domain rules, sources, referers and client addresses, each compared in one canonical form.

mod client;
mod domain;
mod host;
mod referer;
mod source;

pub use client::client_address;
pub use domain::{DomainRule, DomainRuleError};
pub use host::{Host, HostError};
pub use referer::{Origin, referer_origin};
pub use source::{Scheme, Source, SourceError};
