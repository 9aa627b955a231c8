use zeroize::Zeroize;

/// A secret string: redacted when printed, wiped from memory when dropped.
#[derive(Clone, PartialEq, Eq)]
pub struct SecretText(String);

impl SecretText {
    /// Takes ownership of a secret.
    pub fn new(text: String) -> Self {
        Self(text)
    }

    /// The secret itself. Every call site is a place to review.
    pub fn expose(&self) -> &str {
        &self.0
    }
}

impl Drop for SecretText {
    fn drop(&mut self) {
        self.0.zeroize();
    }
}

impl std::fmt::Debug for SecretText {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn debug_prints_nothing_of_the_secret() {
        assert_eq!(format!("{:?}", SecretText::new("sk_canary".into())), "[redacted]");
    }
}
