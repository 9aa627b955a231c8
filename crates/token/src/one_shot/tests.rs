//! Tests whose names begin with a letter and a number are the attacks of the threat table: J on tokens, T on time, R on replay.

use super::*;
use crate::{LEEWAY, LIFETIME, MAX_LENGTH};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use proptest::prelude::*;
use secret::{MasterKey, Purpose};
use serde_json::{Value, json};
use sha2::Sha256;

const ISSUER: &str = "https://pictures.example";
const NOW: u64 = 1_700_000_000;

fn master(first: u8) -> MasterKey {
    MasterKey::from_bytes(std::array::from_fn(|i| first.wrapping_add(i as u8))).unwrap()
}

fn ring() -> KeyRing {
    KeyRing::new(&master(0), None)
}

fn grant() -> Grant {
    Grant {
        client_id: "client_one".into(),
        public_key: "pk_one".into(),
        epoch: 3,
        address: Some("203.0.113.7".parse().unwrap()),
        source: "images.example.com/photo.jpg".into(),
        operations: "w_800,f_webp".into(),
    }
}

fn minted() -> String {
    let token = mint(&ring(), ISSUER, &grant(), Jti::new([7; 16]), NOW).unwrap();
    token.expose().to_owned()
}

fn judge(token: &str) -> Result<OneShot, Error> {
    verify(&ring(), ISSUER, token, NOW)
}

/// A token with a right signature over any header and any claims: what an attacker cannot make, and what a careless library
/// on our own side could.
fn forge(header: impl AsRef<[u8]>, claims: impl AsRef<[u8]>) -> String {
    let input = format!("{}.{}", encode(header), encode(claims));
    let key = master(0).derive(Purpose::OneShot);
    let mac = Hmac::<Sha256>::new_from_slice(key.as_ref())
        .unwrap()
        .chain_update(&input);
    format!("{input}.{}", encode(mac.finalize().into_bytes()))
}

fn encode(bytes: impl AsRef<[u8]>) -> String {
    URL_SAFE_NO_PAD.encode(bytes)
}

fn header() -> Value {
    json!({"alg": "HS256", "typ": "deckle-img+jwt", "kid": ring().current().id()})
}

fn claims() -> Value {
    json!({
        "iss": ISSUER, "sub": "client_one", "jti": "BwcHBwcHBwcHBwcHBwcHBw", "iat": NOW, "exp": NOW + LIFETIME,
        "ip": "203.0.113.7", "key": "pk_one", "epoch": 3, "src": "images.example.com/photo.jpg", "ops": "w_800,f_webp",
    })
}

fn with(mut object: Value, member: &str, value: impl Into<Value>) -> String {
    object[member] = value.into();
    object.to_string()
}

fn without(mut object: Value, member: &str) -> String {
    object.as_object_mut().unwrap().remove(member).unwrap();
    object.to_string()
}

/// `{` and one more member, as text: JSON that a `Value` cannot hold.
fn prefixed(member: &str, object: Value) -> String {
    object.to_string().replacen('{', &format!("{{{member},"), 1)
}

#[test]
fn a_token_says_what_was_granted() {
    let token = judge(&minted()).unwrap();
    assert_eq!(token.grant(), &grant());
    assert_eq!(token.jti(), Jti::new([7; 16]));
    assert_eq!(token.exp(), NOW + 900);
    assert_eq!(judge(&forge(header().to_string(), claims().to_string())), Ok(token));
}

#[test]
fn the_form_does_not_drift() {
    // Golden: computed with Python's hmac, hashlib, base64 and json modules.
    assert_eq!(minted(), include_str!("golden.txt").trim_end());
}

#[test]
fn tokens_of_the_previous_key_live_on_and_no_others() {
    let rotated = KeyRing::new(&master(1), Some(&master(0)));
    assert!(verify(&rotated, ISSUER, &minted(), NOW).is_ok());
    let dropped = KeyRing::new(&master(1), None);
    assert_eq!(verify(&dropped, ISSUER, &minted(), NOW), Err(Error::UnknownKey));
    let renewed = mint(&rotated, ISSUER, &grant(), Jti::new([7; 16]), NOW).unwrap();
    assert!(verify(&dropped, ISSUER, renewed.expose(), NOW).is_ok());
    assert_eq!(judge(renewed.expose()), Err(Error::UnknownKey));
}

