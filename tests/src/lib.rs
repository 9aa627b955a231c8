//! What the end-to-end tests stand on: the built `deckle` with a data folder of its own, and plain HTTP.

mod browser;
mod deckle;
mod fault_proxy;
mod faulty_origin;
mod fleet;
mod object_store;
mod operator;
mod raw;
mod receiver;
mod redis;
mod reply;
mod shop;

pub use browser::Browser;
pub use deckle::{Deckle, Key, MASTER_KEY, OPERATOR_TOKEN, command, json_of, repository};
pub use fault_proxy::{Fault, FaultProxy};
pub use faulty_origin::FaultyOrigin;
pub use fleet::{Fleet, Outcomes, PARALLEL, now};
pub use object_store::ObjectStore;
pub use operator::{ApiClient, Operator};
pub use raw::{exchange, raw, raw_get};
pub use receiver::{Post, Receiver};
pub use redis::Redis;
pub use reply::{Reply, get, post, request, send};
pub use shop::{Buyer, Shop};
pub use test_postgres::Postgres;
