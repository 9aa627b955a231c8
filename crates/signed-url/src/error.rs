/// Why the query of a signed URL cannot be read. Nothing has been verified at this point.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum QueryError {
    /// A required parameter is absent: `key` or `sig` in version 1, `kid`, `exp` or `sig` in version 2.
    #[error("a required parameter is absent")]
    Missing,
    /// A parameter stands twice, is unknown, empty or not of its form: a signed URL has exactly one meaning.
    #[error("a parameter is unknown, stands twice, is empty or encoded, or is not of its form")]
    Parameters,
    /// A time is not canonical decimal seconds.
    #[error("a time is Unix seconds: decimal digits without sign or leading zero")]
    Expiry,
    /// A time has 13 digits: milliseconds.
    #[error("a time is in seconds since 1970, not milliseconds: divide by 1000")]
    Milliseconds,
}

/// Why a request is not what the holder of the secret key signed.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// The query cannot be read (version 2).
    #[error(transparent)]
    Query(#[from] QueryError),
    /// The path is not `{operations}/{source}` in canonical percent-encoding.
    #[error(
        "the path is {{operations}}/{{source}}, percent-encoded once, in UTF-8, with upper-case hexadecimal digits"
    )]
    Path,
    /// The signature is not the one that the secret key makes.
    #[error("the signature does not match")]
    Signature,
    /// The URL's time has not begun.
    #[error("the URL is not valid yet")]
    NotYet,
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
