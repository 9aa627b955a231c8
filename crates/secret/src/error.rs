/// Why a secret could not be used. No variant carries any part of the secret.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The master key is not 32 bytes of base64url (RFC 4648 section 5), with or without padding.
    #[error("the master key must be 32 random bytes as base64url (43 characters)")]
    MasterKey,
    /// The master key is one repeated byte: a placeholder, not a key.
    #[error("the master key is a placeholder: make a random one")]
    WeakMasterKey,
    /// Stored text is not in the sealed format.
    #[error("not a sealed value")]
    Format,
    /// The sealed value was made under another key or for another place, or was changed.
    #[error("the sealed value cannot be opened with this key")]
    Unsealing,
}
