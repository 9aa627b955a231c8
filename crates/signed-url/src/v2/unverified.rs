use super::fields::Fields;
use crate::{Error, PublicKey, QueryError, expiry};
use netaddr::Cidr;

/// A version 2 URL as it came in. Nothing about it is trusted yet: it only lets one pick the key to verify it with.
#[derive(Debug)]
pub struct Unverified<'a> {
    pub(super) fields: Fields<'a>,
    pub(super) sig: &'a str,
    pub(super) claims: Claims,
}

/// The parameters that are more than text.
#[derive(Debug)]
pub(super) struct Claims {
    pub(super) kid: PublicKey,
    pub(super) exp: u64,
    pub(super) nbf: Option<u64>,
    pub(super) ip: Option<Cidr>,
}

impl<'a> Unverified<'a> {
    /// Reads what stands after `/v2/`, and the query. Each parameter must have its form, of which there is one per meaning;
    /// a signature of another form is not refused here but fails to match, like any wrong one.
    ///
    /// # Errors
    /// [`Error::Path`] where there are not three parts of visible ASCII, and [`Error::Query`].
    pub fn parse(path: &'a str, query: &'a str) -> Result<Self, Error> {
        let (fields, sig) = Fields::read(path, query)?;
        let claims = Claims::read(&fields)?;
        let sig = sig.ok_or(QueryError::Missing)?;
        Ok(Self { fields, sig, claims })
    }

    /// The public key that the request names.
    pub fn kid(&self) -> &PublicKey {
        &self.claims.kid
    }

    /// The project's slug that the request names.
    pub fn slug(&self) -> &'a str {
        self.fields.slug
    }
}

impl Claims {
    pub(super) fn read(fields: &Fields<'_>) -> Result<Self, QueryError> {
        let required = |name| fields.parameter(name).ok_or(QueryError::Missing);
        let kid = PublicKey::parse(required("kid")?).ok_or(QueryError::Parameters)?;
        let exp = expiry::parse(required("exp")?)?;
        let nbf = fields.parameter("nbf").map(expiry::parse).transpose()?;
        let ip = fields.parameter("ip").map(parse_ip).transpose()?;
        let of_form = |name, form: fn(&str) -> bool| fields.parameter(name).is_none_or(form);
        if !of_form("sub", is_subject) || !of_form("once", is_identifier) || nbf > Some(exp) {
            return Err(QueryError::Parameters);
        }
        Ok(Self { kid, exp, nbf, ip })
    }
}

/// Unreserved characters never need encoding (RFC 3986 section 2.3), so decoding a subject once would leave it as it is.
fn is_subject(text: &str) -> bool {
    let unreserved = |b: u8| b.is_ascii_alphanumeric() || b"-._~".contains(&b);
    (1..=128).contains(&text.len()) && text.bytes().all(unreserved)
}

/// 16 base64url characters hold 96 bits, the least with which random identifiers of one key do not collide.
fn is_identifier(text: &str) -> bool {
    let base64url = |b: u8| b.is_ascii_alphanumeric() || b"-_".contains(&b);
    (16..=64).contains(&text.len()) && text.bytes().all(base64url)
}

fn parse_ip(text: &str) -> Result<Cidr, QueryError> {
    Cidr::parse(text)
        .ok()
        .filter(|network| network.to_string() == text)
        .ok_or(QueryError::Parameters)
}

#[cfg(test)]
mod tests {
    use super::*;

    fn parse(query: &str) -> Result<(), Error> {
        Unverified::parse("demo/_/a.example/x", query).map(|_| ())
    }

    fn with(parameter: &str) -> Result<(), Error> {
        parse(&format!("kid=pk_a&exp=5&{parameter}&sig=s"))
    }

    const PARAMETERS: Result<(), Error> = Err(Error::Query(QueryError::Parameters));

    #[test]
    fn kid_exp_and_sig_are_required() {
        // T5: every URL of this version expires.
        for query in ["", "kid=pk_a", "kid=pk_a&exp=5", "kid=pk_a&sig=s", "exp=5&sig=s"] {
            assert_eq!(parse(query), Err(Error::Query(QueryError::Missing)), "{query}");
        }
        let url = Unverified::parse("demo/_/a.example/x", "kid=pk_a&exp=5&sig=s").unwrap();
        assert_eq!((url.kid().as_str(), url.slug()), ("pk_a", "demo"));
    }

