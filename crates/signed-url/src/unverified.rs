use crate::{PublicKey, QueryError, expiry};

/// A signed URL as it came in. Nothing about it is trusted yet: it only lets one pick the key to verify it with.
///
/// The step from here to a [`crate::SignedUrl`] is [`Unverified::verify`], and there is no other.
#[derive(Debug)]
pub struct Unverified<'a> {
    pub(crate) slug: &'a str,
    /// Operations and source, percent-encoded, as in the request.
    pub(crate) rest: Option<&'a str>,
    pub(crate) key: &'a str,
    pub(crate) sig: &'a str,
    pub(crate) exp: Option<u64>,
}

impl<'a> Unverified<'a> {
    /// Reads the query, and splits off the project's slug. `path` is what stands after `/api/v1/`.
    pub fn parse(path: &'a str, query: &'a str) -> Result<Self, QueryError> {
        let (slug, rest) = match path.split_once('/') {
            Some((slug, rest)) => (slug, Some(rest)),
            None => (path, None),
        };
        let (mut key, mut sig, mut exp) = (None, None, None);
        for parameter in query.split('&').filter(|_| !query.is_empty()) {
            let (name, value) = parameter.split_once('=').ok_or(QueryError::Parameters)?;
            let slot = match name {
                "key" => &mut key,
                "sig" => &mut sig,
                "exp" => &mut exp,
                _ => return Err(QueryError::Parameters),
            };
            let plain = |b: u8| b.is_ascii_graphic() && !b"%+;=".contains(&b);
            // A padded signature is well formed and wrong: it is refused where signatures are.
            let plain = if name == "sig" {
                value.bytes().all(|b| plain(b) || b"+=".contains(&b))
            } else {
                value.bytes().all(plain)
            };
            if value.is_empty() || (name != "exp" && !plain) || slot.replace(value).is_some() {
                return Err(QueryError::Parameters);
            }
        }
        let (Some(key), Some(sig)) = (key, sig) else {
            return Err(QueryError::Missing);
        };
        Ok(Self {
            slug,
            rest,
            key,
            sig,
            exp: exp.map(expiry::parse).transpose()?,
        })
    }

    /// The public key that the request names; `None` where it cannot be one.
    pub fn key(&self) -> Option<PublicKey> {
        PublicKey::parse(self.key)
    }

    /// The project's slug that the request names.
    pub fn slug(&self) -> &'a str {
        self.slug
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    fn query(query: &str) -> Result<Option<u64>, QueryError> {
        Unverified::parse("demo/_/a.example/x", query).map(|url| url.exp)
    }

    #[test]
    fn slug_and_key_are_what_the_request_names() {
        let url = Unverified::parse("shop/_/a.example/x", "key=pk_a&sig=s").unwrap();
        assert_eq!((url.slug(), url.key()), ("shop", PublicKey::parse("pk_a")));
        assert!(url.key().is_some());
        let none = Unverified::parse("shop/_/a.example/x", "key=a.b&sig=s").map(|url| url.key());
        assert!(matches!(none, Ok(None) | Err(QueryError::Parameters)), "{none:?}");
    }

    #[test]
    fn order_is_free() {
        for text in ["key=pk_a&sig=s&exp=5", "exp=5&sig=s&key=pk_a", "sig=s&exp=5&key=pk_a"] {
            assert_eq!(query(text), Ok(Some(5)), "{text}");
        }
    }

    #[test]
    fn key_and_signature_are_required() {
        for text in ["", "key=pk_a", "sig=s", "exp=5", "key=pk_a&exp=5"] {
            assert_eq!(query(text), Err(QueryError::Missing), "{text}");
        }
    }

    #[test]
    fn a_query_has_one_meaning() {
        for text in [
            "key=pk_a&sig=a&sig=b",
            "key=pk_a&key=pk_b&sig=a",
            "key=pk_a&sig=s&exp=1&exp=9",
            "key=pk_a&sig=s&Exp=1",
            "key=pk_a&sig=s&sig[]=x",
            "key=pk_a&sig=s&w=800",
            "key=pk_a&sig=s&",
            "key=pk_a&sig=",
            "key=&sig=s",
            "key&sig=s",
            "key=pk_a;sig=s",
            "key=pk_a&sig=s&exp=",
            "key=pk%5Fa&sig=s",
            "key=pk_a&sig=a%62",
        ] {
            assert_eq!(query(text), Err(QueryError::Parameters), "{text}");
        }
    }

    #[test]
    fn an_expiry_is_canonical_seconds() {
        assert_eq!(query("key=pk_a&sig=s&exp=0"), Ok(Some(0)));
        assert_eq!(query("key=pk_a&sig=s&exp=9999999999"), Ok(Some(9_999_999_999)));
        assert_eq!(query("key=pk_a&sig=s&exp=1706500000000"), Err(QueryError::Milliseconds));
        for exp in [
            "-1",
            "+5",
            "05",
            "00",
            "1e9",
            "1.0",
            "%205",
            "0x5",
            "٣",
            "99999999999",
            "123456789012345678901234567890",
        ] {
            assert_eq!(
                query(&format!("key=pk_a&sig=s&exp={exp}")),
                Err(QueryError::Expiry),
                "{exp}"
            );
        }
    }
}
