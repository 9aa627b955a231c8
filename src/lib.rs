//! The image component: a signed URL in, a picture out that carries the marks of the client it was served to.
//!
//! [`serve`] is the whole path a request takes: [`gate`] decides whether, [`admit`] how often, `imaging` makes the picture.
//! What the path needs of the host stands in [`ports`]; `spin/` is the only place that touches one.

pub mod admit;
pub mod caching;
pub mod circuits;
pub mod code;
pub mod delivery;
pub mod event;
pub mod gate;
pub mod origin;
pub mod ports;
pub mod renditions;
pub mod request;
pub mod serve;
pub mod settings;

#[cfg(target_family = "wasm")]
mod spin;

#[cfg(test)]
mod fake;
