//! Hosts, domain rules, sources, referers, networks and client addresses, each compared in one canonical form.

mod binding;
mod cidr;
mod client;
mod domain;
mod host;
mod label;
mod named_source;
mod proxies;
mod referer;
mod source;

pub use binding::Binding;
pub use cidr::{Cidr, CidrError};
pub use client::client_address;
pub use domain::{DomainRule, DomainRuleError};
pub use host::{Host, HostError};
pub use label::is_label;
pub use named_source::NamedSource;
pub use proxies::client_behind_proxies;
pub use referer::{Origin, referer_origin};
pub use source::{Scheme, Source, SourceError};