#[test]
fn j1_j2_only_hs256_is_an_algorithm() {
    for alg in [
        "none", "None", "nOnE", "", "hs256", "HS256 ", "HS384", "HS512", "RS256", "ES256", "PS256", "EdDSA",
    ] {
        let token = forge(with(header(), "alg", alg), claims().to_string());
        assert_eq!(judge(&token), Err(Error::Header), "{alg}");
        let unsigned = token.rsplit_once('.').unwrap().0;
        assert_eq!(judge(&format!("{unsigned}.")), Err(Error::Header), "{alg}");
    }
    for alg in [json!(["HS256"]), json!({"HS256": null}), json!(null), json!(256)] {
        let token = forge(with(header(), "alg", alg.clone()), claims().to_string());
        assert_eq!(judge(&token), Err(Error::Header), "{alg}");
    }
    let token = forge(without(header(), "alg"), claims().to_string());
    assert_eq!(judge(&token), Err(Error::Header));
}

#[test]
fn j3_a_token_is_three_parts_of_canonical_base64url() {
    let token = minted();
    let parts: Vec<_> = token.split('.').collect();
    let [header, claims, tag] = parts[..] else { panic!() };
    // The last character of 32 bytes has two bits that no encoder sets.
    let last = tag.chars().last().unwrap();
    let alphabet = "ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let next = alphabet.chars().nth(alphabet.find(last).unwrap() + 1).unwrap();
    for hostile in [
        String::new(),
        ".".into(),
        header.to_string(),
        format!("{header}.{claims}"),
        format!("{token}."),
        format!(".{token}"),
        format!("{token}.{tag}"),
        format!("{token}.{tag}.{tag}"),
        format!("{header}..{tag}.{claims}"),
        format!("{token}\n"),
        format!("{token} "),
        format!(" {token}"),
        format!("{token}="),
        format!("{header}=.{claims}.{tag}"),
        format!("{header}.\n{claims}.{tag}"),
        format!("{header}.{claims}.{}{next}", &tag[..42]),
        format!("{header}.{claims}.{}+", &tag[..42]),
        format!("{header}.{claims}.{}/", &tag[..42]),
        format!("{header}.{claims}.{}%2D", &tag[..42]),
        format!("{header}.{claims}.{}é", &tag[..41]),
        format!(r#"{{"protected":"{header}","payload":"{claims}","signature":"{tag}"}}"#),
    ] {
        assert_eq!(judge(&hostile), Err(Error::Form), "{hostile}");
    }
    for hostile in [format!(".{claims}.{tag}"), "..".into()] {
        assert_eq!(judge(&hostile), Err(Error::Header), "{hostile}");
    }
    for hostile in [
        format!("{header}.{claims}."),
        format!("{header}..{tag}"),
        format!("{header}.{claims}.{}", &tag[..40]),
        format!("{header}.{claims}.{tag}AAAA"),
        format!("{header}.{claims}.{}", encode([0; 32])),
        format!("{header}.{header}.{tag}"),
    ] {
        assert_eq!(judge(&hostile), Err(Error::Signature), "{hostile}");
    }
}

#[test]
fn j4_no_member_stands_twice() {
    for member in [
        r#""alg":"HS256""#,
        r#""alg":"none""#,
        r#""a\u006cg":"none""#,
        r#""kid":"x""#,
    ] {
        let token = forge(prefixed(member, header()), claims().to_string());
        assert_eq!(judge(&token), Err(Error::Header), "{member}");
    }
    for member in [
        r#""exp":1"#,
        r#""exp":9000000000"#,
        r#""e\u0078p":9000000000"#,
        r#""sub":"client_two""#,
        r#""ip":"203.0.113.8""#,
        r#""\u0069p":null"#,
    ] {
        let token = forge(header().to_string(), prefixed(member, claims()));
        assert_eq!(judge(&token), Err(Error::Claims), "{member}");
    }
}

#[test]
fn j5_dates_are_integers() {
    for date in ["exp", "iat"] {
        let text = claims().to_string();
        let number = claims()[date].to_string();
        for spelling in [
            format!("{number}.0"),
            format!("{number}.5"),
            format!("{number}e0"),
            format!("\"{number}\""),
            format!("[{number}]"),
            format!("0{number}"),
            format!("+{number}"),
            format!("-{number}"),
            "-0".into(),
            "-1".into(),
            "1.7e9".into(),
            "null".into(),
            "true".into(),
            "NaN".into(),
            "18446744073709551616".into(),
            "9".repeat(400),
        ] {
            let changed = text.replace(&format!("\"{date}\":{number}"), &format!("\"{date}\":{spelling}"));
            assert_ne!(changed, text);
            let token = forge(header().to_string(), changed);
            assert_eq!(judge(&token), Err(Error::Claims), "{date} {spelling}");
        }
        let token = forge(header().to_string(), without(claims(), date));
        assert_eq!(judge(&token), Err(Error::Claims), "no {date}");
        for far in [(1 << 53) + 1, i64::MAX as u64, u64::MAX] {
            let token = forge(header().to_string(), with(claims(), date, far));
            assert_eq!(judge(&token), Err(Error::Lifetime), "{date} {far}");
        }
    }
}

#[test]
fn j5_a_header_has_no_other_members() {
    for (member, value) in [
        ("crit", json!(["exp"])),
        ("crit", json!([])),
        ("b64", json!(false)),
        ("b64", json!(true)),
        ("zip", json!("DEF")),
        ("cty", json!("JWT")),
        ("enc", json!("A256GCM")),
        ("nested", (0..100).fold(json!(0), |inner, _| json!([inner]))),
    ] {
        let token = forge(with(header(), member, value), claims().to_string());
        assert_eq!(judge(&token), Err(Error::Header), "{member}");
    }
    let nested = forge(header().to_string(), minted());
    assert_eq!(judge(&nested), Err(Error::Claims));
}

#[test]
fn j6_keys_are_found_in_the_ring_only() {
    for kid in [
        json!("../../dev/null"),
        json!("' OR '1'='1"),
        json!("k".repeat(33)),
        json!(""),
        json!("\0"),
        json!(["a"]),
        json!(null),
        json!(0),
    ] {
        let token = forge(with(header(), "kid", kid.clone()), claims().to_string());
        assert_eq!(judge(&token), Err(Error::Header), "{kid}");
    }
    for (member, value) in [
        ("jku", json!("https://attacker.example/keys")),
        ("x5u", json!("https://attacker.example/chain")),
        ("x5c", json!(["MIIB"])),
        ("x5t", json!("AAAA")),
        ("jwk", json!({"kty": "oct", "k": "AAAA"})),
    ] {
        let token = forge(with(header(), member, value), claims().to_string());
        assert_eq!(judge(&token), Err(Error::Header), "{member}");
    }
    let token = forge(with(header(), "kid", "unknown"), claims().to_string());
    assert_eq!(judge(&token), Err(Error::UnknownKey));
    assert_eq!(
        judge(&forge(without(header(), "kid"), claims().to_string())),
        Err(Error::Header)
    );
}

#[test]
fn j7_other_tokens_are_none_of_ours() {
    for typ in [
        "JWT",
        "at+jwt",
        "deckle-at+jwt",
        "DECKLE-IMG+JWT",
        "application/deckle-img+jwt",
        "",
    ] {
        let token = forge(with(header(), "typ", typ), claims().to_string());
        assert_eq!(judge(&token), Err(Error::Header), "{typ}");
    }
    assert_eq!(
        judge(&forge(without(header(), "typ"), claims().to_string())),
        Err(Error::Header)
    );
    for issuer in ["", "https://pictures.example/", "https://other.example"] {
        let token = forge(header().to_string(), with(claims(), "iss", issuer));
        assert_eq!(judge(&token), Err(Error::Issuer), "{issuer}");
    }
    for (member, value) in [
        ("aud", json!("deckle")),
        ("nbf", json!(NOW)),
        ("tier", json!("standard")),
        ("scope_hash", json!("AAAA")),
    ] {
        let token = forge(header().to_string(), with(claims(), member, value));
        assert_eq!(judge(&token), Err(Error::Claims), "{member}");
    }
    // Signed with the key of another purpose.
    let (input, _) = minted()
        .rsplit_once('.')
        .map(|(a, b)| (a.to_owned(), b.to_owned()))
        .unwrap();
    for purpose in [Purpose::Sealing, Purpose::Marking] {
        let mac = Hmac::<Sha256>::new_from_slice(master(0).derive(purpose).as_ref()).unwrap();
        let tag = mac.chain_update(&input).finalize().into_bytes();
        assert_eq!(judge(&format!("{input}.{}", encode(tag))), Err(Error::Signature));
    }
}

#[test]
fn j8_length_is_judged_first() {
    assert_eq!(judge(&"A".repeat(MAX_LENGTH + 1)), Err(Error::Length));
    assert_eq!(judge(&"A".repeat(1 << 20)), Err(Error::Length));
    assert_eq!(judge(&"A".repeat(MAX_LENGTH)), Err(Error::Form));
    // The longest source that fits is accepted, and one more is not minted.
    let grant = |length| Grant {
        source: "s".repeat(length),
        ..grant()
    };
    let make = |length| mint(&ring(), ISSUER, &grant(length), Jti::new([7; 16]), NOW);
    let longest = (1..MAX_LENGTH).rev().find(|length| make(*length).is_ok()).unwrap();
    let token = make(longest).unwrap();
    assert_eq!(token.expose().len(), MAX_LENGTH);
    assert_eq!(judge(token.expose()).unwrap().grant(), &grant(longest));
    assert_eq!(make(longest + 1).unwrap_err(), Error::Length);
}

#[test]
fn j8_depth_costs_nothing() {
    let deep = format!("{{\"alg\":{}", "[".repeat(1000));
    assert_eq!(judge(&forge(&deep, claims().to_string())), Err(Error::Header));
    let deep = format!("{{\"iss\":{}", "[".repeat(2000));
    assert_eq!(judge(&forge(header().to_string(), &deep)), Err(Error::Claims));
}

#[test]
fn parts_are_objects() {
    let kid = ring().current().id().to_owned();
    for text in [
        json!(["HS256", "deckle-img+jwt", kid]).to_string(),
        format!(" {}", header()),
        format!("\u{feff}{}", header()),
        format!("{}{}", header(), header()),
        "null".into(),
        "{}".into(),
        "{".into(),
    ] {
        assert_eq!(judge(&forge(&text, claims().to_string())), Err(Error::Header), "{text}");
    }
    let array: Vec<_> = ["iss", "sub", "jti", "iat", "exp", "ip", "key", "epoch", "src", "ops"]
        .map(|member| claims()[member].clone())
        .into();
    assert_eq!(
        judge(&forge(header().to_string(), Value::from(array).to_string())),
        Err(Error::Claims)
    );
    assert_eq!(
        judge(&forge(header().to_string(), b"{\"iss\":\"\xff\"}")),
        Err(Error::Claims)
    );
}

#[test]
fn every_claim_is_required_but_the_address() {
    for member in ["iss", "sub", "jti", "iat", "exp", "key", "epoch", "src", "ops"] {
        let token = forge(header().to_string(), without(claims(), member));
        assert_eq!(judge(&token), Err(Error::Claims), "{member}");
        let token = forge(header().to_string(), with(claims(), member, Value::Null));
        assert_eq!(judge(&token), Err(Error::Claims), "{member}");
    }
    for member in ["sub", "key"] {
        let token = forge(header().to_string(), with(claims(), member, ""));
        assert_eq!(judge(&token), Err(Error::Claims), "{member}");
    }
    let token = forge(header().to_string(), with(claims(), "ip", Value::Null));
    assert_eq!(judge(&token), Err(Error::Claims));
    let unbound = judge(&forge(header().to_string(), without(claims(), "ip"))).unwrap();
    assert_eq!(unbound.grant().address, None);
}

#[test]
fn r6_an_id_is_sixteen_bytes() {
    for jti in [
        "",
        "a/b",
        "\0",
        "BwcHBwcHBwcHBwcHBwcHBx",
        "BwcHBwcHBwcHBwcHBwcHBw==",
        &"B".repeat(2048),
    ] {
        let token = forge(header().to_string(), with(claims(), "jti", jti));
        assert_eq!(judge(&token), Err(Error::Claims), "{jti}");
    }
    let other = judge(&forge(
        header().to_string(),
        with(claims(), "jti", "bwcHBwcHBwcHBwcHBwcHBw"),
    ))
    .unwrap();
    assert_ne!(other.jti(), Jti::new([7; 16]));
}

#[test]
fn t4_a_token_ends_a_leeway_after_its_expiry() {
    let exp = NOW + LIFETIME;
    for (now, expected) in [
        (exp - 1, Ok(())),
        (exp, Ok(())),
        (exp + LEEWAY - 1, Ok(())),
        (exp + LEEWAY, Err(Error::Expired)),
        (exp + LEEWAY + 1, Err(Error::Expired)),
        (u64::MAX, Err(Error::Expired)),
    ] {
        assert_eq!(verify(&ring(), ISSUER, &minted(), now).map(drop), expected, "{now}");
    }
}

#[test]
fn t6_a_token_begins_a_leeway_before_it_was_issued() {
    for (now, expected) in [
        (NOW - LEEWAY, Ok(())),
        (NOW - LEEWAY - 1, Err(Error::NotYet)),
        (0, Err(Error::NotYet)),
    ] {
        assert_eq!(verify(&ring(), ISSUER, &minted(), now).map(drop), expected, "{now}");
    }
    for (iat, expected) in [
        (NOW + 1, Ok(())),
        (NOW + LIFETIME - 1, Err(Error::NotYet)),
        (NOW + LIFETIME, Err(Error::Lifetime)),
        (NOW + LIFETIME + 1, Err(Error::Lifetime)),
        (NOW - 1, Err(Error::Lifetime)),
        (0, Err(Error::Lifetime)),
    ] {
        let token = forge(header().to_string(), with(claims(), "iat", iat));
        assert_eq!(judge(&token).map(drop), expected, "{iat}");
    }
}

#[test]
fn addresses_are_canonical() {
    let parsed = |ip: &str| judge(&forge(header().to_string(), with(claims(), "ip", ip))).map(|t| t.grant().address);
    for ip in ["203.0.113.7", "2001:db8::1", "::"] {
        assert_eq!(parsed(ip), Ok(ip.parse().ok()), "{ip}");
    }
    for ip in [
        "",
        "::ffff:203.0.113.7",
        "2001:DB8::1",
        "2001:db8:0:0::1",
        "203.0.113.07",
        "203.0.113.7:80",
        "203.0.113.0/24",
        "example.com",
    ] {
        assert_eq!(parsed(ip), Err(Error::Claims), "{ip}");
    }
    let mapped = Grant {
        address: "::ffff:203.0.113.7".parse().ok(),
        ..grant()
    };
    let token = mint(&ring(), ISSUER, &mapped, Jti::new([7; 16]), NOW).unwrap();
    assert_eq!(token.expose(), minted());
}

proptest! {
    #[test]
    fn what_is_minted_is_what_is_verified(
        client_id in ".{1,40}", public_key in "pk_[a-z]{1,40}", epoch: u64, source in ".{0,200}", operations in ".{0,100}",
        address: Option<std::net::IpAddr>, jti: [u8; 16], now in 0u64..10_000_000_000, age in 0..LIFETIME + LEEWAY,
    ) {
        let address = address.map(|address| address.to_canonical());
        let grant = Grant { client_id, public_key, epoch, address, source, operations };
        let token = mint(&ring(), ISSUER, &grant, Jti::new(jti), now).unwrap();
        let read = verify(&ring(), ISSUER, token.expose(), now + age).unwrap();
        prop_assert_eq!(read.grant(), &grant);
        prop_assert_eq!(read.jti().bytes(), jti);
    }

    #[test]
    fn any_text_is_refused_without_a_panic(text in ".{0,300}", parts in "[A-Za-z0-9_-]{0,60}(\\.[A-Za-z0-9_-]{0,60}){0,4}") {
        prop_assert!(judge(&text).is_err());
        prop_assert!(judge(&parts).is_err());
    }

    #[test]
    fn any_changed_character_is_refused(at: prop::sample::Index, to in "[A-Za-z0-9_.=+/-]") {
        let token = minted();
        let at = at.index(token.len());
        let mut changed = token.clone();
        changed.replace_range(at..=at, &to);
        prop_assert_eq!(judge(&changed).is_ok(), changed == token);
    }

    #[test]
    fn signed_junk_is_refused_without_a_panic(header_bytes: Vec<u8>, claims_bytes: Vec<u8>) {
        prop_assert_eq!(judge(&forge(&header_bytes, claims().to_string())), Err(Error::Header));
        prop_assert_eq!(judge(&forge(header().to_string(), &claims_bytes)), Err(Error::Claims));
    }
}
