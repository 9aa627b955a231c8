use crate::{Error, Rules, SignedUrl, Unverified, encoding::decode_path, reference, sign};
use secret::SecretText;
use subtle::ConstantTimeEq;

impl Unverified<'_> {
    /// Checks path, signature and expiry, in this order. `now` is Unix milliseconds.
    ///
    /// The signature is compared in constant time, whatever its length. For a key that does not exist, call it with any
    /// secret and drop the result: the request then takes the time of one whose key is known.
    pub fn verify(&self, secret: &SecretText, rules: &Rules, now: u64) -> Result<SignedUrl, Error> {
        let (operations, source) = self.rest.and_then(|rest| rest.split_once('/')).ok_or(Error::Path)?;
        let (operations, source) = decode_path(operations, source)?;
        let payload = sign::string_to_sign(&operations, &source, self.exp);
        let expected = sign::signature(secret, &payload);
        let same = expected.as_bytes().ct_eq(self.sig.as_bytes());
        if expected.is_empty() || !bool::from(same) {
            return Err(Error::Signature);
        }
        match self.exp {
            // The string to sign of `X` with exp=E is the one of the source `X?exp=E` without: an expiry there was moved.
            None if source.contains("?exp=") || source.contains("&exp=") => return Err(Error::HiddenExpiry),
            None if rules.require_exp => return Err(Error::NoExpiry),
            Some(exp) => rules.check_expiry(exp, now)?,
            None => {}
        }
        let reference = reference(self.key, &payload);
        Ok(SignedUrl {
            operations,
            source,
            exp: self.exp,
            subject: None,
            once: None,
            ip: None,
            reference,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{signature, signed_path, string_to_sign};
    use proptest::prelude::*;

    const NOW: u64 = 1_700_000_000_000;
    const RULES: Rules = Rules {
        max_lifetime: None,
        require_exp: false,
        grace: 0,
    };

    fn secret() -> SecretText {
        SecretText::new("sk_test_secret".into())
    }

    fn check(url: &str, rules: &Rules, now: u64) -> Result<SignedUrl, Error> {
        let (path, query) = url.strip_prefix("/api/v1/").unwrap().split_once('?').unwrap();
        Unverified::parse(path, query).unwrap().verify(&secret(), rules, now)
    }

    fn url(operations: &str, source: &str, exp: Option<u64>) -> String {
        signed_path("demo", operations, source, "pk_test", &secret(), exp)
    }

    #[test]
    fn published_vectors() {
        let vectors: serde_json::Value =
            serde_json::from_str(include_str!("../../../tests/vectors/signed-url-v1.json")).unwrap();
        let vectors = vectors.as_array().or_else(|| vectors["vectors"].as_array()).unwrap();
        assert!(vectors.len() >= 3);
        for vector in vectors {
            let text = |name: &str| vector[name].as_str().unwrap();
            let (secret, exp) = (SecretText::new(text("secret").into()), vector["exp"].as_u64());
            let payload = string_to_sign(text("operations"), text("source"), exp);
            assert_eq!(payload, text("payload"));
            assert_eq!(signature(&secret, &payload), text("sig"), "{payload}");
            let query = format!(
                "key=pk_a&sig={}{}",
                text("sig"),
                exp.map(|e| format!("&exp={e}")).unwrap_or_default()
            );
            let path = format!("demo/{}", text("path"));
            let verified = Unverified::parse(&path, &query)
                .unwrap()
                .verify(&secret, &RULES, 0)
                .unwrap();
            assert_eq!(
                (verified.operations(), verified.source()),
                (text("operations"), text("source"))
            );
        }
    }

    #[test]
    fn an_expired_url_is_refused_to_the_millisecond() {
        let url = url("_", "a.example/x", Some(1_700_000_000));
        assert!(check(&url, &RULES, NOW).is_ok());
        assert_eq!(check(&url, &RULES, NOW + 1), Err(Error::Expired));
        let grace = Rules { grace: 5, ..RULES };
        assert!(check(&url, &grace, NOW + 5000).is_ok());
        assert_eq!(check(&url, &grace, NOW + 5001), Err(Error::Expired));
    }

    #[test]
    fn an_expiry_cannot_be_moved_into_the_source() {
        let dated = url("w_800", "a.example/x", Some(1_700_000_000));
        let (path, query) = dated.split_once('?').unwrap();
        let sig = query.split('&').find(|p| p.starts_with("sig=")).unwrap();
        let moved = format!("{path}%3Fexp%3D1700000000?key=pk_test&{sig}");
        assert_eq!(check(&moved, &RULES, NOW + 1), Err(Error::HiddenExpiry));
        let after_a_query = url("w_800", "a.example/x?v=1?exp=1700000000", None);
        assert_eq!(check(&after_a_query, &RULES, NOW), Err(Error::HiddenExpiry));
        let as_a_member = url("w_800", "a.example/x?v=1&exp=1", None);
        assert_eq!(check(&as_a_member, &RULES, NOW), Err(Error::HiddenExpiry));
    }

    #[test]
    fn the_key_may_limit_lifetimes() {
        let rules = Rules {
            max_lifetime: Some(60),
            require_exp: true,
            ..RULES
        };
        assert!(check(&url("_", "a.example/x", Some(1_700_000_060)), &rules, NOW).is_ok());
        assert_eq!(
            check(&url("_", "a.example/x", Some(1_700_000_061)), &rules, NOW),
            Err(Error::Lifetime)
        );
        assert_eq!(check(&url("_", "a.example/x", None), &rules, NOW), Err(Error::NoExpiry));
    }

    #[test]
    fn zero_is_an_expiry() {
        assert_eq!(
            check(&url("_", "a.example/x", Some(0)), &RULES, NOW),
            Err(Error::Expired)
        );
    }

    #[test]
    fn signatures_have_one_length_and_spelling() {
        let good = signature(&secret(), "_/a.example/x");
        assert_eq!(good, {
            let url = url("_", "a.example/x", None);
            url.split_once("sig=").unwrap().1.to_owned()
        });
        for sig in [
            &good[..1],
            &good[..31],
            &format!("{good}A"),
            &format!("{good}="),
            &good.to_lowercase(),
        ] {
            let url = format!("/api/v1/demo/_/a.example/x?key=pk_test&sig={sig}");
            assert_eq!(check(&url, &RULES, NOW), Err(Error::Signature), "{sig}");
        }
    }

    #[test]
    fn malformed_paths() {
        for path in [
            "demo",
            "demo/",
            "demo/w_800",
            "demo/w_800/",
            "demo//a.example/x",
            "demo/_/%zz",
            "demo/_/a%2",
            "demo/_/%c3%a9",
            "demo/_/%C3",
            "demo/_/%C0%AE",
            "demo/_/a%00b",
            "demo/_/a%0D%0Ab",
            "demo/w_1%2Fa/x",
            "demo/w_1%3Fa/x",
        ] {
            let url = Unverified::parse(path, "key=pk_a&sig=s").unwrap();
            assert_eq!(url.verify(&secret(), &RULES, NOW), Err(Error::Path), "{path}");
        }
    }

    proptest! {
        #[test]
        fn any_single_byte_change_is_refused(at in 0usize..200, byte in 0x21u8..0x7f, exp in proptest::option::of(1_700_000_000u64..1_800_000_000)) {
            let good = url("w_800,f_webp", "images.example.com/é photo.jpg?v=2", exp);
            prop_assert!(check(&good, &RULES, NOW).is_ok());
            let start = "/api/v1/".len();
            let at = start + at % (good.len() - start);
            let mut changed = good.into_bytes();
            prop_assume!(changed[at] != byte);
            changed[at] = byte;
            let changed = String::from_utf8(changed).unwrap();
            let (path, query) = changed[start..].split_once('?').unwrap_or((&changed[start..], ""));
            if let Ok(url) = Unverified::parse(path, query)
                && let Ok(verified) = url.verify(&secret(), &RULES, NOW)
            {
                // Slug and key pick the record: what they name has another secret, and the slug is compared with the record's own.
                prop_assert!(url.slug() != "demo" || url.key().is_none_or(|key| key.as_str() != "pk_test"), "{verified:?}");
            }
        }

        #[test]
        fn what_is_signed_is_what_is_verified(operations in "[a-z0-9_,:]{1,20}", source in "[^\\p{C}]{1,40}") {
            prop_assume!(!source.contains("exp="));
            let verified = check(&url(&operations, &source, None), &RULES, NOW).unwrap();
            prop_assert_eq!((verified.operations(), verified.source()), (operations.as_str(), source.as_str()));
        }

        #[test]
        fn hostile_input_is_an_error_never_a_panic(path in ".{0,60}", query in ".{0,60}") {
            if let Ok(url) = Unverified::parse(&path, &query) {
                let _ = url.verify(&secret(), &RULES, NOW);
            }
        }
    }
}
