//! A stored rendition. Whatever the store gives back, it is refused or marked, and a copy has the length that was promised.

use crate::stored;
use chips::Container;

/// Takes the input for what follows a container's checksum.
pub fn run(input: &[u8]) {
    assert!(Container::from_bytes(input.to_vec()).is_err());
    let Ok(container) = Container::from_bytes(stored::container([0xDE, b'R', b'N', 3], input)) else {
        return;
    };
    let symbols = vec![true; container.chips()];
    if let Ok(copy) = container.mark(&symbols, &stored::fragile()) {
        assert_eq!(copy.len(), container.length());
    }
    let _ = container.inspect();
}
