/// Why the query of a signed URL cannot be read. Nothing has been verified at this point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// `key` or `sig` is absent.
    #[error("key and sig are required")]
    Missing,
    /// A parameter stands twice, is unknown, empty or not plain text: a signed URL has exactly one meaning.
    #[error("exactly one key, one sig and at most one exp are allowed, each with a value and nothing encoded")]
    Parameters,
    /// `exp` is not canonical decimal seconds.
    #[error("exp must be Unix seconds: decimal digits without sign or leading zero")]
    Expiry,
    /// `exp` has 13 digits: milliseconds.
    #[error("exp must be seconds since 1970, not milliseconds: divide by 1000")]
    Milliseconds,
}

/// Why a request is not what the holder of the secret key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The path is not `{operations}/{source}` in canonical percent-encoding.
    #[error(
        "the path is {{operations}}/{{source}}, percent-encoded once, in UTF-8, with upper-case hexadecimal digits"
    )]
    Path,
    /// The signature is not the one that the secret key makes.
    #[error("the signature does not match")]
    Signature,
    /// The expiry has passed.
    #[error("the URL has expired")]
    Expired,
    /// The expiry lies further ahead than the key allows.
    #[error("the URL would live longer than its key allows")]
    Lifetime,
    /// The key requires an expiry and the URL has none.
    #[error("the key requires an expiry")]
    NoExpiry,
    /// An expiry was moved into the source, where it would not be seen.
    #[error("the source holds an expiry")]
    HiddenExpiry,
}
