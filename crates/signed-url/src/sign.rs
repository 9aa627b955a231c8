use crate::encoding::encode;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secret::SecretText;
use sha2::{Digest, Sha256};

/// Length of a version 1 signature in characters: base64url of the first 24 bytes of the MAC, so every bit of the text counts.
pub const SIGNATURE_LENGTH: usize = 32;

/// What version 1 signs: operations and source as they are after decoding once, and the expiry where there is one.
pub fn string_to_sign(operations: &str, source: &str, exp: Option<u64>) -> String {
    match exp {
        Some(exp) => format!("{operations}/{source}?exp={exp}"),
        None => format!("{operations}/{source}"),
    }
}

/// The version 1 signature: the first 32 characters of base64url(HMAC-SHA-256(whole secret text, string to sign)) (RFC 2104).
pub fn signature(secret: &SecretText, string_to_sign: &str) -> String {
    mac(secret, string_to_sign)
        .map(|tag| URL_SAFE_NO_PAD.encode(&tag[..SIGNATURE_LENGTH / 4 * 3]))
        .unwrap_or_default()
}

/// HMAC-SHA-256 under the whole secret text. HMAC takes keys of any length, so there always is one.
pub(crate) fn mac(secret: &SecretText, text: &str) -> Option<[u8; 32]> {
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes()).ok()?;
    Some(mac.chain_update(text).finalize().into_bytes().into())
}

/// Names a signed URL without giving it away: the first 8 bytes of SHA-256 over public key and string to sign. It goes into the
/// invisible mark and into the request log, so that a leaked picture leads to the requests that fetched it.
pub fn reference(public_key: &str, string_to_sign: &str) -> [u8; 8] {
    let digest = Sha256::new()
        .chain_update(public_key)
        .chain_update([0])
        .chain_update(string_to_sign)
        .finalize();
    std::array::from_fn(|i| digest[i])
}

/// Path and query of a signed URL, ready to follow a base URL: `/api/v1/{slug}/{operations}/{source}?key=…&sig=…[&exp=…]`.
pub fn signed_path(
    slug: &str,
    operations: &str,
    source: &str,
    public_key: &str,
    secret: &SecretText,
    exp: Option<u64>,
) -> String {
    let sig = signature(secret, &string_to_sign(operations, source, exp));
    let exp = exp.map(|exp| format!("&exp={exp}")).unwrap_or_default();
    let (operations, source) = (encode(operations), encode(source));
    format!("/api/v1/{slug}/{operations}/{source}?key={public_key}&sig={sig}{exp}")
}
