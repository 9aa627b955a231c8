use crate::ports::Post;
use bytes::Bytes;
use spin_sdk::http::FullBody;
use spin_sdk::wasip3::http::types::RequestOptions;
use spin_sdk::wasip3::http_compat::RequestOptionsExtension;
use std::time::Duration;

/// How long the other side may take to connect, and to answer.
const PATIENCE: Duration = Duration::from_secs(5);

/// Sends a POST and gives the status of its answer, of which nothing else is read.
pub async fn send(post: &Post<'_>) -> Result<u16, String> {
    let options = RequestOptions::new();
    let patience = u64::try_from(PATIENCE.as_nanos()).ok();
    // A host that does not know these limits says so; its own then hold.
    let _ = options.set_connect_timeout(patience);
    let _ = options.set_first_byte_timeout(patience);
    let mut request = http::Request::post(post.url)
        .header("content-length", post.body.len())
        .header("user-agent", concat!("deckle/", env!("CARGO_PKG_VERSION")))
        .extension(RequestOptionsExtension(options));
    for (name, value) in post.headers {
        request = request.header(*name, *value);
    }
    let request = request.body(FullBody::new(Bytes::copy_from_slice(post.body)));
    let request = request.map_err(|_| "the webhook's URL makes no request".to_owned())?;
    let response = spin_sdk::http::send(request).await;
    response
        .map(|response| response.status().as_u16())
        .map_err(|error| format!("webhook: {error:?}"))
}
