use argon2::{Algorithm, Argon2, Params, Version};
use base64::{Engine, engine::general_purpose::STANDARD_NO_PAD};
use subtle::ConstantTimeEq;

/// Random bytes of a hash's salt (RFC 9106 section 3.1).
pub const SALT_LENGTH: usize = 16;
const TAG_LENGTH: usize = 32;
/// 19 MiB.
const MEMORY_KIB: u32 = 19 * 1024;
const PASSES: u32 = 2;
const LANES: u32 = 1;
const PREFIX: &str = "$argon2id$v=19$m=19456,t=2,p=1$";

/// A secret at rest, in the PHC string format: Argon2id with 19 MiB, 2 passes, 1 lane.
///
/// Making or checking one takes those 19 MiB and tens of milliseconds: whoever calls has counted the attempt before.
#[derive(Clone, PartialEq, Eq)]
pub struct Hash {
    salt: [u8; SALT_LENGTH],
    tag: [u8; TAG_LENGTH],
}

impl Hash {
    /// Hashes a secret with a salt that is new for each.
    pub fn new(secret: &str, salt: [u8; SALT_LENGTH]) -> Self {
        Self {
            salt,
            tag: tag(secret, &salt),
        }
    }

    /// What no secret matches, at the cost of one that could.
    pub fn nobody() -> Self {
        Self {
            salt: [0; SALT_LENGTH],
            tag: [0; TAG_LENGTH],
        }
    }

    /// Reads the stored text. `None`: it is not a hash, or one with other parameters.
    pub fn parse(text: &str) -> Option<Self> {
        let (salt, tag) = text.strip_prefix(PREFIX)?.split_once('$')?;
        Some(Self {
            salt: STANDARD_NO_PAD.decode(salt).ok()?.try_into().ok()?,
            tag: STANDARD_NO_PAD.decode(tag).ok()?.try_into().ok()?,
        })
    }

    /// The stored text.
    pub fn to_text(&self) -> String {
        format!(
            "{PREFIX}{}${}",
            STANDARD_NO_PAD.encode(self.salt),
            STANDARD_NO_PAD.encode(self.tag)
        )
    }

    /// Whether it is the hash of this secret, in a time that does not depend on either.
    pub fn matches(&self, secret: &str) -> bool {
        tag(secret, &self.salt).ct_eq(&self.tag).into() && self.tag != [0; TAG_LENGTH]
    }
}

impl std::fmt::Debug for Hash {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

/// Where Argon2 fails, which it does for lengths and parameters only, and ours are fixed, the tag is that of [`Hash::nobody`].
fn tag(secret: &str, salt: &[u8]) -> [u8; TAG_LENGTH] {
    let mut tag = [0; TAG_LENGTH];
    let hashed = Params::new(MEMORY_KIB, PASSES, LANES, Some(TAG_LENGTH)).and_then(|params| {
        Argon2::new(Algorithm::Argon2id, Version::V0x13, params).hash_password_into(secret.as_bytes(), salt, &mut tag)
    });
    debug_assert!(hashed.is_ok());
    tag
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn a_hash_matches_its_secret_alone() {
        let hash = Hash::new("secret", [7; SALT_LENGTH]);
        assert!(hash.matches("secret"));
        assert!(!hash.matches("Secret") && !hash.matches(""));
        assert_ne!(hash, Hash::new("secret", [8; SALT_LENGTH]));
        assert!(!Hash::nobody().matches("secret") && !Hash::nobody().matches(""));
    }

    #[test]
    fn l3_the_stored_text_names_its_cost_and_hides_the_secret() {
        let hash = Hash::new("secret", [7; SALT_LENGTH]);
        let text = hash.to_text();
        assert!(
            text.starts_with("$argon2id$v=19$m=19456,t=2,p=1$BwcHBwcHBwcHBwcHBwcHBw$"),
            "{text}"
        );
        assert!(!text.contains("secret"));
        assert_eq!(Hash::parse(&text), Some(hash));
        for broken in [
            "",
            "$argon2id$v=19$m=8,t=1,p=1$AAAA$AAAA",
            &text[1..],
            &text.replace("argon2id", "argon2i"),
        ] {
            assert_eq!(Hash::parse(broken), None, "{broken}");
        }
    }

    #[test]
    fn the_hash_is_that_of_the_reference_implementation() {
        let text = GOLDEN;
        assert_eq!(Hash::new("password", *b"somesaltsomesalt").to_text(), text);
    }

    /// libargon2 with these parameters.
    const GOLDEN: &str =
        "$argon2id$v=19$m=19456,t=2,p=1$c29tZXNhbHRzb21lc2FsdA$K13EBUiG7JV+9ZxztmHFTdb7J0WQsnj2V8bZaqyPptE";
}
