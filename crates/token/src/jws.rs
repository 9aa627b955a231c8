use crate::header::Header;
use crate::{Error, KeyRing, MAX_LENGTH};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use secret::SecretText;

/// Signs claims into a compact JWS (RFC 7515 section 7.1).
pub(crate) fn sign(ring: &KeyRing, claims: &[u8]) -> Result<SecretText, Error> {
    let key = ring.current();
    let header = serde_json::to_vec(&Header::new(ring.typ(), key.id())).map_err(|_| Error::Header)?;
    let mut token = format!("{}.{}", URL_SAFE_NO_PAD.encode(header), URL_SAFE_NO_PAD.encode(claims));
    let tag = key.sign(&token);
    token.push('.');
    token.push_str(&URL_SAFE_NO_PAD.encode(tag));
    match token.len() {
        0..=MAX_LENGTH => Ok(SecretText::new(token)),
        _ => Err(Error::Length),
    }
}

/// The claims of a token whose signature is right. Length and form are judged before anything is decoded, the signature
/// before any claim is read.
pub(crate) fn open(ring: &KeyRing, token: &str) -> Result<Vec<u8>, Error> {
    if token.len() > MAX_LENGTH {
        return Err(Error::Length);
    }
    let (input, tag) = token.rsplit_once('.').ok_or(Error::Form)?;
    let (header, claims) = input.split_once('.').ok_or(Error::Form)?;
    // Decoding refuses a fourth part, padding, white space, and bits that no encoder leaves behind.
    let decode = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Form);
    let (header, claims, tag) = (decode(header)?, decode(claims)?, decode(tag)?);

    let header = Header::parse(&header, ring.typ())?;
    let Some(key) = ring.find(header.kid()) else {
        // An unknown key takes the time of a known one.
        let _ = ring.current().verifies(input, &tag);
        return Err(Error::UnknownKey);
    };
    match key.verifies(input, &tag) {
        true => Ok(claims),
        false => Err(Error::Signature),
    }
}
