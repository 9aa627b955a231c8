use super::{Unverified, sign};
use crate::{Error, Rules, SignedUrl, encoding::decode_path, reference};
use secret::SecretText;
use subtle::ConstantTimeEq;

/// Seconds by which `nbf` may lie ahead of this machine's clock, because the signer's clock may be ahead of it. For the other
/// end there is [`Rules::grace`].
pub const LEEWAY: u64 = 60;

impl Unverified<'_> {
    /// Checks the signature, then `nbf`, then `exp` and the longest lifetime, and only then decodes operations and source,
    /// exactly once. `now` is Unix milliseconds.
    ///
    /// The signature is compared in constant time, whatever its length. For a key that does not exist, call it with any
    /// secret and drop the result: the request then takes the time of one whose key is known.
    ///
    /// # Errors
    /// [`Error::Path`] is the one reason that is not about authentication; a caller answers all others alike.
    pub fn verify(&self, secret: &SecretText, rules: &Rules, now: u64) -> Result<SignedUrl, Error> {
        let (fields, claims) = (&self.fields, &self.claims);
        let text = fields.string_to_sign();
        let expected = sign::signature(secret, &text);
        // Texts are compared, not decoded bytes: the last character of a signature has four spellings that decode alike.
        if expected.is_empty() || !bool::from(expected.as_bytes().ct_eq(self.sig.as_bytes())) {
            return Err(Error::Signature);
        }
        let begins = claims.nbf.unwrap_or(0).saturating_sub(LEEWAY);
        if now < begins.saturating_mul(1000) {
            return Err(Error::NotYet);
        }
        rules.check_expiry(claims.exp, now)?;
        let (operations, source) = decode_path(fields.operations, fields.source)?;
        Ok(SignedUrl {
            operations,
            source,
            exp: Some(claims.exp),
            subject: fields.parameter("sub").map(str::to_owned),
            once: fields.parameter("once").map(str::to_owned),
            ip: claims.ip,
            reference: reference(claims.kid.as_str(), &text),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{
        PublicKey,
        v2::{Options, signed_path},
    };

    const NOW: u64 = 1_700_000_000_000;
    const NOW_SECONDS: u64 = NOW / 1000;

    fn check(options: Options<'_>, rules: Rules, now: u64) -> Result<SignedUrl, Error> {
        let (key, secret) = (PublicKey::parse("pk_a").unwrap(), SecretText::new("sk_a".into()));
        let url = signed_path("demo", "_", "a.example/x", &key, &secret, &options).unwrap();
        let (path, query) = url["/v2/".len()..].split_once('?').unwrap();
        Unverified::parse(path, query).unwrap().verify(&secret, &rules, now)
    }

    #[test]
    fn t4_an_expiry_holds_to_the_millisecond() {
        let (url, rules) = (Options::until(NOW_SECONDS), Rules::default());
        for (now, grace, result) in [
            (NOW - 1000, 0, None),
            (NOW, 0, None),
            (NOW + 1, 0, Some(Error::Expired)),
            (NOW + 5000, 5, None),
            (NOW + 5001, 5, Some(Error::Expired)),
            (u64::MAX, 5, Some(Error::Expired)),
        ] {
            assert_eq!(check(url, Rules { grace, ..rules }, now).err(), result, "{now} {grace}");
        }
        assert_eq!(check(Options::until(0), rules, NOW).err(), Some(Error::Expired));
    }

    #[test]
    fn t6_a_beginning_may_lie_ahead_by_the_leeway() {
        let url = Options::until(NOW_SECONDS + 100).not_before(NOW_SECONDS);
        for (now, result) in [
            (NOW, None),
            (NOW - LEEWAY * 1000, None),
            (NOW - LEEWAY * 1000 - 1, Some(Error::NotYet)),
            (0, Some(Error::NotYet)),
        ] {
            assert_eq!(check(url, Rules::default(), now).err(), result, "{now}");
        }
        let at_once = Options::until(100).not_before(LEEWAY - 1);
        assert!(check(at_once, Rules::default(), 0).is_ok());
    }

    #[test]
    fn t3_the_key_may_limit_lifetimes() {
        let rules = Rules {
            max_lifetime: Some(60),
            ..Rules::default()
        };
        assert!(check(Options::until(NOW_SECONDS + 60), rules, NOW).is_ok());
        assert_eq!(
            check(Options::until(NOW_SECONDS + 61), rules, NOW),
            Err(Error::Lifetime)
        );
        assert_eq!(check(Options::until(9_999_999_999), rules, NOW), Err(Error::Lifetime));
    }

    #[test]
    fn what_was_signed_is_what_comes_out() {
        let network = netaddr::Cidr::parse("2001:db8::/48").unwrap();
        let options = Options::until(NOW_SECONDS)
            .subject("viewer-7")
            .once("0123456789abcdef")
            .bound_to(network);
        let url = check(options, Rules::default(), NOW).unwrap();
        assert_eq!(
            (url.operations(), url.source(), url.exp()),
            ("_", "a.example/x", Some(NOW_SECONDS))
        );
        assert_eq!(
            (url.subject(), url.once(), url.ip()),
            (Some("viewer-7"), Some("0123456789abcdef"), Some(network))
        );
        let plain = check(Options::until(NOW_SECONDS), Rules::default(), NOW).unwrap();
        assert_eq!((plain.subject(), plain.once(), plain.ip()), (None, None, None));
        assert_ne!(plain.reference(), url.reference());
    }
}
