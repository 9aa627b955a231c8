//! Events on their way to the control component, which has the database: over a private route, after the answer has gone out.

use audit::{Event, Key, MAX_EVENTS, Parcel, Queue};
use bytes::Bytes;
use spin_sdk::http::FullBody;
use spin_sdk::wasip3::http::types::RequestOptions;
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;
use std::time::Duration;

/// The private route. Hosts take such names between components of one application and nowhere else.
const URL: &str = "http://control.spin.internal/internal/events";

/// How long the control component may take.
const PATIENCE: Duration = Duration::from_secs(10);

/// What waits in this instance, while the control component cannot be reached: images are served on, and what there is no room for
/// is counted.
static QUEUE: Queue = Queue::new(8 * MAX_EVENTS);

/// Puts an event in the queue.
pub fn push(event: Event) {
    QUEUE.push(event);
}

/// Sends what waits.
pub async fn send(key: &Key) {
    if let Err(reason) = QUEUE.drain(async |events| post(&Parcel::pack(events, key)).await).await {
        spin_adapter::log(&serde_json::json!({ "audit": reason }).to_string());
    }
}

async fn post(parcel: &Parcel) -> Result<(), String> {
    let options = RequestOptions::new();
    // A host that does not know this limit says so; the events then wait as long as it does.
    let _ = options.set_first_byte_timeout(u64::try_from(PATIENCE.as_nanos()).ok());
    let request = http::Request::post(URL)
        .header("content-type", "application/json")
        .header("content-length", parcel.body.len())
        .header(Parcel::HEADER, parcel.tag.as_str())
        .extension(RequestOptionsExtension(options))
        .body(FullBody::new(Bytes::from(parcel.body.clone())))
        .map_err(|_| "the parcel makes no request".to_owned())?;
    match spin_sdk::http::send(request).await {
        Ok(response) if response.status().is_success() => Ok(()),
        Ok(response) => Err(format!("the control component answered {}", response.status())),
        Err(error) => Err(format!("the control component cannot be reached: {error:?}")),
    }
}
