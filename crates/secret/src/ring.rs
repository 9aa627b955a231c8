use crate::{Error, MasterKey, NONCE_LENGTH, Purpose, Sealed, SecretText};
use zeroize::Zeroizing;

/// The keys that stored secrets are sealed with: the current one, and the one before while a master key is being replaced.
///
/// What is written is sealed under the current key; what either key sealed can be read.
pub struct SealingKeys {
    current: Zeroizing<[u8; 32]>,
    previous: Option<Zeroizing<[u8; 32]>>,
}

impl SealingKeys {
    /// The keys of a deployment's master key and, until nothing is sealed under it any more, the one before.
    pub fn new(current: &MasterKey, previous: Option<&MasterKey>) -> Self {
        Self {
            current: current.derive(Purpose::Sealing),
            previous: previous.map(|master| master.derive(Purpose::Sealing)),
        }
    }

    /// The key that seals.
    pub fn current(&self) -> &[u8; 32] {
        &self.current
    }

    /// Opens the stored form (see [`Sealed::to_text`]) of a secret of the record named `place`.
    pub fn open(&self, text: &str, place: &str) -> Result<SecretText, Error> {
        let sealed = Sealed::parse(text)?;
        match (sealed.open(&self.current, place), &self.previous) {
            (Err(Error::Unsealing), Some(previous)) => sealed.open(previous, place),
            (opened, _) => opened,
        }
    }

    /// The same secret sealed under the current key; `None` where it is already. `nonce` must never have served before.
    pub fn reseal(&self, text: &str, place: &str, nonce: [u8; NONCE_LENGTH]) -> Result<Option<Sealed>, Error> {
        if Sealed::parse(text)?.open(&self.current, place).is_ok() {
            return Ok(None);
        }
        let secret = self.open(text, place)?;
        Sealed::seal(&self.current, place, &secret, nonce).map(Some)
    }
}

impl std::fmt::Debug for SealingKeys {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const PLACE: &str = "key/pk_one";

    fn master(byte: u8) -> MasterKey {
        MasterKey::from_bytes(std::array::from_fn(|i| byte.wrapping_add(i as u8))).unwrap()
    }

    fn sealed_under(byte: u8) -> String {
        let key = master(byte).derive(Purpose::Sealing);
        let sealed = Sealed::seal(&key, PLACE, &SecretText::new("sk_secret".into()), [byte; NONCE_LENGTH]);
        sealed.unwrap().to_text()
    }

    #[test]
    fn l4_what_either_key_sealed_opens_where_it_belongs() {
        let keys = SealingKeys::new(&master(2), Some(&master(1)));
        for byte in [1, 2] {
            assert_eq!(keys.open(&sealed_under(byte), PLACE).unwrap().expose(), "sk_secret");
            assert_eq!(
                keys.open(&sealed_under(byte), "key/pk_two").unwrap_err(),
                Error::Unsealing
            );
        }
        assert_eq!(keys.open(&sealed_under(3), PLACE).unwrap_err(), Error::Unsealing);
        assert_eq!(keys.open("v1..", PLACE).unwrap_err(), Error::Format);
        let after = SealingKeys::new(&master(2), None);
        assert_eq!(after.open(&sealed_under(1), PLACE).unwrap_err(), Error::Unsealing);
    }

    #[test]
    fn l4_sealing_again_leaves_nothing_to_the_previous_key() {
        let keys = SealingKeys::new(&master(2), Some(&master(1)));
        let again = keys
            .reseal(&sealed_under(1), PLACE, [9; NONCE_LENGTH])
            .unwrap()
            .unwrap();
        let after = SealingKeys::new(&master(2), None);
        assert_eq!(after.open(&again.to_text(), PLACE).unwrap().expose(), "sk_secret");
        assert_eq!(keys.reseal(&again.to_text(), PLACE, [8; NONCE_LENGTH]), Ok(None));
        assert_eq!(
            keys.reseal(&sealed_under(3), PLACE, [7; NONCE_LENGTH]),
            Err(Error::Unsealing)
        );
    }

    #[test]
    fn debug_prints_nothing() {
        assert_eq!(format!("{:?}", SealingKeys::new(&master(1), None)), "[redacted]");
    }
}