    #[test]
    fn u6_u8_s8_a_query_has_one_meaning() {
        for query in [
            "kid=pk_a&exp=5&sig=a&sig=b",
            "kid=pk_a&exp=5&sig=a&sig=a",
            "kid=pk_a&kid=pk_b&exp=5&sig=s",
            "kid=pk_a&exp=1&exp=9&sig=s",
            "kid=pk_a&exp=5&sig=s&Exp=5",
            "kid=pk_a&exp=5&sig[]=s",
            "kid=pk_a&exp=5&sig=s&w=800",
            "kid=pk_a&exp=5&sig=s&alg=sha1",
            "kid=pk_a&exp=5&sig=s&v=0",
            "kid=pk_a&exp=5&sig=s&key=pk_a",
            "kid=pk_a&exp=5&sig=s&",
            "&kid=pk_a&exp=5&sig=s",
            "kid=pk_a&exp=5&sig=",
            "kid=pk_a&exp=&sig=s",
            "kid=&exp=5&sig=s",
            "kid&exp=5&sig=s",
            "=&kid=pk_a&exp=5&sig=s",
            "kid=pk_a;exp=5;sig=s",
            "kid=pk_a&exp=5&sig=s&sub=",
            "kid=pk_a&exp=5&sig=s\n",
            "kid=pk_a&exp=5&sig=é",
            "kid=pk%5Fa&exp=5&sig=s",
            "kid=sk_a&exp=5&sig=s",
            "kid=pk_+&exp=5&sig=s",
        ] {
            assert_eq!(parse(query), PARAMETERS, "{query}");
        }
    }

    #[test]
    fn u13_a_flood_of_parameters_ends_at_the_first_repetition() {
        assert_eq!(parse(&"exp=5&".repeat(10_000)), PARAMETERS);
        assert_eq!(parse(&"a=5&".repeat(10_000)), PARAMETERS);
    }

    #[test]
    fn t1_t2_times_are_canonical_seconds() {
        for (time, reason) in [
            ("1706500000000", QueryError::Milliseconds),
            ("-1", QueryError::Expiry),
            ("+5", QueryError::Expiry),
            ("05", QueryError::Expiry),
            ("00", QueryError::Expiry),
            ("1e9", QueryError::Expiry),
            ("1.0", QueryError::Expiry),
            ("%205", QueryError::Expiry),
            ("0x5", QueryError::Expiry),
            ("9007199254740992", QueryError::Expiry),
            ("9223372036854775808", QueryError::Expiry),
            ("18446744073709551616", QueryError::Expiry),
            ("123456789012345678901234567890", QueryError::Expiry),
        ] {
            let refused = Err(Error::Query(reason));
            assert_eq!(parse(&format!("kid=pk_a&exp={time}&sig=s")), refused, "{time}");
            assert_eq!(with(&format!("nbf={time}")), refused, "{time}");
        }
        assert_eq!(parse("kid=pk_a&exp=٣&sig=s"), PARAMETERS);
        for exp in ["0", "2147483648", "9999999999"] {
            assert_eq!(parse(&format!("kid=pk_a&exp={exp}&sig=s")), Ok(()), "{exp}");
        }
    }

    #[test]
    fn t6_a_url_does_not_begin_after_its_end() {
        assert_eq!(with("nbf=5"), Ok(()));
        assert_eq!(with("nbf=0"), Ok(()));
        assert_eq!(with("nbf=6"), PARAMETERS);
    }

    #[test]
    fn r6_forms_of_subject_and_identifier() {
        let (s, o) = ("s".repeat(128), "A".repeat(64));
        for good in [
            format!("sub={s}"),
            "sub=aZ09-._~".into(),
            format!("once={o}"),
            "once=0123456789abcd-_".into(),
        ] {
            assert_eq!(with(&good), Ok(()), "{good}");
        }
        for bad in [
            format!("sub={s}s"),
            "sub=a%20b".into(),
            "sub=%41".into(),
            "sub=a@b".into(),
            "sub=a:b".into(),
            "sub=a+b".into(),
            format!("once={o}A"),
            "once=0123456789abcde".into(),
            "once=0123456789abcde.".into(),
            "once=0123456789abcde/".into(),
            "once=0123456789abcde=".into(),
            "once=0123456789abcd%5F".into(),
        ] {
            assert_eq!(with(&bad), PARAMETERS, "{bad}");
        }
    }

    #[test]
    fn n5_n7_an_address_or_network_has_one_text() {
        for good in ["203.0.113.7", "203.0.113.0/24", "2001:db8::1", "2001:db8::/48"] {
            assert_eq!(with(&format!("ip={good}")), Ok(()), "{good}");
        }
        for bad in [
            "010.0.0.1",
            "10.0.0.5/8",
            "10.0.0.1/32",
            "0.0.0.0/0",
            "::/0",
            "::ffff:203.0.113.7",
            "2001:DB8::1",
            "2001:db8:0::1",
            "2001%3Adb8%3A%3A1",
            "[2001:db8::1]",
            "fe80::1%eth0",
            "fe80::1%251",
            "203.0.113.7:80",
            "example.com",
        ] {
            assert_eq!(with(&format!("ip={bad}")), PARAMETERS, "{bad}");
        }
    }

    #[test]
    fn u5_u11_a_path_has_three_parts_of_visible_ascii() {
        for path in [
            "",
            "demo",
            "demo/",
            "demo/_",
            "demo/_/",
            "demo//x",
            "/_/x",
            "//x",
            "demo/_/a b",
            "demo/_/é",
            "demo/_/a\nb",
            "demo/_/a\0b",
            "dé/_/x",
        ] {
            let url = Unverified::parse(path, "kid=pk_a&exp=5&sig=s");
            assert_eq!(url.map(|_| ()), Err(Error::Path), "{path:?}");
        }
    }
}
