//! Tests whose names begin with a letter and a number are the attacks of the threat table: J on tokens, T on time.

use super::*;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use secret::{MasterKey, Purpose};
use serde_json::{Value, json};
use sha2::Sha256;

const ISSUER: &str = "deckle";
const NOW: u64 = 1_700_000_000;

fn master() -> MasterKey {
    MasterKey::from_bytes(std::array::from_fn(|i| i as u8)).unwrap()
}

fn ring() -> AccessRing {
    AccessRing::new(&master(), None)
}

fn bearer() -> Bearer {
    Bearer {
        client_id: "client_0123456789abcdefghjkmn".into(),
        tier: "standard".into(),
        scope_hash: "0123456789abcdefghijkl".into(),
        epoch: 3,
        session: "0123456789abcde".into(),
    }
}

fn minted() -> String {
    let token = mint_access(&ring(), ISSUER, &bearer(), Jti::new([7; 16]), NOW).unwrap();
    token.expose().to_owned()
}

fn judge(token: &str) -> Result<Access, Error> {
    verify_access(&ring(), ISSUER, token, NOW)
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "at+jwt", "kid": ring().0.current().id()})
}

fn claims() -> Value {
    let b = bearer();
    json!({
        "iss": ISSUER, "sub": b.client_id, "jti": "BwcHBwcHBwcHBwcHBwcHBw", "iat": NOW, "exp": NOW + ACCESS_LIFETIME,
        "tier": b.tier, "scope_hash": b.scope_hash, "epoch": 3, "sid": b.session,
    })
}

/// A token with a right signature over any header and any claims.
fn forge(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    signed_with(master().derive(Purpose::Access).as_ref(), header, claims)
}

fn signed_with(key: &[u8], header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let mac = Hmac::<Sha256>::new_from_slice(key).unwrap().chain_update(&input);
    format!("{input}.{}", URL_SAFE_NO_PAD.encode(mac.finalize().into_bytes()))
}

fn with(mut object: Value, member: &str, value: Value) -> String {
    object[member] = value;
    object.to_string()
}

fn without(mut object: Value, member: &str) -> String {
    object.as_object_mut().unwrap().remove(member).unwrap();
    object.to_string()
}

#[test]
fn what_is_minted_verifies_and_says_what_it_was_given() {
    let access = judge(&minted()).unwrap();
    assert_eq!(access.bearer(), &bearer());
    assert_eq!((access.jti(), access.exp()), (Jti::new([7; 16]), NOW + ACCESS_LIFETIME));
    assert_eq!(judge(&forge(header().to_string(), claims().to_string())), Ok(access));
}

#[test]
fn j1_no_other_algorithm() {
    for alg in [
        json!("none"),
        json!("None"),
        json!("nOnE"),
        json!(""),
        json!("RS256"),
        json!("ES256"),
        json!("HS384"),
        json!("HS512"),
        json!("hs256"),
        json!(["HS256"]),
        json!(null),
    ] {
        let token = forge(with(header(), "alg", alg.clone()), claims().to_string());
        assert_eq!(judge(&token), Err(Error::Header), "{alg}");
        let stripped = format!("{}.", token.rsplit_once('.').unwrap().0);
        assert!(judge(&stripped).is_err(), "{alg}");
    }
    assert_eq!(
        judge(&forge(without(header(), "alg"), claims().to_string())),
        Err(Error::Header)
    );
}

#[test]
fn j2_a_public_key_is_no_secret() {
    let pem = b"-----BEGIN PUBLIC KEY-----\nMFkwEwYHKoZIzj0CAQYIKoZIzj0DAQcDQgAE\n-----END PUBLIC KEY-----\n";
    for key in [&pem[..], b"", b"secret", &[0; 32]] {
        assert_eq!(
            judge(&signed_with(key, header().to_string(), claims().to_string())),
            Err(Error::Signature)
        );
    }
}

#[test]
fn j3_only_the_compact_form() {
    let token = minted();
    let (input, tag) = token.rsplit_once('.').unwrap();
    for hostile in [
        String::new(),
        ".".into(),
        "..".into(),
        input.to_owned(),
        format!("{input}."),
        format!("{token}."),
        format!("{token}.{tag}"),
        format!("{token}\n"),
        format!(" {token}"),
        format!("{token}="),
        format!("{token}=="),
        json!({"payload": "", "signatures": []}).to_string(),
        format!(".{}", token.split_once('.').unwrap().1),
        token.replace('.', ". "),
    ] {
        assert!(judge(&hostile).is_err(), "{hostile}");
    }
}

#[test]
fn j4_members_stand_once() {
    let text = claims().to_string();
    for more in [
        "\"exp\":9999999999",
        "\"e\\u0078p\":9999999999",
        "\"sub\":\"client_other\"",
    ] {
        let doubled = text.replacen('{', &format!("{{{more},"), 1);
        assert_eq!(
            judge(&forge(header().to_string(), doubled)),
            Err(Error::Claims),
            "{more}"
        );
    }
    let doubled = header().to_string().replacen('{', "{\"alg\":\"none\",", 1);
    assert_eq!(judge(&forge(doubled, text)), Err(Error::Header));
}

