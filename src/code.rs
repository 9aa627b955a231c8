//! Keyed codes: HMAC-SHA-256 over fields, each after its length, so that none can run into the next.

use hmac::{Hmac, KeyInit, Mac};
use sha2::Sha256;
use zeroize::Zeroizing;

/// The code of these fields.
pub fn code(key: &[u8; 32], fields: &[&[u8]]) -> [u8; 32] {
    mac(key, fields).finalize().into_bytes().into()
}

/// The same, not finished: to be compared in constant time.
pub fn mac(key: &[u8; 32], fields: &[&[u8]]) -> Hmac<Sha256> {
    fields.iter().fold(keyed(key), |mac, field| {
        mac.chain_update((field.len() as u64).to_be_bytes()).chain_update(field)
    })
}

fn keyed(key: &[u8; 32]) -> Hmac<Sha256> {
    // SHA-256 has blocks of 64 bytes; a key that is shorter is filled up with zeros (RFC 2104 section 2).
    let mut block = Zeroizing::new([0; 64]);
    block[..32].copy_from_slice(key);
    Hmac::new((&*block).into())
}
