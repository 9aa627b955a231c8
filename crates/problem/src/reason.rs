use crate::Entry;

/// Why a request is not answered with a picture.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Reason {
    /// `key` or `sig` is absent.
    MissingSignature,
    /// Parameters that a signed URL does not have, or has once.
    InvalidQuery,
    /// An expiry that is not Unix seconds.
    InvalidExpiry,
    /// An expiry in milliseconds.
    ExpiryInMilliseconds,
    /// No such key.
    UnknownKey,
    /// The key was revoked.
    RevokedKey,
    /// The key's own expiry has passed.
    ExpiredKey,
    /// The key belongs to another project than the URL says.
    WrongProject,
    /// The key's project does not exist.
    UnknownProject,
    /// The path is not operations and source.
    InvalidPath,
    /// The source is not a URL that may be fetched.
    InvalidSource,
    /// The operations do not follow the grammar, or ask for more than is allowed.
    InvalidOperations,
    /// The key does not allow these operations.
    OperationsNotAllowed,
    /// The signature is wrong or the URL has expired: which of them is not said.
    InvalidSignature,
    /// The accountable client was revoked or disabled, or has expired.
    ClientDisabled,
    /// A one-shot URL that is bound to another address.
    AddressMismatch,
    /// A single-use URL that was used.
    Gone,
    /// The key's rate limit.
    RateLimited,
    /// Too many failed authentications from the caller's address.
    AddressLimited,
    /// The page that embeds the picture is not on the project's list.
    Referer,
    /// The source is not on the key's list.
    SourceDomain,
    /// The path is none of ours.
    NotFound,
    /// The method is neither GET nor HEAD.
    Method,
    /// The request's target is too long.
    TargetTooLong,
    /// The origin has no such original.
    OriginalNotFound,
    /// The origin failed or answered with something else than an original.
    Origin,
    /// The origin failed several times in a row, and is not asked for a moment.
    OriginDown,
    /// The origin took too long.
    OriginTimeout,
    /// The original is larger than the budget.
    OriginalTooLarge,
    /// The original is not a picture in a supported format.
    UnsupportedFormat,
    /// The original cannot be decoded, or would exceed the budget.
    Unprocessable,
    /// The result would be too small to carry the marks.
    TooSmall,
    /// The result could not be traced once it was changed, and the project refuses such pictures.
    Untraceable,
    /// Something failed here while processing.
    Processing,
    /// A part that the answer depends on cannot be reached: refused rather than served unchecked.
    Unavailable,
}

const FAILED: &str = "Image processing failed";

impl Reason {
    /// All of them, in their order.
    pub const ALL: [Self; 35] = [
        Self::MissingSignature,
        Self::InvalidQuery,
        Self::InvalidExpiry,
        Self::ExpiryInMilliseconds,
        Self::UnknownKey,
        Self::RevokedKey,
        Self::ExpiredKey,
        Self::WrongProject,
        Self::UnknownProject,
        Self::InvalidPath,
        Self::InvalidSource,
        Self::InvalidOperations,
        Self::OperationsNotAllowed,
        Self::InvalidSignature,
        Self::ClientDisabled,
        Self::AddressMismatch,
        Self::Gone,
        Self::RateLimited,
        Self::AddressLimited,
        Self::Referer,
        Self::SourceDomain,
        Self::NotFound,
        Self::Method,
        Self::TargetTooLong,
        Self::OriginalNotFound,
        Self::Origin,
        Self::OriginDown,
        Self::OriginTimeout,
        Self::OriginalTooLarge,
        Self::UnsupportedFormat,
        Self::Unprocessable,
        Self::TooSmall,
        Self::Untraceable,
        Self::Processing,
        Self::Unavailable,
    ];

