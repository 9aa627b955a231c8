use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// A token's id: 128 random bits (RFC 7519 section 4.1.7), in a token the 22 characters of their base64url.
///
/// There is one spelling for each id, so what was claimed once is claimed in every form that can be sent. It is as good as
/// the token in a search of logs, so it is not printed.
#[derive(Clone, Copy, PartialEq, Eq, Hash)]
pub struct Jti([u8; Jti::LENGTH]);

impl Jti {
    /// Length in bytes.
    pub const LENGTH: usize = 16;

    /// Takes bytes from the system's randomness, new ones for every token.
    pub fn new(random: [u8; Self::LENGTH]) -> Self {
        Self(random)
    }

    /// The bytes.
    pub fn bytes(&self) -> [u8; Self::LENGTH] {
        self.0
    }

    /// The text in a token. Where it is stored, it names the token and opens nothing.
    pub fn to_text(self) -> String {
        URL_SAFE_NO_PAD.encode(self.0)
    }

    pub(crate) fn parse(text: &str) -> Option<Self> {
        let bytes = URL_SAFE_NO_PAD.decode(text).ok()?;
        Some(Self(bytes.try_into().ok()?))
    }
}

impl std::fmt::Debug for Jti {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn r6_an_id_has_one_form() {
        let id = Jti::new([0xff; 16]);
        assert_eq!(id.to_text(), "_____________________w");
        assert_eq!(Jti::parse(&id.to_text()), Some(id));
        for text in [
            "",
            "_____________________x",
            "_____________________w=",
            "_____________________w==",
            "____________________/w",
            "_____________________",
            "________________________",
            "____________________\0w",
            "_____________________w\n",
            " _____________________w",
            &"_".repeat(10_240),
        ] {
            assert_eq!(Jti::parse(text), None, "{text:?}");
        }
        assert_ne!(
            Jti::parse("AAAAAAAAAAAAAAAAAAAAAA"),
            Jti::parse("aAAAAAAAAAAAAAAAAAAAAA")
        );
    }

    #[test]
    fn debug_prints_nothing() {
        assert_eq!(format!("{:?}", Jti::new([1; 16])), "[redacted]");
    }
}
