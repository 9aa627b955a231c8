use crate::base32::{encode, is_encoded};
use secret::SecretText;

const CLIENT: &str = "client_";
const API_KEY: &str = "sk_live_";
const REFRESH: &str = "rt_";

/// Characters of a client id.
pub const CLIENT_ID_LENGTH: usize = CLIENT.len() + 22;
/// Characters of a key's random part: 180 bits.
const API_KEY_RANDOM: usize = 36;
/// Characters by which a refresh token's row is found. They are no secret.
const SELECTOR: usize = 15;
/// Characters of a refresh token's secret part: 130 bits.
const VERIFIER: usize = 26;

/// A new client id: `client_` and 110 random bits.
pub fn client_id(random: [u8; 14]) -> String {
    format!("{CLIENT}{}", encode(&random, CLIENT_ID_LENGTH - CLIENT.len()))
}

/// Whether a text can be a client id.
pub fn is_client_id(text: &str) -> bool {
    text.len() == CLIENT_ID_LENGTH && text.strip_prefix(CLIENT).is_some_and(is_encoded)
}

/// A new name for a family of refresh tokens: 75 random bits.
pub fn family_id(random: [u8; 10]) -> String {
    encode(&random, SELECTOR)
}

/// An API key: `sk_live_` and 36 characters.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct ApiKey(SecretText);

impl ApiKey {
    /// A new one.
    pub fn new(random: [u8; 23]) -> Self {
        Self(SecretText::new(format!("{API_KEY}{}", encode(&random, API_KEY_RANDOM))))
    }

    /// Reads one. `None`: no key looks like this.
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(API_KEY)?;
        (random.len() == API_KEY_RANDOM && is_encoded(random)).then(|| Self(SecretText::new(text.to_owned())))
    }

    /// The key itself: shown once, when it is made.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

/// A refresh token: `rt_` and 41 characters, of which the first 15 find its row and the others prove it.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct RefreshToken(SecretText);

impl RefreshToken {
    /// A new one.
    pub fn new(selector: [u8; 10], verifier: [u8; 17]) -> Self {
        let text = format!(
            "{REFRESH}{}{}",
            encode(&selector, SELECTOR),
            encode(&verifier, VERIFIER)
        );
        Self(SecretText::new(text))
    }

    /// Reads one. `None`: no token looks like this.
    pub fn parse(text: &str) -> Option<Self> {
        let random = text.strip_prefix(REFRESH)?;
        (random.len() == SELECTOR + VERIFIER && is_encoded(random)).then(|| Self(SecretText::new(text.to_owned())))
    }

    /// What its row is found by.
    pub fn selector(&self) -> &str {
        self.0
            .expose()
            .get(REFRESH.len()..REFRESH.len() + SELECTOR)
            .unwrap_or_default()
    }

    /// What proves it.
    pub fn verifier(&self) -> &str {
        self.0.expose().get(REFRESH.len() + SELECTOR..).unwrap_or_default()
    }

    /// The token itself: only ever in an answer.
    pub fn expose(&self) -> &str {
        self.0.expose()
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    #[test]
    fn forms_are_those_of_the_specification() {
        let key = ApiKey::new([0xa5; 23]);
        assert_eq!(key.expose().len(), 44);
        assert_eq!(ApiKey::parse(key.expose()).as_ref(), Some(&key));
        let token = RefreshToken::new([0x5a; 10], [0xa5; 17]);
        assert_eq!(token.expose().len(), 44);
        assert_eq!(RefreshToken::parse(token.expose()).as_ref(), Some(&token));
        assert_eq!(format!("rt_{}{}", token.selector(), token.verifier()), token.expose());
        assert_eq!((token.selector().len(), token.verifier().len()), (15, 26));
        let id = client_id([0x3c; 14]);
        assert_eq!(id.len(), 29);
        assert!(is_client_id(&id));
    }

    #[test]
    fn every_random_bit_that_is_said_to_count_does() {
        for bit in 0..130 {
            let mut verifier = [0; 17];
            verifier[bit / 8] = 0x80 >> (bit % 8);
            assert_ne!(
                RefreshToken::new([0; 10], verifier),
                RefreshToken::new([0; 10], [0; 17]),
                "{bit}"
            );
        }
        for bit in 0..180 {
            let mut random = [0; 23];
            random[bit / 8] = 0x80 >> (bit % 8);
            assert_ne!(ApiKey::new(random), ApiKey::new([0; 23]), "{bit}");
        }
    }

    #[test]
    fn nothing_else_passes() {
        let (key, token, id) = (
            ApiKey::new([1; 23]),
            RefreshToken::new([1; 10], [1; 17]),
            client_id([1; 14]),
        );
        for text in [
            "",
            "sk_live_",
            &key.expose()[1..],
            &key.expose().to_uppercase(),
            token.expose(),
        ] {
            assert_eq!(ApiKey::parse(text), None, "{text}");
        }
        for text in [
            "",
            "rt_",
            &token.expose()[..43],
            &format!("{}0", token.expose()),
            key.expose(),
        ] {
            assert_eq!(RefreshToken::parse(text), None, "{text}");
        }
        for text in [
            "",
            "client_",
            &id[..28],
            &id.replace('_', "-"),
            "client_ooooooooooooooooooooii",
        ] {
            assert!(!is_client_id(text), "{text}");
        }
    }

    #[test]
    fn l5_debug_prints_nothing() {
        let printed = format!("{:?} {:?}", ApiKey::new([1; 23]), RefreshToken::new([1; 10], [1; 17]));
        assert!(!printed.contains("sk_live") && !printed.contains("rt_"), "{printed}");
    }

    proptest! {
        #[test]
        fn hostile_text_is_refused_never_a_panic(text in "(rt_|sk_live_|client_)?.{0,50}") {
            let (key, token) = (ApiKey::parse(&text), RefreshToken::parse(&text));
            prop_assert!(key.is_none_or(|key| key.expose() == text));
            prop_assert!(token.is_none_or(|token| token.expose() == text));
            let _ = is_client_id(&text);
        }
    }
}
