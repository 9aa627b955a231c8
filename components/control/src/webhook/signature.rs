use hmac::{Hmac, KeyInit, Mac};
use secret::SecretText;
use sha2::Sha256;

/// The header that carries time and signature.
pub const HEADER: &str = "deckle-signature";

/// The header's value: `t=<at>,v1=<hex>`. `at` is Unix seconds; it is signed, so that an old delivery cannot be sent again as new.
pub fn sign(secret: &SecretText, at: u64, body: &str) -> String {
    // HMAC takes keys of any length.
    let mac = Hmac::<Sha256>::new_from_slice(secret.expose().as_bytes())
        .map(|mac| mac.chain_update(format!("{at}.{body}")).finalize().into_bytes());
    let digits = mac.map_or_else(
        |_| String::new(),
        |mac| mac.iter().map(|byte| format!("{byte:02x}")).collect(),
    );
    format!("t={at},v1={digits}")
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_signature_is_what_receivers_compute() {
        // python3 -c 'import hmac;print(hmac.new(b"whsec_test",b"1700000000.{}","sha256").hexdigest())'
        let header = sign(&SecretText::new("whsec_test".into()), 1_700_000_000, "{}");
        assert_eq!(
            header,
            "t=1700000000,v1=35495024f4ef3f94e5a93e22221544c4b75e9a42300cd965ab81cb85cd994e91"
        );
    }
}
