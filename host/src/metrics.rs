//! What this host has answered, counted for Prometheus.
use crate::{answer, plain};
use anyhow::{Context as _, Result};
use http::{Method, Response, StatusCode};
use problem::Reason;
use prometheus_client::encoding::{EncodeLabelSet, text};
use prometheus_client::metrics::counter::Counter;
use prometheus_client::metrics::family::Family;
use prometheus_client::metrics::histogram::Histogram;
use prometheus_client::registry::Registry;
use std::net::SocketAddr;
use std::sync::Arc;
use std::time::{Duration, Instant};
use tokio::net::TcpListener;
use wasmtime_wasi_http::WasiBody;

/// OpenMetrics 1.0, which Prometheus reads.
const MEDIA_TYPE: &str = "application/openmetrics-text; version=1.0.0; charset=utf-8";
/// For the headers of a request.
const HEADER_TIMEOUT: Duration = Duration::from_secs(10);
/// Upper bounds in seconds: a kept picture takes the first ones, a large original the middle ones, a slow origin the last.
const BOUNDS: [f64; 12] = [0.001, 0.0025, 0.005, 0.01, 0.025, 0.05, 0.1, 0.25, 0.5, 1.0, 5.0, 30.0];

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Answer {
    status: u16,
}

#[derive(Clone, Debug, Hash, PartialEq, Eq, EncodeLabelSet)]
struct Picture {
    /// As `X-Deckle-Mark` says it.
    mark: String,
    /// Its media type.
    r#type: String,
}

/// The counts. None of their labels comes from a request, so their number is bounded whatever is asked for.
pub struct Metrics {
    registry: Registry,
    answers: Family<Answer, Counter>,
    pictures: Family<Picture, Counter>,
    seconds: Histogram,
}

impl Metrics {
    /// Counts at 0.
    pub fn new() -> Self {
        let mut registry = Registry::with_prefix("deckle");
        let (answers, pictures, seconds) = (Family::default(), Family::default(), Histogram::new(BOUNDS));
        registry.register("answers", "Answers, by status", answers.clone());
        registry.register(
            "pictures",
            "Pictures that left, by what their mark can do: fragile ones cannot be traced once they are encoded again",
            pictures.clone(),
        );
        registry.register(
            "answer_seconds",
            "From a request's headers to its answer's",
            seconds.clone(),
        );
        Self {
            registry,
            answers,
            pictures,
            seconds,
        }
    }

    /// Counts an answer to a request that came at `arrival`.
    pub fn count<B>(&self, answer: &Response<B>, arrival: Instant) {
        let status = answer.status();
        self.seconds.observe(arrival.elapsed().as_secs_f64());
        self.answers
            .get_or_create(&Answer {
                status: status.as_u16(),
            })
            .inc();
        let text = |name| Some(answer.headers().get(name)?.to_str().ok()?.to_owned());
        if let (StatusCode::OK, Some(mark)) = (status, text("x-deckle-mark")) {
            let r#type = text("content-type").unwrap_or_default();
            self.pictures.get_or_create(&Picture { mark, r#type }).inc();
        }
    }

    /// Answers `GET /metrics` at an address of its own, since whoever sees pictures need not see these. Returns where.
    ///
    /// # Errors
    /// If the address cannot be had.
    pub async fn serve(self: Arc<Self>, address: SocketAddr) -> Result<SocketAddr> {
        let listener = TcpListener::bind(address)
            .await
            .with_context(|| format!("{address} cannot be had for metrics: choose another with --metrics"))?;
        let address = listener.local_addr()?;
        plain::serve(listener, HEADER_TIMEOUT, move |request| {
            std::future::ready(self.answer(request.method(), request.uri().path()))
        });
        Ok(address)
    }

    fn answer(&self, method: &Method, path: &str) -> Response<WasiBody> {
        if path != "/metrics" || !matches!(*method, Method::GET | Method::HEAD) {
            return answer::problem(Reason::NotFound);
        }
        match self.text() {
            Ok(counts) => answer::with_type(counts, MEDIA_TYPE),
            Err(_) => answer::problem(Reason::Processing),
        }
    }

    /// The counts as OpenMetrics writes them.
    fn text(&self) -> Result<String, std::fmt::Error> {
        let mut counts = String::new();
        text::encode(&mut counts, &self.registry)?;
        Ok(counts)
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pictures_count_by_their_mark_if_they_left() {
        let metrics = Metrics::new();
        for (status, mark) in [
            (200, Some("fragile")),
            (200, None),
            (304, Some("traceable")),
            (200, Some("fragile")),
        ] {
            let mut answer = Response::builder().status(status).header("content-type", "image/gif");
            if let Some(mark) = mark {
                answer = answer.header("x-deckle-mark", mark);
            }
            metrics.count(&answer.body(()).unwrap(), Instant::now());
        }
        let text = metrics.text().unwrap();
        let lines: Vec<_> = text.lines().collect();
        for line in [
            "deckle_pictures_total{mark=\"fragile\",type=\"image/gif\"} 2",
            "deckle_answers_total{status=\"200\"} 3",
            "deckle_answers_total{status=\"304\"} 1",
            "deckle_answer_seconds_count 4",
        ] {
            assert!(lines.contains(&line), "{text}");
        }
        assert!(!text.contains("traceable\""), "{text}");
    }
}
