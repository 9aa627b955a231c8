//! A one-shot token. One line is a token as it stands in a path: nothing that was not minted may verify. Two lines are header
//! and claims, which are signed as only we can, so that what is behind the signature is reached too.

use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use hmac::{Hmac, KeyInit, Mac};
use secret::{MasterKey, Purpose};
use sha2::Sha256;
use token::{KeyRing, LEEWAY, LIFETIME, mint, verify};

/// A time within the life of the seeds, in Unix seconds.
const NOW: u64 = 1_700_000_000;
const ISSUER: &str = "deckle";

/// Verifies `input`.
pub fn run(input: &[u8]) {
    let master = MasterKey::from_bytes(std::array::from_fn(|i| i as u8)).expect("a key");
    let ring = KeyRing::new(&master, None);
    let Some(end) = input.iter().position(|byte| *byte == b'\n') else {
        let text = String::from_utf8_lossy(input);
        assert!(verify(&ring, ISSUER, &text, NOW).is_err());
        return;
    };
    let [header, claims] = [&input[..end], &input[end + 1..]].map(|part| URL_SAFE_NO_PAD.encode(part));
    let signed = format!("{header}.{claims}");
    let mac = Hmac::<Sha256>::new_from_slice(master.derive(Purpose::OneShot).as_ref()).expect("any length");
    let tag = URL_SAFE_NO_PAD.encode(mac.chain_update(&signed).finalize().into_bytes());
    if let Ok(accepted) = verify(&ring, ISSUER, &format!("{signed}.{tag}"), NOW) {
        assert!((NOW - LEEWAY..=NOW + LIFETIME + LEEWAY).contains(&accepted.exp()));
        // What was understood is what we would have written.
        let again = mint(&ring, ISSUER, accepted.grant(), accepted.jti(), NOW).expect("as long as before");
        let again = verify(&ring, ISSUER, again.expose(), NOW).expect("our own token");
        assert_eq!((again.grant(), again.jti()), (accepted.grant(), accepted.jti()));
    }
}
