//! The adapter to Spin's interfaces: the only file that touches the host.

use crate::sweep::{Store, Swept, sweep};
use answer::Answer;
use problem::Reason;
use serde_json::json;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::http_service;
use spin_sdk::key_value;

#[http_service]
async fn handle(request: Request) -> impl IntoResponse {
    let now = spin_adapter::now() / 1000;
    let id: [u8; 8] = spin_adapter::random();
    let request_id = id
        .iter()
        .fold("req_".to_owned(), |id, byte| id + &format!("{byte:02x}"));
    // The route is private; a client that reaches it through a mistaken manifest must not gain a way to busy the store.
    let private = spin_adapter::wire::peer(request.headers()).is_none();
    let answer = match private && request.method().as_str() == "POST" {
        true => swept(&request_id, now).await,
        false => Answer::problem(Reason::NotFound, &request_id),
    };
    spin_adapter::wire::response(answer)
}

async fn swept(request_id: &str, now: u64) -> Answer {
    match sweep(&KeyValue, now).await {
        Ok(Swept { deleted, more }) => {
            let line = json!({ "time": now, "request_id": request_id, "deleted": deleted, "more": more }).to_string();
            spin_adapter::log(&line);
            Answer::json(200, request_id, line.into_bytes())
        }
        Err(interrupted) => {
            let line = json!({ "time": now, "request_id": request_id, "detail": interrupted.to_string() });
            spin_adapter::log(&line.to_string());
            Answer::problem(Reason::Unavailable, request_id)
        }
    }
}

/// The store `default`, which has records, claims and counters.
struct KeyValue;

impl Store for KeyValue {
    async fn list(&self, mut show: impl FnMut(String)) -> Result<(), String> {
        let store = open().await?;
        let mut names = store.get_keys().await;
        while let Some(name) = names.next().await {
            show(name);
        }
        names.result().await.map_err(failed)
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        spin_adapter::store::get(name).await
    }

    async fn delete(&self, name: &str) -> Result<(), String> {
        open().await?.delete(name).await.map_err(failed)
    }
}

async fn open() -> Result<key_value::Store, String> {
    key_value::Store::open_default().await.map_err(failed)
}

fn failed(error: key_value::Error) -> String {
    format!("key-value: {error:?}")
}
