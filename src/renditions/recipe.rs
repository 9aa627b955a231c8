//! What makes a rendition, as one secret digest. Whoever gets a copy of it takes no part, so that it is the same for all clients.

use crate::code::code;
use siphasher::sip::SipHasher24;
use std::hash::Hasher;
use zeroize::Zeroizing;

/// Names the bytes of an original, under the key of one recipe.
pub type Fingerprint = [u8; 8];

/// The fingerprint of what has come of an original.
pub struct Fingerprinting(SipHasher24);

impl Fingerprinting {
    /// Takes the next piece.
    pub fn push(&mut self, piece: &[u8]) {
        self.0.write(piece);
    }

    /// Takes the last piece.
    pub fn finish(mut self, piece: &[u8]) -> Fingerprint {
        self.push(piece);
        self.0.finish().to_be_bytes()
    }
}

/// The key of a deployment's recipes. What is the same for all its renditions is bound in.
pub struct RecipeKey(Zeroizing<[u8; 32]>);

impl RecipeKey {
    /// The key for renditions with this overlay, made by this version of the program.
    pub fn new(key: &[u8; 32], overlay: &[u8]) -> Self {
        let encoders = imaging::ENCODERS.map(u16::to_be_bytes).concat();
        let version = env!("CARGO_PKG_VERSION").as_bytes();
        let key = Self(Zeroizing::new(code(key, &[version, &encoders])));
        // SHA-256 of the file would take longer than anything else that a new instance does.
        let overlay = Recipe::new(&key, &[]).fingerprint(overlay);
        Self(Zeroizing::new(code(&key.0, &[&overlay])))
    }
}

/// What a rendition is made of, its original's bytes excepted.
pub struct Recipe(Zeroizing<[u8; 32]>);

impl Recipe {
    /// The recipe with these fields.
    pub fn new(key: &RecipeKey, fields: &[&[u8]]) -> Self {
        Self(Zeroizing::new(code(&key.0, fields)))
    }

    /// All of it: for codes that it is a part of.
    pub fn digest(&self) -> &[u8; 32] {
        &self.0
    }

    /// Names an original. It is keyed, so that nobody can hold a file of their own against it. SipHash is made for just this, a
    /// keyed code of 64 bits, and takes a fraction of SHA-256's time, which for an original of some megabytes is felt.
    pub fn fingerprint(&self, original: &[u8]) -> Fingerprint {
        self.fingerprinting().0.hash(original).to_be_bytes()
    }

    /// The same for an original that comes in pieces, which takes somewhat longer.
    pub fn fingerprinting(&self) -> Fingerprinting {
        Fingerprinting(SipHasher24::new_with_key(&self.derive(b"fingerprint")))
    }

    /// 16 bytes for one purpose, which tell nothing of those for another.
    pub(super) fn derive(&self, purpose: &[u8]) -> Zeroizing<[u8; 16]> {
        let code = Zeroizing::new(code(&self.0, &[purpose]));
        Zeroizing::new(std::array::from_fn(|i| code[i]))
    }
}
