use crate::burst::Burst;
use crate::network::Networks;
use crate::refusals::Refusals;
use crate::sequence::Sequence;
use crate::{Finding, Name, Signal, Verdict};
use serde::{Deserialize, Serialize};
use std::net::IpAddr;

/// Milliseconds after which a signal that lasts is told again: a day.
const TELL_AGAIN: u64 = 86_400_000;

/// What is looked at of one event.
#[derive(Debug, Clone, Copy)]
pub struct Observation<'a> {
    /// Unix milliseconds.
    pub at: u64,
    /// The caller's address.
    pub ip: Option<IpAddr>,
    /// The barcode asked for.
    pub barcode: Option<&'a str>,
    /// The answer's HTTP status.
    pub status: u16,
}

/// What may follow from a state.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Reach {
    /// Events that the client proved to be its own with a credential: they can confirm abuse.
    Disable,
    /// Events that whoever sees a URL can cause: they are reported.
    Report,
}

/// What is remembered of one client.
#[derive(Debug, Default, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct State {
    since: u64,
    networks: Networks,
    sequence: Sequence,
    burst: Burst,
    refusals: Refusals,
    told: Vec<(Name, u64)>,
    confirmed: u64,
}

impl State {
    /// Takes an event, and says what is unusual: once for each signal in a day, and once when abuse is confirmed.
    pub fn observe(&mut self, event: &Observation<'_>, reach: Reach) -> Option<Finding> {
        let refused = matches!(event.status, 403 | 410);
        if self.since == 0 {
            self.since = event.at;
        }
        self.burst.observe(event.at);
        self.refusals.observe(refused, event.at);
        if let Some(ip) = event.ip {
            self.networks.observe(ip, event.at);
        }
        if let Some(barcode) = event.barcode.and_then(|barcode| barcode.parse().ok()) {
            self.sequence.observe(barcode, refused, event.at);
        }
        self.judge(event.at, reach)
    }

    /// The stored text.
    pub fn to_json(&self) -> String {
        // Numbers and texts always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }

    /// Reads the stored text. What cannot be read is a client that was never seen.
    pub fn from_json(text: &str) -> Self {
        serde_json::from_str(text).unwrap_or_default()
    }

    fn judge(&mut self, at: u64, reach: Reach) -> Option<Finding> {
        let mut signals: Vec<Signal> = [
            self.sequence.signal(),
            self.networks.signal(self.since, at),
            self.burst.signal(at),
            self.refusals.signal(),
        ]
        .into_iter()
        .flatten()
        .collect();
        signals.sort_by_key(|signal| std::cmp::Reverse(signal.points));
        let score: u32 = signals.iter().map(|signal| signal.points).sum();
        if score < Verdict::NOTED {
            return None;
        }
        let verdict = match reach {
            Reach::Disable if score >= Verdict::ABUSE => Verdict::Abuse,
            _ => Verdict::Noted,
        };
        self.told.retain(|(_, told)| at.saturating_sub(*told) < TELL_AGAIN);
        let confirmed =
            verdict == Verdict::Abuse && (self.confirmed == 0 || at.saturating_sub(self.confirmed) >= TELL_AGAIN);
        let fresh: Vec<Name> = signals
            .iter()
            .map(|signal| signal.name)
            .filter(|name| !self.told.iter().any(|(told, _)| told == name))
            .collect();
        if fresh.is_empty() && !confirmed {
            return None;
        }
        self.told.extend(fresh.into_iter().map(|name| (name, at)));
        if confirmed {
            self.confirmed = at;
        }
        Some(Finding {
            verdict,
            score,
            signals,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const DAY: u64 = 86_400_000;

    fn guess(at: u64, number: u64) -> (String, u64) {
        (format!("{:012}", 17_000_161_000 + number), at + number)
    }

    fn scan(state: &mut State, at: u64, numbers: std::ops::Range<u64>, status: u16, reach: Reach) -> Vec<Finding> {
        numbers
            .filter_map(|number| {
                let (barcode, at) = guess(at, number);
                let event = Observation {
                    at,
                    ip: None,
                    barcode: Some(&barcode),
                    status,
                };
                state.observe(&event, reach)
            })
            .collect()
    }

    #[test]
    fn a4_refused_barcodes_in_sequence_confirm_abuse_once() {
        let mut state = State::default();
        let findings = scan(&mut state, 1, 0..60, 403, Reach::Disable);
        assert_eq!(findings.len(), 2, "{findings:?}");
        assert_eq!((findings[0].verdict, findings[0].score), (Verdict::Abuse, 100));
        // The fiftieth refusal is a signal of its own.
        assert_eq!(findings[1].signals.len(), 2);
        assert!(findings[1].words().contains("403 or 410"));
        assert_eq!(scan(&mut state, 1, 60..120, 403, Reach::Disable), []);
        assert!(!scan(&mut state, 1 + 2 * DAY, 0..60, 403, Reach::Disable).is_empty());
    }

    #[test]
    fn a4_what_anybody_can_repeat_is_reported_and_never_disables() {
        let findings = scan(&mut State::default(), 1, 0..500, 403, Reach::Report);
        assert!(!findings.is_empty());
        assert!(findings.iter().all(|finding| finding.verdict == Verdict::Noted));
    }

    #[test]
    fn a4_just_under_the_thresholds_nothing_is_said() {
        let mut state = State::default();
        assert_eq!(scan(&mut state, 1, 0..31, 403, Reach::Disable), []);
        let mut state = State::default();
        let ordinary = (0..10_000u64).filter_map(|i| {
            let event = Observation {
                at: 1 + i * 1000,
                ip: "203.0.113.7".parse().ok(),
                barcode: None,
                status: if i % 3 == 0 { 403 } else { 200 },
            };
            state.observe(&event, Reach::Disable)
        });
        assert_eq!(ordinary.count(), 0);
    }

    #[test]
    fn a4_lesser_signals_confirm_abuse_only_together() {
        let mut state = State::default();
        let mut found = Vec::new();
        let mut ask = |at: u64, ip: &str, status: u16| {
            let event = Observation {
                at,
                ip: ip.parse().ok(),
                barcode: None,
                status,
            };
            found.extend(state.observe(&event, Reach::Disable));
        };
        ask(1, "203.0.113.7", 200);
        (0..200).for_each(|i| ask(30 * DAY + i, "198.51.100.7", 410));
        let verdicts: Vec<_> = found.iter().map(|finding| (finding.verdict, finding.score)).collect();
        assert_eq!(
            verdicts,
            [(Verdict::Noted, 30), (Verdict::Noted, 80), (Verdict::Abuse, 130)],
            "{found:?}"
        );
    }

    #[test]
    fn a_state_survives_being_stored() {
        let mut state = State::default();
        scan(&mut state, 1, 0..40, 403, Reach::Disable);
        assert_eq!(State::from_json(&state.to_json()), state);
        assert_eq!(State::from_json("{\"newer\":1}"), State::default());
        assert!(state.to_json().len() < 4096, "{}", state.to_json().len());
    }
}
