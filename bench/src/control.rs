//! What the control component's answers cost beside its cheapest, a bare 401, on SQLite; and what an event of the edge costs in its log.

use std::sync::Mutex;
use std::sync::atomic::{AtomicUsize, Ordering};

use anyhow::{Context, Result, anyhow, ensure};
use deckle_tests::{Deckle, Operator, repository};
use serde_json::{Value, json};
use ureq::Agent;

use crate::load::Load;
use crate::meter::{Cost, Meter};
use crate::progress;
use crate::row::{Row, median, median_ratio};

/// An endpoint, and its requests in a round: the dearer, the fewer.
const ENDPOINTS: [(&str, usize); 5] = [
    ("401", 256),
    ("balance", 128),
    ("product", 64),
    ("refresh", 32),
    ("token", 16),
];
/// What the edge refuses at once, so that little but the event is left of it: `audit` decides where that goes.
const EDGE: (&str, usize) = ("edge-401", 256);
const PRODUCT: &str = "017000161563";
/// Within the limits of 10 tokens and 60 refreshes a minute for each client, however short a round is.
const CLIENTS_A_ROUND: usize = 4;

/// A host with clients.
struct Shop {
    deckle: Deckle,
    clients: Vec<Mutex<Client>>,
    load: Load,
}

/// One request among many of its kind.
struct Request {
    /// Seconds.
    cpu: f64,
    cycles: Option<f64>,
    per_second: f64,
}

struct Client {
    id: String,
    key: String,
    access: String,
    refresh: String,
}

/// Asks a host for everything, and one whose edge writes no audit log for [`EDGE`]. The bare 401 of the first is 1.
pub fn run(rounds: usize) -> Result<Vec<Row>> {
    let chained = Shop::open("chained", (rounds + 1) * CLIENTS_A_ROUND)?;
    let stdout = Shop::open("stdout", 0)?;
    let mut columns: Vec<_> = ENDPOINTS.map(|endpoint| (&chained, "", endpoint)).to_vec();
    columns.extend([(&chained, "", EDGE), (&stdout, "/stdout", EDGE)]);
    let mut measured = Vec::new();
    for round in 0..=rounds {
        let mut costs = Vec::new();
        for (shop, suffix, (endpoint, count)) in &columns {
            progress::show(&format!("control/{endpoint}{suffix}: round {round} of {rounds}"));
            costs.push(shop.measure(endpoint, *count)?);
        }
        if round > 0 {
            measured.push(costs);
        }
    }
    progress::clear();
    let names = columns
        .iter()
        .map(|(_, suffix, (endpoint, _))| format!("control/{endpoint}{suffix}"));
    names
        .enumerate()
        .map(|(place, name)| row(name, place, &measured))
        .collect()
}

/// The first column of each round is what the others are compared with.
fn row(name: String, place: usize, measured: &[Vec<Request>]) -> Result<Row> {
    let pairs = || {
        measured
            .iter()
            .filter_map(|costs| Some((costs.get(place)?, costs.first()?)))
    };
    let cycles = pairs().filter_map(|(cost, bare)| Some((cost.cycles?, bare.cycles?)));
    Ok(Row {
        ratio_cpu: median_ratio(pairs().map(|(cost, bare)| (cost.cpu, bare.cpu))).context("no rounds")?,
        ratio_cycles: median_ratio(cycles),
        milliseconds: median(pairs().map(|(cost, _)| cost.cpu * 1000.0).collect()).unwrap_or_default(),
        per_second: median(pairs().map(|(cost, _)| cost.per_second).collect()),
        ..Row::of(name, measured.len())
    })
}