#[test]
fn j5_claims_are_exactly_these() {
    for member in ["iss", "sub", "jti", "iat", "exp", "tier", "scope_hash", "epoch", "sid"] {
        for broken in [
            without(claims(), member),
            with(claims(), member, json!(null)),
            with(claims(), member, json!([])),
        ] {
            assert!(judge(&forge(header().to_string(), broken)).is_err(), "{member}");
        }
    }
    for exp in [
        json!("1700003600"),
        json!(1_700_003_600.5),
        json!(-1),
        json!(1e300),
        json!(9_007_199_254_740_993u64),
    ] {
        assert!(
            judge(&forge(header().to_string(), with(claims(), "exp", exp.clone()))).is_err(),
            "{exp}"
        );
    }
    assert_eq!(
        judge(&forge(header().to_string(), with(claims(), "admin", json!(true)))),
        Err(Error::Claims)
    );
    for nobody in ["sub", "sid"] {
        let claims = with(claims(), nobody, json!(""));
        assert_eq!(
            judge(&forge(header().to_string(), claims)),
            Err(Error::Claims),
            "{nobody}"
        );
    }
    for (member, value) in [
        ("crit", json!(["exp"])),
        ("b64", json!(false)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
    ] {
        assert_eq!(
            judge(&forge(with(header(), member, value), claims().to_string())),
            Err(Error::Header),
            "{member}"
        );
    }
}

#[test]
fn j6_keys_are_found_in_the_ring_alone() {
    for kid in [
        json!("../../dev/null"),
        json!("' OR 1=1 --"),
        json!("k".repeat(10_240)),
        json!("unknown"),
        json!(["a"]),
        json!(""),
    ] {
        assert!(judge(&forge(with(header(), "kid", kid), claims().to_string())).is_err());
    }
    for member in ["jku", "x5u", "jwk", "x5c"] {
        let token = forge(
            with(header(), member, json!("https://evil.example/keys")),
            claims().to_string(),
        );
        assert_eq!(judge(&token), Err(Error::Header), "{member}");
    }
}

#[test]
fn j7_other_kinds_of_token_are_not_this_one() {
    let images = crate::KeyRing::new(&master(), None);
    let grant = crate::Grant {
        client_id: bearer().client_id,
        public_key: "pk_one".into(),
        epoch: 3,
        address: None,
        source: "images.example.com/a.jpg".into(),
        operations: "_".into(),
    };
    let image = crate::mint(&images, ISSUER, &grant, Jti::new([7; 16]), NOW).unwrap();
    assert_eq!(judge(image.expose()), Err(Error::Header));
    assert_eq!(crate::verify(&images, ISSUER, &minted(), NOW), Err(Error::Header));
    for typ in ["JWT", "deckle-img+jwt", "AT+JWT", "application/at+jwt"] {
        assert_eq!(
            judge(&forge(with(header(), "typ", json!(typ)), claims().to_string())),
            Err(Error::Header),
            "{typ}"
        );
    }
    assert_eq!(
        judge(&forge(without(header(), "typ"), claims().to_string())),
        Err(Error::Header)
    );
    assert_eq!(verify_access(&ring(), "other", &minted(), NOW), Err(Error::Issuer));
    assert!(judge("rt_0123456789abcdefghjkmnpqrstvwxyz012345678").is_err());
}

#[test]
fn j8_length_is_judged_first() {
    assert_eq!(judge(&"a".repeat(crate::MAX_LENGTH + 1)), Err(Error::Length));
    let nested = format!("{}{}", "[".repeat(1500), "]".repeat(1500));
    assert!(judge(&forge(header().to_string(), nested)).is_err());
}

#[test]
fn t4_t6_boundaries() {
    let at = |now| verify_access(&ring(), ISSUER, &minted(), now).map(|_| ());
    let end = NOW + ACCESS_LIFETIME + LEEWAY;
    assert_eq!((at(end - 1), at(end)), (Ok(()), Err(Error::Expired)));
    assert_eq!((at(NOW - LEEWAY), at(NOW - LEEWAY - 1)), (Ok(()), Err(Error::NotYet)));
    for (iat, exp) in [
        (NOW, NOW),
        (NOW, NOW - 1),
        (NOW, NOW + ACCESS_LIFETIME + 1),
        (0, u64::MAX),
    ] {
        let lying = with(
            serde_json::from_str(&with(claims(), "iat", json!(iat))).unwrap(),
            "exp",
            json!(exp),
        );
        assert_eq!(
            judge(&forge(header().to_string(), lying)),
            Err(Error::Lifetime),
            "{iat} {exp}"
        );
    }
}

#[test]
fn a_rotated_key_verifies_as_long_as_it_is_in_the_ring() {
    let next = MasterKey::from_bytes(std::array::from_fn(|i| 100 + i as u8)).unwrap();
    assert!(verify_access(&AccessRing::new(&next, Some(&master())), ISSUER, &minted(), NOW).is_ok());
    assert_eq!(
        verify_access(&AccessRing::new(&next, None), ISSUER, &minted(), NOW),
        Err(Error::UnknownKey)
    );
}

proptest! {
    #[test]
    fn u1_any_changed_byte_is_refused(at: prop::sample::Index, byte: u8) {
        let mut token = minted().into_bytes();
        let at = at.index(token.len());
        prop_assume!(token[at] != byte);
        token[at] = byte;
        prop_assert!(judge(&String::from_utf8_lossy(&token)).is_err());
    }

    #[test]
    fn hostile_text_is_an_error_never_a_panic(token in ".{0,200}") {
        prop_assert!(judge(&token).is_err());
    }
}
