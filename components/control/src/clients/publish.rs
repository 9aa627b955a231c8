use super::find;
use crate::ports::Host;
use crate::refusal::Refusal;
use identity::ClientRecord;
use problem::Code;

/// How often a client may change while it is published.
const ROUNDS: usize = 8;

/// Writes what the edge has to know of a client to key-value, after its row has changed.
///
/// Two can publish at once, and the older record be written last. So each looks again after it has written: the last write is
/// followed by a look at the row, and what differs is written again. Where this fails the row stands and the caller hears 503:
/// asking again publishes.
pub async fn publish(host: &impl Host, id: &str) -> Result<(), Refusal> {
    let mut written = None;
    for _ in 0..ROUNDS {
        let client = find(host, id).await?;
        let record = client.map(|client| client.record().to_bytes());
        if written == record {
            return Ok(());
        }
        if let Some(bytes) = &record {
            host.set(&ClientRecord::name_of(id), bytes).await?;
        }
        written = record;
    }
    Err(Refusal::because(
        Code::Unavailable,
        "a client changes faster than it can be published",
    ))
}