impl Shop {
    fn open(audit: &str, clients: usize) -> Result<Self> {
        progress::show(&format!("making {clients} clients"));
        let originals = repository().join("static/photos").to_string_lossy().into_owned();
        let audit = format!("audit={audit}");
        let mut arguments = vec!["--originals", &originals];
        // Requests say where they come from, and may fail as often as they like.
        for variable in [
            "trusted_proxies=127.0.0.0/8",
            "address_limit=0",
            "anomalies=report",
            &audit,
        ] {
            arguments.extend(["--variable", variable]);
        }
        let deckle = Deckle::start(&arguments)?;
        let operator = Operator::of(&deckle)?;
        operator.import_catalogue()?;
        let mut shop = Self {
            clients: Vec::new(),
            load: Load::new(),
            deckle,
        };
        for _ in 0..clients {
            shop.clients.push(Mutex::new(Client::make(&shop.deckle)?));
        }
        shop.load.run(clients, |agent, _| shop.request(agent, "token"))?;
        Ok(shop)
    }

    /// What one request costs.
    fn measure(&self, endpoint: &str, count: usize) -> Result<Request> {
        let mut meter = Meter::of(self.deckle.id())?;
        let requests = || self.load.run(count, |agent, _| self.request(agent, endpoint));
        let ((_, per_second), Cost { cpu, cycles }) = meter.measure(requests)?;
        Ok(Request {
            cpu: cpu.as_secs_f64() / count as f64,
            cycles: cycles.map(|cycles| cycles as f64 / count as f64),
            per_second,
        })
    }

    fn request(&self, agent: &Agent, endpoint: &str) -> Result<usize> {
        let refused = match endpoint {
            "401" => Some("/api/v1/balance"),
            "edge-401" => Some("/api/v1/demo/w_64/127.0.0.1/photo.jpg"),
            _ => None,
        };
        if let Some(path) = refused {
            return expect(agent.get(self.deckle.url(path)).call()?, 401).map(|_| 1);
        }
        static TURN: AtomicUsize = AtomicUsize::new(0);
        let turn = TURN.fetch_add(1, Ordering::Relaxed);
        let client = self.clients.get(turn % self.clients.len()).context("no client")?;
        let mut client = client.lock().map_err(|_| anyhow!("a client panicked"))?;
        let path = match endpoint {
            "product" => format!("/api/v1/products/{PRODUCT}"),
            "balance" => "/api/v1/balance".to_owned(),
            _ => {
                let body = match endpoint {
                    "token" => json!({ "client_id": client.id, "api_key": client.key }),
                    _ => json!({ "refresh_token": client.refresh }),
                };
                // Each from a place of its own: an address may try only so often.
                let [_, a, b, c] = u32::try_from(turn)?.to_be_bytes();
                let request = agent
                    .post(self.deckle.url(&format!("/api/v1/auth/{endpoint}")))
                    .header("content-type", "application/json")
                    .header("x-forwarded-for", format!("10.{a}.{b}.{c}"));
                let pair = expect(request.send(body.to_string())?, 200)?;
                client.keep(&pair)?;
                return Ok(1);
            }
        };
        let bearer = format!("Bearer {}", client.access);
        expect(
            agent
                .get(self.deckle.url(&path))
                .header("authorization", bearer)
                .call()?,
            200,
        )
        .map(|_| 1)
    }
}

impl Client {
    fn make(deckle: &Deckle) -> Result<Self> {
        let made = Operator::of(deckle)?.client(&json!({ "name": "Shop", "tier": "enterprise" }), 1_000_000)?;
        Ok(Self {
            id: made.id,
            key: made.api_key,
            access: String::new(),
            refresh: String::new(),
        })
    }

    fn keep(&mut self, pair: &Value) -> Result<()> {
        let text = |name: &str| {
            pair[name]
                .as_str()
                .map(str::to_owned)
                .with_context(|| format!("no {name}"))
        };
        (self.access, self.refresh) = (text("access_token")?, text("refresh_token")?);
        Ok(())
    }
}

fn expect(mut response: ureq::http::Response<ureq::Body>, status: u16) -> Result<Value> {
    let body = response.body_mut().read_to_vec()?;
    ensure!(
        response.status() == status,
        "{}: {}",
        response.status(),
        String::from_utf8_lossy(&body)
    );
    Ok(serde_json::from_slice(&body)?)
}
