/// The name of a brand or category, and the form in which two of them are compared.
///
/// Databases fold cases differently (SQLite ASCII only, PostgreSQL by its locale), so the key is made here and stored.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Label {
    text: String,
    key: String,
}

impl Label {
    /// Longest label, in characters.
    pub const MAX_LENGTH: usize = 100;

    /// Takes 1 to [`Label::MAX_LENGTH`] characters besides white space at the ends, none of them a control character.
    pub fn parse(text: &str) -> Option<Self> {
        let text = crate::product::text(text, Self::MAX_LENGTH).filter(|text| !text.is_empty())?;
        let key = text.to_lowercase().split_whitespace().collect::<Vec<_>>().join(" ");
        Some(Self { text, key })
    }

    /// As it was written.
    pub fn as_str(&self) -> &str {
        &self.text
    }

    /// Lower case, single spaces: equal for equal labels.
    pub fn key(&self) -> &str {
        &self.key
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn spellings_of_one_label_have_one_key() {
        for text in ["Crème Brûlée", " crème  BRÛLÉE ", "CRÈME\u{a0}brûlée"] {
            assert_eq!(Label::parse(text).unwrap().key(), "crème brûlée", "{text}");
        }
        assert_eq!(Label::parse(" Acme ").unwrap().as_str(), "Acme");
        assert_ne!(
            Label::parse("Acme").unwrap().key(),
            Label::parse("Acme Foods").unwrap().key()
        );
        for text in ["", "  ", "a\nb", "a\0", &"x".repeat(101)] {
            assert_eq!(Label::parse(text), None, "{text:?}");
        }
    }
}
