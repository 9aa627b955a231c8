use crate::Entry;

/// Why a request to the control API is not answered with what it asked for.
#[derive(Debug, Clone, Copy, PartialEq, Eq, Hash)]
pub enum Code {
    /// The request is not what the endpoint takes: its JSON, a member, a parameter.
    BadRequest,
    /// The barcode is not 8 to 14 digits.
    InvalidBarcode,
    /// `client_id` or `api_key` is absent.
    MissingCredentials,
    /// `refresh_token` is absent.
    MissingRefreshToken,
    /// No bearer token, or none that works: which of them is not said.
    Unauthenticated,
    /// No such client, or not its key: which of them is not said.
    InvalidCredentials,
    /// The refresh token is older than it may be.
    RefreshTokenExpired,
    /// The refresh token was used before.
    RefreshTokenReused,
    /// No such refresh token, or one that was revoked.
    RefreshTokenInvalid,
    /// Nothing is left of the client's credits.
    InsufficientCredits,
    /// The client was revoked or disabled, has expired, or its key is quarantined.
    ClientDisabled,
    /// The address is not on the client's list.
    ClientIpNotAllowed,
    /// The product is not in the client's scope, or does not exist: which of them is not said.
    OutOfScope,
    /// There is nothing at this path.
    NotFound,
    /// The product has no such variant.
    VariantNotAvailable,
    /// The path takes other methods.
    MethodNotAllowed,
    /// The idempotency key came before with another request.
    IdempotencyKeyMismatch,
    /// A request with this idempotency key has not ended.
    IdempotencyKeyInUse,
    /// What is to be made exists, or is no longer in the state that was assumed.
    Conflict,
    /// The body is longer than the endpoint takes.
    PayloadTooLarge,
    /// The request's target is too long.
    TargetTooLong,
    /// The body is not of the type that the endpoint takes.
    UnsupportedMediaType,
    /// The body is well-formed, but asks for what cannot be.
    Unprocessable,
    /// Too many attempts to authenticate as this client.
    AuthRateLimit,
    /// Too many attempts to authenticate from this address.
    IpRateLimit,
    /// Too many refreshes of this client.
    RefreshRateLimit,
    /// The client's rate limit.
    RateLimited,
    /// Something failed here.
    InternalError,
    /// A part that the answer depends on cannot be reached: refused rather than served unchecked.
    Unavailable,
    /// The deployment has no operator credential.
    NotConfigured,
}

impl Code {
    /// All of them, in their order.
    pub const ALL: [Self; 30] = [
        Self::BadRequest,
        Self::InvalidBarcode,
        Self::MissingCredentials,
        Self::MissingRefreshToken,
        Self::Unauthenticated,
        Self::InvalidCredentials,
        Self::RefreshTokenExpired,
        Self::RefreshTokenReused,
        Self::RefreshTokenInvalid,
        Self::InsufficientCredits,
        Self::ClientDisabled,
        Self::ClientIpNotAllowed,
        Self::OutOfScope,
        Self::NotFound,
        Self::VariantNotAvailable,
        Self::MethodNotAllowed,
        Self::IdempotencyKeyMismatch,
        Self::IdempotencyKeyInUse,
        Self::Conflict,
        Self::PayloadTooLarge,
        Self::TargetTooLong,
        Self::UnsupportedMediaType,
        Self::Unprocessable,
        Self::AuthRateLimit,
        Self::IpRateLimit,
        Self::RefreshRateLimit,
        Self::RateLimited,
        Self::InternalError,
        Self::Unavailable,
        Self::NotConfigured,
    ];

    /// Status, code, and what the caller can do about it.
    pub fn entry(self) -> Entry {
        use Code::*;
        let (status, error, message) = match self {
            BadRequest => (400, "bad_request", "Check the request against the documentation."),
            InvalidBarcode => (400, "invalid_barcode", "A barcode is 8 to 14 digits."),
            MissingCredentials => (400, "missing_credentials", "Send client_id and api_key in a JSON body."),
            MissingRefreshToken => (400, "missing_refresh_token", "Send refresh_token in a JSON body."),
            Unauthenticated => (
                401,
                "unauthenticated",
                "Send a valid access token: Authorization: Bearer followed by the token.",
            ),
            InvalidCredentials => (401, "invalid_credentials", "Check client_id and api_key."),
            RefreshTokenExpired => (401, "refresh_token_expired", "Log in again with client_id and api_key."),
            RefreshTokenReused => (
                401,
                "refresh_token_reused",
                "This token was used before: every token of the client was revoked and its key is quarantined. Rotate the key.",
            ),
            RefreshTokenInvalid => (401, "refresh_token_invalid", "Log in again with client_id and api_key."),
            InsufficientCredits => (402, "insufficient_credits", "Buy credits, or ask for fewer variants."),
            ClientDisabled => (
                403,
                "client_disabled",
                "The client is revoked, disabled or expired, or its key is quarantined.",
            ),
            ClientIpNotAllowed => (
                403,
                "client_ip_not_allowed",
                "Call from an address on the client's list.",
            ),
            OutOfScope => (403, "out_of_scope", "The client's scope does not include this."),
            NotFound => (404, "not_found", "There is nothing at this path."),
            VariantNotAvailable => (404, "variant_not_available", "The product has no picture of this kind."),
            MethodNotAllowed => (405, "method_not_allowed", "Use a method that the Allow header names."),
            IdempotencyKeyMismatch => (
                409,
                "idempotency_key_mismatch",
                "This Idempotency-Key came before with another request: use a new one.",
            ),
            IdempotencyKeyInUse => (
                409,
                "idempotency_key_in_use",
                "The first request with this Idempotency-Key has not ended.",
            ),
            Conflict => (409, "conflict", "Read the current state and try again."),
            PayloadTooLarge => (413, "payload_too_large", "Send less in one request."),
            TargetTooLong => (414, "uri_too_long", "A request's target has at most 8,192 bytes."),
            UnsupportedMediaType => (415, "unsupported_media_type", "Check the Content-Type header."),
            Unprocessable => (422, "unprocessable", "Check the values against the documentation."),
            AuthRateLimit => (
                429,
                "auth_rate_limit",
                "Too many attempts for this client: wait for Retry-After seconds.",
            ),
            IpRateLimit => (
                429,
                "ip_rate_limit",
                "Too many attempts from this address: wait for Retry-After seconds.",
            ),
            RefreshRateLimit => (
                429,
                "refresh_rate_limit",
                "Too many refreshes: an access token lasts an hour. Wait for Retry-After seconds.",
            ),
            RateLimited => (429, "rate_limited", "Wait for Retry-After seconds or raise the limit."),
            InternalError => (500, "internal_error", "Try again; if it lasts, report the request id."),
            Unavailable => (503, "unavailable", "Try again in a moment."),
            NotConfigured => (503, "not_configured", "This deployment has no operator credential."),
        };
        Entry {
            status,
            error,
            message,
            challenge: "Bearer",
            retry_after: 1,
        }
    }
}

impl From<Code> for Entry {
    fn from(code: Code) -> Self {
        code.entry()
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn all_of_them_are() {
        let names = Code::ALL.map(|code| format!("{code:?}"));
        assert_eq!(names.as_slice(), crate::variants(include_str!("code.rs")));
    }

    #[test]
    fn a_code_is_one_word_and_its_status_a_failure() {
        for code in Code::ALL {
            let entry = code.entry();
            assert!(
                entry.error.bytes().all(|b| b.is_ascii_lowercase() || b == b'_'),
                "{entry:?}"
            );
            assert!((400..600).contains(&entry.status));
        }
    }
}
