use crate::audit_log;
use crate::clients;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::sql::SqlError;
use crate::webhook;
use anomaly::{Finding, Observation, Reach, State, Verdict};
use audit::{Class, Entry, Proof};
use problem::Code;
use serde_json::json;
use std::collections::BTreeMap;

/// Entries that are read at a time, and times in one call.
const PAGE: i64 = 500;
const PAGES: usize = 10;

/// Whose events: the client, and what the caller proved.
type Whose = (String, String);

/// Reads on from where the last reader stopped. The caller has claimed the chore: one reader at a time.
pub async fn detect<H: Host>(host: &H, settings: &Settings) -> Result<(), Refusal> {
    for _ in 0..PAGES {
        let cursor = cursor(host).await?;
        let entries = audit_log::after(host, Class::Requests.as_str(), cursor, PAGE).await?;
        let Some(last) = entries.last().map(|entry| entry.seq) else {
            return Ok(());
        };
        let mut remembered: BTreeMap<Whose, (i64, State)> = BTreeMap::new();
        for entry in &entries {
            let Some((whose, reach)) = counts(entry) else { continue };
            if !remembered.contains_key(&whose) {
                let state = remember(host, &whose).await?;
                remembered.insert(whose.clone(), state);
            }
            let Some((seq, state)) = remembered.get_mut(&whose) else {
                continue;
            };
            if entry.seq <= *seq {
                continue;
            }
            *seq = entry.seq;
            if let Some(finding) = state.observe(&observation(entry), reach) {
                write_down(host, settings, entry, &finding).await?;
            }
        }
        for ((client_id, proof), (seq, state)) in &remembered {
            let statement = "INSERT INTO anomaly_states (client_id, proof, seq, state) VALUES ($1, $2, $3, $4) ON CONFLICT \
                             (client_id, proof) DO UPDATE SET seq = excluded.seq, state = excluded.state \
                             WHERE anomaly_states.seq < excluded.seq";
            host.execute(
                statement,
                &[client_id.into(), proof.into(), (*seq).into(), state.to_json().into()],
            )
            .await?;
        }
        let statement = "UPDATE anomaly_cursor SET seq = $1 WHERE chain = 'requests' AND seq < $1";
        host.execute(statement, &[last.into()]).await?;
        if entries.len() < usize::try_from(PAGE).unwrap_or_default() {
            return Ok(());
        }
    }
    Ok(())
}

async fn cursor<H: Host>(host: &H) -> Result<i64, SqlError> {
    let rows = host
        .query("SELECT seq FROM anomaly_cursor WHERE chain = 'requests'", &[])
        .await?;
    rows.first().map_or(Ok(0), |row| row.get(0))
}

async fn remember<H: Host>(host: &H, (client_id, proof): &Whose) -> Result<(i64, State), SqlError> {
    let statement = "SELECT seq, state FROM anomaly_states WHERE client_id = $1 AND proof = $2";
    let rows = host.query(statement, &[client_id.into(), proof.into()]).await?;
    match rows.first() {
        None => Ok((0, State::default())),
        Some(row) => Ok((row.get(0)?, State::from_json(&row.get::<String>(1)?))),
    }
}

/// Whose an entry is. One that proves nothing is nobody's: else anybody could have a client disabled by naming it.
fn counts(entry: &Entry) -> Option<(Whose, Reach)> {
    let client_id = entry.client_id.clone()?;
    let reach = match entry.proof.as_str() {
        proof if proof == Proof::Credential.as_str() => Reach::Disable,
        proof if proof == Proof::Url.as_str() => Reach::Report,
        _ => return None,
    };
    Some(((client_id, entry.proof.clone()), reach))
}

fn observation(entry: &Entry) -> Observation<'_> {
    Observation {
        at: u64::try_from(entry.at).unwrap_or_default(),
        ip: entry.ip.as_deref().and_then(|ip| ip.parse().ok()),
        barcode: entry.barcode.as_deref(),
        status: u16::try_from(entry.status).unwrap_or_default(),
    }
}

/// Each step can be repeated: a reader that dies in between is followed by one that finds the same.
async fn write_down<H: Host>(host: &H, settings: &Settings, entry: &Entry, finding: &Finding) -> Result<(), Refusal> {
    let client_id = entry.client_id.as_deref().unwrap_or_default();
    let signals: Vec<_> = finding
        .signals
        .iter()
        .map(|signal| json!({ "name": signal.name.as_str(), "points": signal.points, "words": signal.words }))
        .collect();
    if finding.verdict == Verdict::Abuse && settings.disables {
        match clients::disable(host, client_id, "abuse", host.now() / 1000).await {
            // It has proved its credential, and is gone since.
            Err(refusal) if refusal.code == Code::NotFound => {}
            done => done?,
        }
    }
    let body = json!({
        "client_id": client_id, "verdict": finding.verdict.as_str(), "score": finding.score, "signals": signals,
        "request_id": entry.request_id,
    });
    let kind = match finding.verdict {
        Verdict::Abuse => webhook::Kind::ClientDisabled,
        Verdict::Noted => webhook::Kind::Anomaly,
    };
    webhook::enqueue(
        host,
        &format!("anm_{}", entry.seq),
        client_id,
        kind,
        &body,
        host.now() / 1000,
    )
    .await?;
    let statement = "INSERT INTO anomalies (seq, client_id, found_at, verdict, score, signals) VALUES ($1, $2, $3, $4, $5, $6) \
                     ON CONFLICT (seq) DO NOTHING";
    let row = [
        entry.seq.into(),
        client_id.into(),
        entry.at.into(),
        finding.verdict.as_str().into(),
        i64::from(finding.score).into(),
        json!(signals).to_string().into(),
    ];
    host.execute(statement, &row).await?;
    Ok(())
}
