//! What a handler has besides the request.

use crate::event::Event;
use crate::refusal::Refusal;
use crate::settings::Settings;
use admission::{Leases, Limit, Rate};
use answer::Answer;
use serde::Serialize;
use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::atomic::AtomicBool;

/// What an instance remembers between requests. All of it can be lost at any time.
#[derive(Default)]
pub struct Instance {
    /// What it holds of rate windows.
    pub leases: Leases,
    /// Whether it has seen the database in the form that it needs.
    pub migrated: AtomicBool,
}

/// What a request is answered with the help of.
pub struct Context<'a, H> {
    /// The host.
    pub host: &'a H,
    /// What the instance remembers.
    pub instance: &'a Instance,
    /// The deployment's configuration.
    pub settings: &'a Settings,
    /// Names the request.
    pub request_id: &'a str,
    /// Unix milliseconds: one moment for the whole request.
    pub now: u64,
    /// The caller's address, where it is known.
    pub address: Option<IpAddr>,
    /// What the audit will say.
    pub event: &'a RefCell<Event>,
    /// What was counted for the request.
    pub counted: &'a RefCell<Counted>,
}

/// What was counted for a request: its headers, and what to give back if the request fails here.
#[derive(Default)]
pub struct Counted {
    /// The headers.
    pub rate: Rate,
    /// Whose windows, and which.
    pub limits: Option<(String, Vec<Limit>)>,
}

impl<H> Context<'_, H> {
    /// Unix seconds.
    pub fn seconds(&self) -> u64 {
        self.now / 1000
    }

    /// An answer with a JSON body.
    pub fn json(&self, status: u16, body: &impl Serialize) -> Result<Answer, Refusal> {
        let body = serde_json::to_vec(body).map_err(|e| Refusal::because(problem::Code::InternalError, e))?;
        Ok(Answer::json(status, self.request_id, body))
    }
}
