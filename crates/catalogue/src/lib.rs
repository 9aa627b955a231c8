//! The catalogue: products, which of them a client may see, and the forms in which they are asked for and imported.
//!
//! A product has a [`Barcode`], a name, a brand, a category and up to four pictures, its [`Variant`]s. A client has a
//! [`Scope`]. Nothing here knows where products are stored.

mod barcode;
mod bulk;
mod error;
mod import;
mod label;
mod listing;
mod parameters;
mod product;
mod request;
mod scope;
mod variant;

pub use barcode::Barcode;
pub use bulk::BulkCheck;
pub use error::{Error, RowError};
pub use import::{Format, Rows};
pub use label::Label;
pub use listing::Listing;
pub use parameters::Parameters;
pub use product::{MAX_SOURCE, Product};
pub use request::ProductRequest;
pub use scope::Scope;
pub use variant::{Variant, Variants};
