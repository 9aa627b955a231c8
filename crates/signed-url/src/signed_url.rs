use netaddr::Cidr;

/// What the holder of the secret key asked for. Only [`crate::Unverified::verify`] and [`crate::v2::Unverified::verify`]
/// make one.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct SignedUrl {
    pub(crate) operations: String,
    pub(crate) source: String,
    pub(crate) exp: Option<u64>,
    pub(crate) subject: Option<String>,
    pub(crate) once: Option<String>,
    pub(crate) ip: Option<Cidr>,
    pub(crate) reference: [u8; 8],
}

impl SignedUrl {
    /// The operations, decoded once.
    pub fn operations(&self) -> &str {
        &self.operations
    }

    /// The source, decoded once.
    pub fn source(&self) -> &str {
        &self.source
    }

    /// The expiry in Unix seconds.
    pub fn exp(&self) -> Option<u64> {
        self.exp
    }

    /// Whom the invisible mark names instead of the key's client: 1 to 128 unreserved characters. Version 2 only.
    pub fn subject(&self) -> Option<&str> {
        self.subject.as_deref()
    }

    /// What makes the URL single-use, unique within its key: 16 to 64 base64url characters. Version 2 only.
    pub fn once(&self) -> Option<&str> {
        self.once.as_deref()
    }

    /// The address or network that the URL is bound to; compare it with [`netaddr::Binding::admits`]. Version 2 only.
    pub fn ip(&self) -> Option<Cidr> {
        self.ip
    }

    /// Names this URL in marks and logs without giving it away: see [`crate::reference`].
    pub fn reference(&self) -> [u8; 8] {
        self.reference
    }
}
