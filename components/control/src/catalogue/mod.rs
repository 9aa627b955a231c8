//! Products, what they cost, and the one-shot URLs of their pictures.

pub mod balance;
pub mod bulk_check;
pub mod delivery;
pub mod import;
pub mod ledger;
pub mod listing;
pub mod product;
mod products;
pub mod terms;

use ::catalogue::Scope;

/// Who asks, as far as the catalogue is concerned.
pub struct Buyer {
    /// The client.
    pub client_id: String,
    /// What its tokens have to carry.
    pub epoch: u64,
    /// What it may see.
    pub scope: Scope,
    /// Whether its one-shot URLs are bound to the address that asked for them.
    pub ip_binding: bool,
}

#[cfg(test)]
mod tests;
