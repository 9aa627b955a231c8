/// Names one rendition of one original, before anybody's symbols are in it: a digest of what decides where its chips are. Two
/// variants have independent codes, even for the same client.
#[derive(Clone, Copy, Debug, PartialEq, Eq, Hash, PartialOrd, Ord)]
pub struct Variant(pub [u8; 32]);
