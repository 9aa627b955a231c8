//! Tokens of one-shot URLs that say whatever an attack wants, signed as only the deployment can sign, or otherwise.

use crate::target::{Target, now};
use anyhow::Result;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use deckle_tests::MASTER_KEY;
use hmac::{Hmac, KeyInit, Mac};
use secret::{MasterKey, Purpose};
use serde_json::{Value, json};
use sha2::{Digest, Sha256};

/// The key of the target's tokens.
pub fn key() -> Result<[u8; 32]> {
    Ok(*MasterKey::parse(MASTER_KEY)?.derive(Purpose::OneShot))
}

/// The header that the deployment writes.
pub fn header() -> Value {
    let digest = Sha256::new()
        .chain_update("kid")
        .chain_update(key().unwrap_or_default())
        .finalize();
    json!({ "alg": "HS256", "typ": "deckle-img+jwt", "kid": URL_SAFE_NO_PAD.encode(&digest[..9]) })
}

/// The claims of a good token; `number` makes its id.
pub fn claims(target: &Target, number: u8) -> Value {
    json!({
        "iss": "deckle", "sub": target.key.client, "jti": jti_text(number), "iat": now(), "exp": now() + 900,
        "key": target.key.public, "epoch": 1, "src": target.source("good/x.jpg"), "ops": "w_96,f_png",
    })
}

/// The text of an id.
pub fn jti_text(number: u8) -> String {
    URL_SAFE_NO_PAD.encode([number; 16])
}

/// The target of a token with this header and these claims, rightly signed.
pub fn forge(target: &Target, header: &Value, claims: &Value) -> Result<String> {
    Ok(signed(target, &header.to_string(), &claims.to_string(), &key()?))
}

/// The same of any texts, under any key.
pub fn signed(target: &Target, header: &str, claims: &str, key: &[u8]) -> String {
    let input = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let tag = Hmac::<Sha256>::new_from_slice(key).map(|mac| mac.chain_update(&input).finalize().into_bytes());
    let tag = URL_SAFE_NO_PAD.encode(tag.unwrap_or_default());
    target.keep_secret(&tag);
    format!("/i/{input}.{tag}")
}
