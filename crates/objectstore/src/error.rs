/// Why an object cannot be asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Error {
    /// A key that could mean something else than one object below its prefix.
    #[error(
        "an object key has segments between single slashes, without dot segments, `?`, `#`, backslashes, encoded bytes and controls"
    )]
    Key,
    /// Longer than S3 takes.
    #[error("an object key has at most 1,024 bytes")]
    KeyLength,
    /// Not a bucket's name.
    #[error("a bucket's name is 3 to 63 lower-case letters, digits, hyphens and inner dots")]
    Bucket,
    /// A bucket's name that cannot stand before the endpoint's host.
    #[error("a bucket in the host name has no dots, and its endpoint is a name and not an address")]
    VirtualHost,
    /// Not a region.
    #[error("a region is 1 to 32 lower-case letters, digits and hyphens")]
    Region,
    /// Not a prefix of keys.
    #[error("a prefix is empty, or an object key that ends in a slash")]
    Prefix,
    /// Not an access key.
    #[error("an access key id is 1 to 128 letters, digits and `-._`, and its secret 1 to 256 visible characters")]
    Credentials,
}
