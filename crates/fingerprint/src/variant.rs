use sha2::{Digest as _, Sha256};

/// Everything that decides the bytes of a rendition before anybody's codeword is in it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub struct Rendering<'a> {
    /// SHA-256 of the original's file.
    pub original: &'a [u8; 32],
    /// The operations in canonical spelling.
    pub operations: &'a str,
    /// The delivered format's name.
    pub format: &'a str,
    /// The encoder's quality, 0 where the format has none.
    pub quality: u8,
    /// Version of the encoder: one that chooses other chips is another version.
    pub encoder: u16,
}

/// Names one rendition of one original. Two variants have independent codes, even for the same client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Variant(pub [u8; 32]);

impl Rendering<'_> {
    /// SHA-256 over the fields, each text after its length, so that no two renderings have the same input.
    #[must_use]
    pub fn variant(&self) -> Variant {
        let mut hash = Sha256::new();
        hash.update(b"deckle variant v1");
        hash.update(self.original);
        for text in [self.operations, self.format] {
            hash.update((text.len() as u64).to_be_bytes());
            hash.update(text);
        }
        hash.update([self.quality]);
        hash.update(self.encoder.to_be_bytes());
        Variant(hash.finalize().into())
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn every_field_makes_another_variant() {
        let first = Rendering {
            original: &[1; 32],
            operations: "w_80",
            format: "jpeg",
            quality: 80,
            encoder: 1,
        };
        let others = [
            Rendering {
                original: &[2; 32],
                ..first
            },
            Rendering {
                operations: "w_8",
                format: "0jpeg",
                ..first
            },
            Rendering {
                operations: "w_80j",
                format: "peg",
                ..first
            },
            Rendering { quality: 81, ..first },
            Rendering { encoder: 2, ..first },
        ];
        for other in others {
            assert_ne!(first.variant(), other.variant(), "{other:?}");
        }
    }
}
