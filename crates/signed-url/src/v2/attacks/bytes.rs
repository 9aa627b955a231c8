use super::{EXP, check, full, sign};
use crate::v2::Options;
use proptest::prelude::*;

proptest! {
    #![proptest_config(ProptestConfig::with_cases(1024))]

    #[test]
    fn u1_any_changed_byte_is_refused(at in 0usize..1000, byte in 0x21u8..0x7f) {
        let mut url = full().into_bytes();
        let start = "/v2/".len();
        let at = start + at % (url.len() - start);
        prop_assume!(url[at] != byte);
        url[at] = byte;
        prop_assert!(check(&String::from_utf8(url).unwrap()).is_err());
    }

    #[test]
    fn u1_any_removed_or_added_byte_is_refused(at in 0usize..1000, byte in 0x21u8..0x7f, add: bool) {
        let good = full();
        let start = "/v2/".len();
        let at = start + at % (good.len() - start);
        let mut url = good.into_bytes();
        if add { url.insert(at, byte) } else { url.remove(at); }
        prop_assert!(check(&String::from_utf8(url).unwrap()).is_err());
    }

    #[test]
    fn what_is_signed_is_what_is_verified(
        operations in "[a-z0-9_,:]{1,20}",
        source in "[^\\p{C}]{1,40}",
        sub in proptest::option::of("[A-Za-z0-9._~-]{1,128}"),
        once in proptest::option::of("[A-Za-z0-9_-]{16,64}"),
    ) {
        let mut options = Options::until(EXP);
        options = sub.as_deref().map_or(options, |sub| options.subject(sub));
        options = once.as_deref().map_or(options, |once| options.once(once));
        let url = check(&sign(&operations, &source, &options)).unwrap();
        prop_assert_eq!((url.operations(), url.source()), (operations.as_str(), source.as_str()));
        prop_assert_eq!((url.subject(), url.once()), (sub.as_deref(), once.as_deref()));
    }

    #[test]
    fn hostile_input_is_an_error_never_a_panic(path in ".{0,60}", query in ".{0,60}|(kid=pk_a|exp=5|&|sig=s|ip=.{0,9}){0,9}") {
        let url = format!("/v2/{path}?{query}");
        prop_assert!(check(&url).is_err());
    }
}
