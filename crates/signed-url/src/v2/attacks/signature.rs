use super::{EXP, NOW, check, full, secret, sign};
use crate::{
    Error, PublicKey, QueryError, Rules,
    v2::{Options, SIGNATURE_LENGTH, Unverified, signed_path},
};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secret::SecretText;
use sha2::{Digest, Sha256, block_api::compress256};

#[test]
fn s1_s2_a_signature_has_one_length_and_spelling() {
    let url = full();
    let (unsigned, good) = url.split_once("&sig=").unwrap();
    let with = |sig: &str| check(&format!("{unsigned}&sig={sig}"));
    assert_eq!(good.len(), SIGNATURE_LENGTH);
    assert!(with(good).is_ok());
    for length in 1..SIGNATURE_LENGTH {
        assert_eq!(with(&good[..length]), Err(Error::Signature), "{length}");
    }
    assert_eq!(with(""), Err(Error::Query(QueryError::Parameters)));
    for sig in [
        format!("{good}="),
        format!("{good}A"),
        good.to_uppercase(),
        format!("%{good}"),
        good.repeat(2),
    ] {
        assert_eq!(with(&sig), Err(Error::Signature), "{sig}");
    }
    // 43 characters hold two bits more than the 32 bytes, so three other last characters decode alike in a lenient reader.
    let alphabet = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";
    let last = *good.as_bytes().last().unwrap();
    let spelt: Vec<_> = alphabet
        .iter()
        .filter(|&&c| with(&format!("{}{}", &good[..42], c as char)).is_ok())
        .collect();
    assert_eq!(spelt, [&last]);
    let standard = good.replace('-', "+").replace('_', "/");
    assert_eq!(with(&standard).is_ok(), standard == good);
}

#[test]
fn s3_a_plain_hash_of_secret_and_text_is_no_signature_nor_can_one_be_extended() {
    let text = "deckle-v2\nslug:demo\noperations:_\nsource:a.example/x\nkid:pk_test\nexp:1700000900";
    let hash = Sha256::digest([secret().expose().as_bytes(), text.as_bytes()].concat());
    let unsigned = "/v2/demo/_/a.example/x?kid=pk_test&exp=1700000900";
    assert_eq!(
        check(&format!("{unsigned}&sig={}", URL_SAFE_NO_PAD.encode(hash))),
        Err(Error::Signature)
    );

    // Continue from the state that a real signature would be, if it were such a hash: the line that makes it single-use goes.
    let url = sign("_", "a.example/x", &Options::until(EXP));
    let sig = URL_SAFE_NO_PAD.decode(url.split_once("&sig=").unwrap().1).unwrap();
    let mut state: [u32; 8] = std::array::from_fn(|i| u32::from_be_bytes(sig[i * 4..][..4].try_into().unwrap()));
    let mut block = [0; 64];
    block[..10].copy_from_slice(b"\nsub:other");
    block[10] = 0x80;
    block[56..].copy_from_slice(&((128 + 10) * 8u64).to_be_bytes());
    compress256(&mut state, &[block]);
    let forged: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
    let forged = format!("{unsigned}&sub=other&sig={}", URL_SAFE_NO_PAD.encode(forged));
    assert_eq!(check(&forged), Err(Error::Signature));
}

#[test]
fn s6_a_signature_of_version_1_is_none_here() {
    let one = crate::signature(&secret(), "_/a.example/x?exp=1700000900");
    let url = format!("/v2/demo/_/a.example/x?kid=pk_test&exp=1700000900&sig={one}");
    assert_eq!(check(&url), Err(Error::Signature));
    // The other way round: the string of version 2 has line feeds, which the path of version 1 cannot decode to.
    let two = sign("_", "a.example/x", &Options::until(EXP));
    let sig = &two.split_once("&sig=").unwrap().1[..crate::SIGNATURE_LENGTH];
    let query = format!("key=pk_test&sig={sig}&exp=1700000900");
    let path = "demo/deckle-v2%0Aslug:demo%0Aoperations:_%0Asource:a.example/x%0Akid:pk_test";
    for path in [path, "demo/_/a.example/x"] {
        let url = crate::Unverified::parse(path, &query).unwrap();
        assert!(url.verify(&secret(), &Rules::default(), NOW).is_err(), "{path}");
    }
}

#[test]
fn s7_each_of_two_keys_verifies_its_own_urls_only() {
    let (old, new) = (SecretText::new("sk_old".into()), SecretText::new("sk_new".into()));
    let sign = |kid: &str, secret| {
        let key = PublicKey::parse(kid).unwrap();
        signed_path("demo", "_", "a.example/x", &key, secret, &Options::until(EXP)).unwrap()
    };
    let (with_old, with_new) = (sign("pk_old", &old), sign("pk_new", &new));
    let verify = |url: &str, secret| {
        let (path, query) = url["/v2/".len()..].split_once('?').unwrap();
        Unverified::parse(path, query)
            .unwrap()
            .verify(secret, &Rules::default(), NOW)
    };
    assert!(verify(&with_old, &old).is_ok() && verify(&with_new, &new).is_ok());
    assert_eq!(verify(&with_old, &new), Err(Error::Signature));
    assert_eq!(
        verify(&with_old.replace("pk_old", "pk_new"), &new),
        Err(Error::Signature)
    );
}

#[test]
fn s9_a_wrong_signature_says_nothing_about_the_rest() {
    for query in ["exp=1", "exp=9999999999&nbf=9999999999", "exp=1700000900"] {
        let url = format!("/v2/demo/_/%zz?kid=pk_test&{query}&sig={}", "A".repeat(43));
        assert_eq!(check(&url), Err(Error::Signature), "{query}");
    }
}
