//! The host's side of the interfaces that Spin adds to WASI: key-value stores, SQL databases and configuration variables.
mod configuration;
mod spin_keyvalue;
mod spin_postgres;
mod spin_sqlite;
mod wasi_keyvalue;

use crate::instance::Guest;
use wasmtime::Result;
use wasmtime::component::{HasData, Linker};

/// An open key-value store: the label it was opened by.
pub struct Store(pub String);

/// A compare-and-swap in progress.
pub struct Cas {
    store: String,
    key: String,
    /// What `current` returned; `None` before it was called.
    seen: Option<Option<Vec<u8>>>,
}

mod bindings {
    wasmtime::component::bindgen!({
        path: "../wit",
        world: "deckle:host/platform",
        imports: {
            "spin:postgres/postgres": async | trappable,
            "spin:sqlite/sqlite": async | trappable,
            "wasi:keyvalue/store": async | trappable,
            "wasi:keyvalue/atomics": async | trappable,
            "wasi:keyvalue/batch": async | trappable,
            default: trappable,
        },
        with: {
            "spin:key-value/key-value.store": super::Store,
            "spin:postgres/postgres.connection": crate::postgres::Connection,
            "spin:postgres/postgres.connection-builder": super::spin_postgres::ConnectionBuilder,
            "spin:sqlite/sqlite.connection": crate::sqlite::Connection,
            "wasi:keyvalue/store.bucket": super::Store,
            "wasi:keyvalue/atomics.cas": super::Cas,
        },
    });
}

/// Names the guest as the place where these interfaces keep their handles.
pub struct Platform;

impl HasData for Platform {
    type Data<'a> = &'a mut Guest;
}

/// Offers all interfaces of the world `platform` to components.
pub fn add_to_linker(linker: &mut Linker<Guest>) -> Result<()> {
    bindings::Platform::add_to_linker::<_, Platform>(linker, |guest| guest)
}
