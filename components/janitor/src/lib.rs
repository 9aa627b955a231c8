//! The janitor component: deletes claims, counters and renditions that nothing can use any more, because no store that Spin offers forgets
//! by itself. Its route is private: a schedule calls it, never a client.

pub mod sweep;

#[cfg(target_family = "wasm")]
mod spin;
