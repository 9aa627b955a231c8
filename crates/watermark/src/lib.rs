//! The visible and the invisible marks: who a picture was served to.
//!
//! A picture carries several marks at once, each a *layer* of [`Marks`]:
//!
//! * [`Overlay`], the visible brand mark in the middle of the picture;
//! * [`Fragile`], 40 bytes in the least-significant bits. It is read back exactly, without the original, from a file
//!   that was not re-encoded, and it is authenticated: without the [`MarkKey`] nobody can put another client's name in.
//!
//! This crate knows nothing of file formats. Whoever writes a picture counts its *carriers*, the places that can hold
//! one bit each (a pixel's least-significant bit, the parity of a quantised coefficient), numbers them from 0 in an
//! order the reader can repeat, and sets them as [`Spread`] says. Whoever reads one hands the same places to
//! [`MarkKey::open`].
//!
//! ```
//! use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};
//!
//! let key = MarkKey::new([7; 32]);
//! let payload = Payload {
//!     kind: Kind::OneShot,
//!     subject: Subject::of("shop-north"),
//!     key: KeyTag::of("pk_example"),
//!     reference: [1, 2, 3, 4, 5, 6, 7, 8],
//!     time: 1_706_500_000,
//! };
//! let mut pixels = vec![128_u8; 300 * 200];
//! for (carrier, bit) in key.seal(&payload).spread(pixels.len())?.assignments() {
//!     pixels[carrier] = pixels[carrier] & !1 | u8::from(bit);
//! }
//! let found = key.open(pixels.len(), |carrier| Some(pixels[carrier] & 1 == 1));
//! assert_eq!(found, Some(payload));
//! # Ok::<(), watermark::Error>(())
//! ```

mod error;
mod fragile;
mod key;
mod marks;
mod overlay;
mod payload;

pub use error::Error;
pub use fragile::{Fragile, MIN_CARRIERS, Spread};
pub use key::MarkKey;
pub use marks::Marks;
pub use overlay::{MAX_SIDE, Overlay, Placement};
pub use payload::{KeyTag, Kind, Payload, Subject};
