//! From a picture back to the delivery it came from.
use crate::clock::rfc3339;
use anyhow::Result;
use identity::KeyRecord;
use serde_json::{Value, json};
use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};

/// What a mark says, with the names that its tags stand for.
pub struct Finding {
    /// Who received the picture; `None` when no stored key has a client with this tag.
    pub client_id: Option<String>,
    /// The key that signed for it; `None` when it is no longer stored.
    pub public_key: Option<String>,
    /// The mark itself.
    pub payload: Payload,
}

/// Reads the mark out of a JPEG, PNG or WebP file and looks up whom it names. `Ok(None)`: there is no mark of this key in it.
pub fn identify(file: &[u8], key: &MarkKey, keys: &[KeyRecord]) -> Result<Option<Finding>> {
    let Some(payload) = imaging::trace(file, key, &imaging::Budget::default())? else {
        return Ok(None);
    };
    let record = keys.iter().find(|record| KeyTag::of(&record.public_key) == payload.key);
    let client = keys
        .iter()
        .find(|record| Subject::of(&record.client_id) == payload.subject);
    Ok(Some(Finding {
        client_id: client.map(|record| record.client_id.clone()),
        public_key: record.map(|record| record.public_key.clone()),
        payload,
    }))
}

/// The finding as JSON, one object for a file.
pub fn line(file: &str, finding: Option<&Finding>) -> Value {
    let Some(Finding {
        client_id,
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
        "file": file, "marked": true, "client_id": client_id, "public_key": public_key,
        "request_id": hex(&payload.reference), "time": time, "time_meaning": meaning, "layer": "fragile",
    })
}

/// Lower-case hexadecimal.
pub fn hex(bytes: &[u8]) -> String {
    bytes.iter().map(|byte| format!("{byte:02x}")).collect()
}
