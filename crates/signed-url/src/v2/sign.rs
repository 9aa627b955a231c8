use super::{fields::Fields, unverified::Claims};
use crate::{
    Error, PublicKey, QueryError,
    encoding::{decode_path, encode},
    sign::mac,
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use netaddr::Cidr;
use secret::SecretText;

/// Length of a version 2 signature in characters: base64url of the whole MAC.
pub const SIGNATURE_LENGTH: usize = 43;

/// What a version 2 URL says besides its path and key. Begin with [`Options::until`].
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub struct Options<'a> {
    exp: u64,
    nbf: Option<u64>,
    sub: Option<&'a str>,
    once: Option<&'a str>,
    ip: Option<Cidr>,
}

impl<'a> Options<'a> {
    /// A URL that works until `exp`, the last second in which it does, in Unix seconds. See [`crate::expiry`].
    pub fn until(exp: u64) -> Self {
        Self {
            exp,
            nbf: None,
            sub: None,
            once: None,
            ip: None,
        }
    }

    /// And not before `nbf`, in Unix seconds.
    pub fn not_before(self, nbf: u64) -> Self {
        Self { nbf: Some(nbf), ..self }
    }

    /// With a mark that names `sub`: 1 to 128 letters, digits and `-._~`.
    pub fn subject(self, sub: &'a str) -> Self {
        Self { sub: Some(sub), ..self }
    }

    /// A single time. `once` is 16 to 64 base64url characters that no other URL of the key has: 16 random bytes are enough.
    pub fn once(self, once: &'a str) -> Self {
        Self {
            once: Some(once),
            ..self
        }
    }

    /// Only for an address or network.
    pub fn bound_to(self, ip: Cidr) -> Self {
        Self { ip: Some(ip), ..self }
    }
}

/// Path and query of a signed URL, ready to follow a base URL:
/// `/v2/{slug}/{operations}/{source}?kid=…&exp=…[&nbf=…][&sub=…][&once=…][&ip=…]&sig=…`. Operations and source are given plain.
///
/// # Errors
/// What a request with this URL would be refused for: [`Error::Path`] and [`Error::Query`].
pub fn signed_path(
    slug: &str,
    operations: &str,
    source: &str,
    key: &PublicKey,
    secret: &SecretText,
    options: &Options<'_>,
) -> Result<String, Error> {
    let path = format!("{slug}/{}/{}", encode(operations), encode(source));
    let mut query = format!("kid={}&exp={}", key.as_str(), options.exp);
    let optional = [
        ("nbf", options.nbf.map(|nbf| nbf.to_string())),
        ("sub", options.sub.map(str::to_owned)),
        ("once", options.once.map(str::to_owned)),
        ("ip", options.ip.map(|ip| ip.to_string())),
    ];
    for (name, value) in &optional {
        if let Some(value) = value {
            query.extend(["&", name, "=", value]);
        }
    }
    // Read it as a request would be: a part that holds a separator must not come out as something else. A slash in the slug
    // would end up in the source, so comparing these two covers all three.
    let (fields, _) = Fields::read(&path, &query)?;
    Claims::read(&fields)?;
    if decode_path(fields.operations, fields.source)? != (operations.to_owned(), source.to_owned()) {
        return Err(Error::Path);
    }
    if optional
        .iter()
        .any(|(name, value)| fields.parameter(name) != value.as_deref())
    {
        return Err(QueryError::Parameters.into());
    }
    let sig = signature(secret, &fields.string_to_sign());
    Ok(format!("/v2/{path}?{query}&sig={sig}"))
}

pub(super) fn signature(secret: &SecretText, string_to_sign: &str) -> String {
    mac(secret, string_to_sign)
        .map(|tag| URL_SAFE_NO_PAD.encode(tag))
        .unwrap_or_default()
}

#[cfg(test)]
mod tests {
    use super::*;

    fn sign(slug: &str, operations: &str, source: &str, options: Options<'_>) -> Result<String, Error> {
        let (key, secret) = (PublicKey::parse("pk_a").unwrap(), SecretText::new("sk_a".into()));
        signed_path(slug, operations, source, &key, &secret, &options)
    }

    #[test]
    fn nothing_is_signed_that_would_be_refused_or_read_otherwise() {
        let plain = Options::until(5);
        assert!(sign("demo", "_", "a.example/x", plain).is_ok());
        for (slug, operations, source) in [
            ("", "_", "x"),
            ("a/b", "_", "x"),
            ("a b", "_", "x"),
            ("demo", "", "x"),
            ("demo", "w_1/a", "x"),
            ("demo", "w_1?a", "x"),
            ("demo", "_", ""),
            ("demo", "_", "a\nb"),
        ] {
            assert_eq!(
                sign(slug, operations, source, plain),
                Err(Error::Path),
                "{slug} {operations} {source}"
            );
        }
        for (options, reason) in [
            (Options::until(10_000_000_000), QueryError::Expiry),
            (Options::until(1_700_000_000_000), QueryError::Milliseconds),
            (plain.not_before(6), QueryError::Parameters),
            (plain.subject(""), QueryError::Parameters),
            (plain.subject("a b"), QueryError::Parameters),
            (plain.subject("a&once=0123456789abcdef"), QueryError::Parameters),
            (plain.subject("a&sig=x"), QueryError::Parameters),
            (plain.once("short"), QueryError::Parameters),
        ] {
            assert_eq!(
                sign("demo", "_", "x", options),
                Err(Error::Query(reason)),
                "{options:?}"
            );
        }
    }
}
