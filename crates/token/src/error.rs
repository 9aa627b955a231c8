/// Why a token is not accepted, or cannot be made. A caller sees one answer for all of them; the reason is for the operator.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// Longer than [`crate::MAX_LENGTH`].
    #[error("the token is too long")]
    Length,
    /// Not three parts of canonical base64url (RFC 7515 section 7.1).
    #[error("the token is not three parts of base64url")]
    Form,
    /// The header is not exactly `alg`, `typ` and `kid`, or says something else than this kind of token does.
    #[error("the token's header is not that of its kind")]
    Header,
    /// No key of the ring has this id.
    #[error("the token's key is not known")]
    UnknownKey,
    /// The signature is not the one that the key makes.
    #[error("the token's signature does not match")]
    Signature,
    /// The claims are not those of its kind of token.
    #[error("the token's claims are not those of its kind")]
    Claims,
    /// Another issuer made it.
    #[error("the token comes from another issuer")]
    Issuer,
    /// It claims to live longer than [`crate::LIFETIME`], or to end before it begins.
    #[error("the token's lifetime is not allowed")]
    Lifetime,
    /// It was issued further in the future than [`crate::LEEWAY`].
    #[error("the token was issued in the future")]
    NotYet,
    /// It has expired.
    #[error("the token has expired")]
    Expired,
}
