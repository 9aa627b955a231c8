//! What a handler has besides the request.

use crate::event::Event;
use crate::refusal::Refusal;
use crate::settings::Settings;
use admission::{Leases, Limit, Rate};
use answer::Answer;
use serde::Serialize;
use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::atomic::{AtomicBool, AtomicU64};

/// Most events that wait: of as many requests as one instance can answer while the database is away for a moment.
const MOST_EVENTS: usize = 512;

/// What an instance remembers between requests. All of it can be lost at any time.
pub struct Instance {
    /// What it holds of rate windows.
    pub leases: Leases,
    /// Whether it has seen the database in the form that it needs.
    pub migrated: AtomicBool,
    /// Events that wait for the audit log.
    pub events: audit::Queue,
    /// Whether one of authentication or administration is among them.
    pub owes: AtomicBool,
    /// When it last looked for work on the side, in Unix milliseconds.
    pub looked_at: AtomicU64,
}

impl Default for Instance {
    fn default() -> Self {
        Self {
            leases: Leases::default(),
            migrated: AtomicBool::default(),
            events: audit::Queue::new(MOST_EVENTS),
            owes: AtomicBool::default(),
            looked_at: AtomicU64::default(),
        }
    }
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

    /// Notes the client that a request is about, where the caller is not that client.
    pub fn concerns(&self, client_id: &audit::ClientId) {
        self.event.borrow_mut().concerns = Some(client_id.clone());
    }

    /// An answer with a JSON body.
    pub fn json(&self, status: u16, body: &impl Serialize) -> Result<Answer, Refusal> {
        let body = serde_json::to_vec(body).map_err(|e| Refusal::because(problem::Code::InternalError, e))?;
        Ok(Answer::json(status, self.request_id, body))
    }
}
