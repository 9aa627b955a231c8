use crate::{Error, SecretText};
use aes_gcm::aead::{Aead, KeyInit, Payload};
use aes_gcm::{Aes256Gcm, Nonce};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use zeroize::Zeroize;

/// Length of an AES-GCM nonce in bytes (NIST SP 800-38D: 96 bits). Callers draw it from the system's randomness, once per sealing.
pub const NONCE_LENGTH: usize = 12;

const VERSION: &str = "v1";

/// A secret at rest: AES-256-GCM under a sealing key, bound to the place it is stored at.
///
/// The place (the record's name) is authenticated but not stored, so a sealed value moved to another record does not open.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Sealed {
    nonce: [u8; NONCE_LENGTH],
    ciphertext: Vec<u8>,
}

impl Sealed {
    /// Seals `secret` for the record named `place`. A nonce must never serve twice under one key.
    pub fn seal(key: &[u8; 32], place: &str, secret: &SecretText, nonce: [u8; NONCE_LENGTH]) -> Result<Self, Error> {
        let payload = Payload {
            msg: secret.expose().as_bytes(),
            aad: place.as_bytes(),
        };
        let ciphertext = Aes256Gcm::new(key.into())
            .encrypt(&Nonce::from(nonce), payload)
            .map_err(|_| Error::Unsealing)?;
        Ok(Self { nonce, ciphertext })
    }

    /// Opens the value for the record named `place`.
    pub fn open(&self, key: &[u8; 32], place: &str) -> Result<SecretText, Error> {
        let payload = Payload {
            msg: &self.ciphertext,
            aad: place.as_bytes(),
        };
        let plain = Aes256Gcm::new(key.into())
            .decrypt(&Nonce::from(self.nonce), payload)
            .map_err(|_| Error::Unsealing)?;
        String::from_utf8(plain).map(SecretText::new).map_err(|e| {
            e.into_bytes().zeroize();
            Error::Unsealing
        })
    }

    /// The stored form: `v1.NONCE.CIPHERTEXT`, both base64url without padding.
    pub fn to_text(&self) -> String {
        format!(
            "{VERSION}.{}.{}",
            URL_SAFE_NO_PAD.encode(self.nonce),
            URL_SAFE_NO_PAD.encode(&self.ciphertext)
        )
    }

    /// Reads the stored form.
    pub fn parse(text: &str) -> Result<Self, Error> {
        let mut parts = text.split('.');
        let (Some(VERSION), Some(nonce), Some(ciphertext), None) =
            (parts.next(), parts.next(), parts.next(), parts.next())
        else {
            return Err(Error::Format);
        };
        let decode = |part| URL_SAFE_NO_PAD.decode(part).map_err(|_| Error::Format);
        Ok(Self {
            nonce: decode(nonce)?.as_slice().try_into().map_err(|_| Error::Format)?,
            ciphertext: decode(ciphertext)?,
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    const KEY: [u8; 32] = *b"0123456789abcdef0123456789abcdef";
    const PLACE: &str = "key/pk_one";

    fn sealed() -> Sealed {
        Sealed::seal(&KEY, PLACE, &SecretText::new("sk_secret".into()), [7; NONCE_LENGTH]).unwrap()
    }

    #[test]
    fn opens_only_where_it_was_sealed() {
        assert_eq!(sealed().open(&KEY, PLACE).unwrap().expose(), "sk_secret");
        assert_eq!(sealed().open(&KEY, "key/pk_two").unwrap_err(), Error::Unsealing);
        assert_eq!(sealed().open(&[1; 32], PLACE).unwrap_err(), Error::Unsealing);
    }

    #[test]
    fn the_stored_form_hides_the_secret_and_round_trips() {
        let text = sealed().to_text();
        assert!(!text.contains("sk_secret"));
        assert_eq!(Sealed::parse(&text).unwrap(), sealed());
    }

    #[test]
    fn malformed_text_is_an_error() {
        for text in [
            "",
            "v1",
            "v1..",
            "v2.AAAAAAAAAAAAAAAA.AAAA",
            "v1.AAAA.AAAA",
            "v1.AAAAAAAAAAAAAAAA.AAAA.x",
        ] {
            assert_eq!(Sealed::parse(text).unwrap_err(), Error::Format, "{text}");
        }
    }

    proptest! {
        #[test]
        fn any_changed_byte_is_refused(at in 0usize..25, flip in 1u8..) {
            let mut changed = sealed();
            let at = at % changed.ciphertext.len();
            changed.ciphertext[at] ^= flip;
            prop_assert_eq!(changed.open(&KEY, PLACE).unwrap_err(), Error::Unsealing);
        }
    }
}
