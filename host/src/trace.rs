//! From a picture back to the delivery it came from.
mod informed;
mod overlaid;
mod progress;

pub use informed::{Match, Search};
pub use overlaid::chessboard;
pub use progress::Progress;

use crate::clock::rfc3339;
use accusation::Accusation;
use anyhow::Result;
use identity::KeyRecord;
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

/// What a search with the original found, as JSON: one object for a file. `names` has a subject's name.
pub fn informed_line(file: &str, found: Option<&Match>, names: impl Fn(usize) -> String) -> Value {
    let Some(found) = found else {
        return json!({ "file": file, "marked": false, "layer": "tracing", "why": "original-not-found" });
    };
    let person =
        |accusation: &Accusation| json!({ "client_id": names(accusation.subject), "log10_bound": accusation.log10 });
    let accused: Vec<Value> = found.verdict.accused.iter().map(person).collect();
    let marked = !accused.is_empty();
    json!({
        "file": file, "marked": marked, "layer": "tracing",
        "client_id": found.verdict.accused.first().map(|accusation| names(accusation.subject)),
        "accused": accused, "closest": found.verdict.closest.as_ref().map(person),
        "why": (!marked).then_some("not-enough-left"),
        "original": found.original.display().to_string(), "operations": found.operations,
        "request_id": found.request.map(|request| hex(&request)),
        "likeness": found.registration.likeness, "mirrored": found.registration.mirrored, "map": found.registration.map.0,
        "chips": found.chips, "chips_read": found.verdict.chips,
    })
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
