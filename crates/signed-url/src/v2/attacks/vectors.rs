use crate::{
    PublicKey, Rules,
    v2::{Options, SIGNATURE_LENGTH, Unverified, signed_path},
};
use netaddr::Cidr;
use secret::SecretText;

#[test]
fn published_vectors() {
    let vectors: serde_json::Value =
        serde_json::from_str(include_str!("../../../../../tests/vectors/signed-url-v2.json")).unwrap();
    let vectors = vectors.as_array().unwrap();
    assert!(vectors.len() >= 10);
    for vector in vectors {
        let text = |name: &str| vector[name].as_str();
        let all = |name: &str| text(name).unwrap();
        let (name, secret) = (all("name"), SecretText::new(all("secret").into()));
        let (exp, nbf) = (vector["exp"].as_u64().unwrap(), vector["nbf"].as_u64());
        let ip = text("ip").map(|ip| Cidr::parse(ip).unwrap());

        let (path, query) = all("url").strip_prefix("/v2/").unwrap().split_once('?').unwrap();
        let unverified = Unverified::parse(path, query).unwrap();
        assert_eq!(
            (unverified.slug(), unverified.kid().as_str()),
            (all("slug"), all("kid")),
            "{name}"
        );
        assert_eq!(unverified.fields.operations, all("operations_raw"), "{name}");
        assert_eq!(unverified.fields.source, all("source_raw"), "{name}");
        assert_eq!(unverified.fields.string_to_sign(), all("string_to_sign"), "{name}");
        assert_eq!(
            (unverified.sig, all("sig").len()),
            (all("sig"), SIGNATURE_LENGTH),
            "{name}"
        );
        let url = unverified.verify(&secret, &Rules::default(), exp * 1000).unwrap();
        assert_eq!(
            (url.operations(), url.source()),
            (all("operations"), all("source")),
            "{name}"
        );
        assert_eq!(
            (url.subject(), url.once(), url.ip()),
            (text("sub"), text("once"), ip),
            "{name}"
        );

        if vector["canonical"].as_bool().unwrap() {
            let mut options = Options::until(exp);
            options = nbf.map_or(options, |nbf| options.not_before(nbf));
            options = text("sub").map_or(options, |sub| options.subject(sub));
            options = text("once").map_or(options, |once| options.once(once));
            options = ip.map_or(options, |ip| options.bound_to(ip));
            let key = PublicKey::parse(all("kid")).unwrap();
            let signed = signed_path(all("slug"), all("operations"), all("source"), &key, &secret, &options);
            assert_eq!(signed.as_deref(), Ok(all("url")), "{name}");
        }
    }
}
