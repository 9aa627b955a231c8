//! The body of an answer, read into the buffer that it is used from: spin-sdk's own reader makes a buffer for every 16 KiB, and its
//! chunks have to be put together again.

use spin_sdk::http::Response;
use spin_sdk::wasip3::http::types::{self, ErrorCode, Trailers};
use spin_sdk::wasip3::wit_bindgen::{FutureReader, FutureWriter, StreamReader, StreamResult};
use spin_sdk::wasip3::wit_future;

/// A body that is being read.
pub struct Body {
    bytes: StreamReader<u8>,
    trailers: FutureReader<Result<Option<Trailers>, ErrorCode>>,
    /// What we think of the body. It is told when it is dropped: nothing is wrong.
    _verdict: FutureWriter<Result<(), ErrorCode>>,
}

impl Body {
    /// The body of an answer of which nothing was read yet.
    pub fn of(response: Response) -> Option<Self> {
        let response = response.into_body().take_unstarted()?;
        let (verdict, reader) = wit_future::new(|| Ok(()));
        let (bytes, trailers) = types::Response::consume_body(response, reader);
        Some(Self {
            bytes,
            trailers,
            _verdict: verdict,
        })
    }

    /// Reads on behind what `buffer` holds, into what it has room for: waits for the first byte and takes what is there. `false`:
    /// there is no more.
    pub async fn read(&mut self, buffer: Vec<u8>) -> (Vec<u8>, bool) {
        let (outcome, buffer) = self.bytes.read(buffer).await;
        (buffer, matches!(outcome, StreamResult::Complete(_)))
    }

    /// Whether the body ended as it should, once there is no more.
    pub async fn end(self) -> Result<(), ErrorCode> {
        self.trailers.await.map(drop)
    }
}