    /// Status, the `error` text, and what the caller can do about it.
    pub fn entry(self) -> (u16, &'static str, &'static str) {
        use Reason::*;
        match self {
            MissingSignature => (
                401,
                "Missing signature parameters",
                "Include both the key and the sig parameter.",
            ),
            InvalidQuery => (
                400,
                "Invalid query parameters",
                "A signed URL has exactly one key, one sig and at most one exp.",
            ),
            InvalidExpiry => (
                400,
                "Invalid expiration",
                "exp must be Unix seconds: digits without sign or leading zero.",
            ),
            ExpiryInMilliseconds => (
                400,
                "Invalid expiration",
                "exp must be seconds since 1970, not milliseconds: divide by 1000.",
            ),
            UnknownKey => (401, "Invalid API key", "Check the public key or create a new one."),
            RevokedKey => (401, "API key has been revoked", "Create a new API key."),
            ExpiredKey => (401, "API key has expired", "Renew the API key or create a new one."),
            WrongProject => (
                401,
                "API key does not belong to this project",
                "Use a key of the project that the URL names.",
            ),
            UnknownProject => (404, "Project not found", "Check the project of this API key."),
            InvalidPath => (
                400,
                "Invalid path format",
                "The path is /api/v1/{project}/{operations}/{image URL}, percent-encoded once.",
            ),
            InvalidSource => (
                400,
                "Invalid image URL",
                "The image URL is a host name and a path, without user name, address or dot segments.",
            ),
            InvalidOperations => (
                400,
                "Invalid operations",
                "Check each operation against the documentation: nothing is silently ignored.",
            ),
            OperationsNotAllowed => (
                403,
                "Forbidden: Operations not allowed",
                "Ask for operations or presets that the API key allows.",
            ),
            InvalidSignature => (
                403,
                "Invalid or expired signature",
                "Check the secret key, the signed path and the expiration in seconds.",
            ),
            ClientDisabled => (
                403,
                "client_disabled",
                "The client that answers for this URL is revoked, disabled or expired.",
            ),
            AddressMismatch => (
                403,
                "signed_url_ip_mismatch",
                "This URL works from the address that it was made for.",
            ),
            Gone => (
                410,
                "gone",
                "This URL was good for one use, which it had. Ask for a new one.",
            ),
            RateLimited => (
                429,
                "Rate limit exceeded",
                "Wait for Retry-After seconds or raise the key's limit.",
            ),
            AddressLimited => (
                429,
                "ip_rate_limit",
                "Too many requests that failed from this address: wait for Retry-After seconds.",
            ),
            Referer => (
                403,
                "Forbidden: Invalid referer",
                "Add the embedding page's domain to the project's settings.",
            ),
            SourceDomain => (
                403,
                "Forbidden: Source domain not allowed",
                "Add the image's domain to the API key's settings.",
            ),
            NotFound => (404, "Not found", "There is nothing at this path."),
            Method => (405, "Method not allowed", "Use GET or HEAD."),
            TargetTooLong => (414, "URI too long", "A signed URL has at most 8,192 bytes."),
            // Whatever fails in the last step has one error text; the status and the message say what it was.
            OriginalNotFound => (404, FAILED, "The origin has no picture at this URL."),
            Origin => (
                502,
                FAILED,
                "The origin did not answer with a picture: check that the image URL is accessible.",
            ),
            OriginDown => (
                503,
                FAILED,
                "The origin is failing and is given a rest: try again after Retry-After seconds.",
            ),
            OriginTimeout => (504, FAILED, "The origin took too long to answer."),
            OriginalTooLarge => (422, FAILED, "The original has more bytes than are processed here."),
            UnsupportedFormat => (415, FAILED, "The original is not a picture of a format that is read."),
            Unprocessable => (
                422,
                FAILED,
                "The original is damaged, or has more pixels than are processed here.",
            ),
            TooSmall => (
                422,
                FAILED,
                "The result is too small to carry its marks: ask for a larger one.",
            ),
            Untraceable => (
                422,
                FAILED,
                "The result cannot carry a mark that outlives changes, and this project serves nothing else: ask for a larger one, or for JPEG.",
            ),
            Processing => (500, FAILED, "Try again; if it lasts, report the request id."),
            Unavailable => (503, "Service unavailable", "Try again in a moment."),
        }
    }

    /// Whether the caller has not proved to be allowed to ask at all: what a guess of signatures ends with.
    pub fn is_failed_proof(self) -> bool {
        use Reason::*;
        matches!(
            self,
            MissingSignature | UnknownKey | RevokedKey | ExpiredKey | WrongProject | InvalidSignature
        )
    }

    /// The HTTP status.
    pub fn status(self) -> u16 {
        self.entry().0
    }
}

impl From<Reason> for Entry {
    fn from(reason: Reason) -> Self {
        let (status, error, message) = reason.entry();
        Self {
            status,
            error,
            message,
            challenge: "Signature realm=\"signed URL\"",
            // The longest that a circuit stays open.
            retry_after: if reason == Reason::OriginDown { 8 } else { 1 },
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_are() {
        let names = Reason::ALL.map(|reason| format!("{reason:?}"));
        assert_eq!(names.as_slice(), crate::variants(include_str!("reason.rs")));
    }
}
