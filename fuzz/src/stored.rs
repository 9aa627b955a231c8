//! What a store may give back for a rendition, and whom it is marked for.

use watermark::{Fragile, KeyTag, Kind, MarkKey, Payload, Subject};
use xxhash_rust::xxh3::xxh3_64;

/// A container with this magic number and a right checksum, and after it the input.
pub(crate) fn container(magic: [u8; 4], input: &[u8]) -> Vec<u8> {
    [&magic, xxh3_64(input).to_be_bytes().as_slice(), input].concat()
}

/// Somebody's fragile mark.
pub(crate) fn fragile() -> Fragile {
    let payload = Payload {
        kind: Kind::OneShot,
        subject: Subject::of("client"),
        key: KeyTag::of("key"),
        reference: [1; 8],
        time: 0,
    };
    MarkKey::new([7; 32]).seal(&payload)
}
