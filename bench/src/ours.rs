//! Deckle: the built host over the built components, asked over HTTP.

use std::time::Duration;

use anyhow::{Result, bail, ensure};
use deckle_tests::{Deckle, Key};
use ureq::Agent;

use crate::case::Output;
use crate::meter::{Cost, Meter};

/// A running `deckle up`.
pub struct Ours {
    /// The host, for its address and its process.
    pub deckle: Deckle,
    key: Key,
    origin: String,
    agent: Agent,
    meter: Meter,
}

/// What a rendition is asked with.
pub fn agent() -> Agent {
    let configuration = Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .timeout_global(Some(Duration::from_secs(120)));
    configuration.build().into()
}

/// The body of a URL, and its status.
pub fn fetch(agent: &Agent, url: &str) -> Result<(u16, Vec<u8>)> {
    let mut response = agent.get(url).call()?;
    let body = response.body_mut().with_config().limit(64 << 20).read_to_vec()?;
    Ok((response.status().as_u16(), body))
}

impl Ours {
    /// Starts a host in front of `origin` (`127.0.0.1:PORT`), with further arguments of `deckle up`.
    pub fn start(origin: &str, arguments: &[&str]) -> Result<Self> {
        let deckle = Deckle::with_origin_and_arguments(&format!("http://{origin}"), arguments)?;
        let key = Key::of(&deckle.run(&["key", "create", "--project", "bench", "--client", "bench"])?)?;
        let meter = Meter::of(deckle.id())?;
        Ok(Self {
            deckle,
            key,
            origin: origin.to_owned(),
            agent: agent(),
            meter,
        })
    }

    /// Whether cycles are counted.
    pub fn counts_cycles(&self) -> bool {
        self.meter.counts_cycles()
    }

    /// A signed URL.
    pub fn url(&self, original: &str, output: Output) -> String {
        let path = self
            .key
            .sign(&output.operations(), &format!("{}/{original}", self.origin), None);
        self.deckle.url(&path)
    }

    /// One rendition, and what the whole process spent on it.
    pub fn render(&mut self, original: &str, output: Output) -> Result<(Vec<u8>, Cost)> {
        let url = self.url(original, output);
        let Self { meter, agent, .. } = self;
        let ((status, body), cost) = meter.measure(|| fetch(agent, &url))?;
        match status {
            200 => Ok((body, cost)),
            _ => bail!("{original}: {status} {}", String::from_utf8_lossy(&body)),
        }
    }

    /// The same request several times, one after the other, and what the whole process spent on all of them.
    pub fn repeat(&mut self, original: &str, output: Output, times: usize) -> Result<(Vec<u8>, Cost)> {
        let url = self.url(original, output);
        let Self { meter, agent, .. } = self;
        meter.measure(|| {
            let mut last = Vec::new();
            for _ in 0..times {
                let (status, body) = fetch(agent, &url)?;
                ensure!(status == 200, "{original}: {status} {}", String::from_utf8_lossy(&body));
                last = body;
            }
            Ok(last)
        })
    }
}
