//! From a picture back to the delivery it came from.
mod background;
mod beside;
mod candidate;
mod compared;
mod informed;
mod jobs;
mod originals;
mod overlaid;
mod picture;
mod progress;
mod served;
mod sketches;
mod suspects;

pub use background::Background;
pub use beside::{Beside, Renditions};
pub use informed::{Match, Outcome};
pub use jobs::{Bench, Desk, work_off};
pub use originals::Originals;
pub use overlaid::chessboard;
pub use progress::Progress;
pub use served::{Delivery, Served};
pub use suspects::{Person, Suspects};

use crate::clock::rfc3339;
use accusation::Accusation;
use anyhow::Result;
use identity::KeyRecord;
use secret::{MasterKey, Purpose};
use serde_json::{Value, json};
use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};

/// What a mark says, with the names that its tags stand for.
pub struct Finding {
    /// Whose key asked for the picture; `None` when neither client nor key is stored.
    pub client_id: Option<String>,
    /// The tag of the client's own viewer, where the URL named one.
    pub viewer: Option<Subject>,
    /// The key that signed for it; `None` when it is no longer stored.
    pub public_key: Option<String>,
    /// The mark itself.
    pub payload: Payload,
}

/// The secrets that marks are made with, of the master key and the one before it.
pub fn marking(current: Option<MasterKey>, previous: Option<MasterKey>) -> Vec<MarkKey> {
    let masters = [current, previous];
    let derived = masters.iter().flatten().map(|master| master.derive(Purpose::Marking));
    derived.map(|key| MarkKey::new(*key)).collect()
}

/// Reads the mark out of a JPEG, PNG or WebP file and looks up whom it names. `Ok(None)`: there is no mark of these keys in it.
pub fn identify(file: &[u8], marking: &[MarkKey], keys: &[KeyRecord]) -> Result<Option<Finding>> {
    let mut payload = None;
    for key in marking {
        payload = payload.or(imaging::trace(file, key, &imaging::Budget::default())?);
    }
    let Some(payload) = payload else {
        return Ok(None);
    };
    let record = keys.iter().find(|record| KeyTag::of(&record.public_key) == payload.key);
    let subject = keys
        .iter()
        .find(|record| Subject::of(&record.client_id) == payload.subject);
    Ok(Some(Finding {
        // A subject that is no client is a viewer of the client whose key signed.
        client_id: subject.or(record).map(|record| record.client_id.clone()),
        viewer: subject.is_none().then_some(payload.subject),
        public_key: record.map(|record| record.public_key.clone()),
        payload,
    }))
}

/// The finding as JSON, one object for a file.
pub fn line(file: &str, finding: Option<&Finding>) -> Value {
    let Some(Finding {
        client_id,
        viewer,
        public_key,
        payload,
    }) = finding
    else {
        return json!({ "file": file, "marked": false });
    };
    let time = (payload.time != 0).then(|| rfc3339(payload.time));
    let meaning = match payload.kind {
        Kind::SignedUrl => "url-expiry",
        Kind::OneShot => "request",
    };
    json!({
        "file": file, "marked": true, "client_id": client_id, "viewer": viewer.map(|tag| hex(&tag.0)), "public_key": public_key,
        "request_id": hex(&payload.reference), "time": time, "time_meaning": meaning, "layer": "fragile",
    })
}

/// What a search beside the originals found, as JSON: one object for a file.
pub fn informed_line(file: &str, outcome: &Outcome, suspects: &Suspects) -> Value {
    let searched = |mut line: Value| {
        line["compared"] = outcome.compared.into();
        line["changed"] = outcome.changed.into();
        line["variants"] = outcome.variants.into();
        line
    };
    let Some(found) = &outcome.found else {
        return searched(json!({ "file": file, "marked": false, "layer": "tracing", "why": "original-not-found" }));
    };
    let person = |accusation: &Accusation| {
        let Person { client_id, viewer } = suspects.get(accusation.subject);
        let requests: Vec<Value> = found
            .requests(accusation, suspects)
            .map(|one| json!({ "time": rfc3339(one.at / 1000), "request_id": one.request_id }))
            .collect();
        json!({ "client_id": client_id, "viewer": viewer, "log10_bound": accusation.log10, "requests": requests })
    };
    let accused: Vec<Value> = found.verdict.accused.iter().map(person).collect();
    let marked = !accused.is_empty();
    searched(json!({
        "file": file, "marked": marked, "layer": "tracing",
        "client_id": accused.first().map(|first| first["client_id"].clone()),
        "accused": accused, "closest": found.verdict.closest.as_ref().map(person),
        "why": (!marked).then_some("not-enough-left"),
        "original": found.original.display().to_string(), "source": found.source, "operations": found.operations, "format": found.format.name(),
        "request_id": found.request.map(|request| hex(&request)),
        "likeness": found.registration.likeness, "mirrored": found.registration.mirrored, "map": found.registration.map.0,
        "chips": found.chips, "chips_read": found.verdict.chips,
    }))
}

impl Match {
    /// When somebody had this rendition, by the log: the latest first, and no more than anybody reads.
    pub fn requests<'a>(
        &'a self,
        accusation: &Accusation,
        suspects: &Suspects,
    ) -> impl Iterator<Item = &'a Delivery> + use<'a> {
        let subject = suspects.subjects().get(accusation.subject).copied();
        let of = move |one: &&Delivery| Some(one.subject) == subject;
        self.deliveries.iter().rev().filter(of).take(REQUESTS)
    }
}

/// Requests that are told of one person.
const REQUESTS: usize = 20;

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
