//! The adapter to Spin's interfaces: the only file that touches the host.

use crate::sweep::{Interrupted, Store, Swept, sweep};
use answer::Answer;
use problem::Reason;
use serde_json::json;
use spin_adapter::store;
use spin_sdk::http::{IntoResponse, Request};
use spin_sdk::{http_service, key_value, variables};

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
    match sweep_all(now).await {
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

/// Sweeps the store of records, claims and counters, and then the one of renditions, where that is another.
async fn sweep_all(now: u64) -> Result<Swept, Interrupted> {
    let mut swept = sweep(&KeyValue(store::RECORDS), now).await?;
    let renditions = variables::get("renditions").await;
    let renditions = renditions.map_err(|error| Interrupted::Store(format!("variables: {error:?}")))?;
    if renditions != "off" && renditions != store::RECORDS {
        let store = KeyValue(&renditions);
        // A deployment without such a store keeps no renditions.
        if !matches!(
            key_value::Store::open(&renditions).await,
            Err(key_value::Error::AccessDenied | key_value::Error::NoSuchStore)
        ) {
            let more = sweep(&store, now).await?;
            swept.deleted += more.deleted;
            swept.more |= more.more;
        }
    }
    Ok(swept)
}

/// The store of this label.
struct KeyValue<'a>(&'a str);

impl Store for KeyValue<'_> {
    async fn list(&self, mut show: impl FnMut(String)) -> Result<(), String> {
        let store = store::open(self.0).await?;
        let mut names = store.get_keys().await;
        while let Some(name) = names.next().await {
            show(name);
        }
        names.result().await.map_err(|error| format!("key-value: {error:?}"))
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        store::get(self.0, name).await
    }

    async fn delete(&self, name: &str) -> Result<(), String> {
        let deleted = store::open(self.0).await?.delete(name).await;
        deleted.map_err(|error| format!("key-value: {error:?}"))
    }
}
