//! A stored rendition without loss. Whatever the store gives back, it is refused or marked, and a copy has the length that was
//! promised.

use lossless::Container;
use watermark::{KeyTag, Kind, MarkKey, Payload, Subject};
use xxhash_rust::xxh3::xxh3_64;

/// Takes the input for what follows a container's checksum.
pub fn run(input: &[u8]) {
    assert!(Container::from_bytes(input.to_vec()).is_err());
    let mut bytes = vec![0xDE, b'P', b'N', 1];
    bytes.extend(xxh3_64(input).to_be_bytes());
    bytes.extend(input);
    let Ok(container) = Container::from_bytes(bytes) else {
        return;
    };
    let payload = Payload {
        kind: Kind::OneShot,
        subject: Subject::of("client"),
        key: KeyTag::of("key"),
        reference: [1; 8],
        time: 0,
    };
    let symbols = vec![true; container.chips()];
    if let Ok(copy) = container.mark(&symbols, &MarkKey::new([7; 32]).seal(&payload)) {
        assert_eq!(copy.len(), container.length());
    }
    let _ = container.inspect();
}
