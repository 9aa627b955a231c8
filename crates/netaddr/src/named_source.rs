use crate::{SourceError, is_label};

/// A source on an origin that the project has a name for: `@photos/2024/tea.jpg`.
///
/// No host starts with `@`, and what stands before an `@` in a URL is a user, which no source has: so the two forms cannot be
/// mistaken for one another.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct NamedSource {
    /// The origin's name.
    pub origin: String,
    /// What stands after the slash. Its rules are those of the kind of origin.
    pub path: String,
}

impl NamedSource {
    /// Reads a decoded source; `None` where it names a host, see [`crate::Source`].
    pub fn parse(text: &str) -> Option<Result<Self, SourceError>> {
        let named = text.strip_prefix('@')?;
        let parts = named.split_once('/').filter(|(origin, _)| is_label(origin));
        Some(match parts {
            _ if text.len() > crate::source::MAX_LENGTH => Err(SourceError::Length),
            Some((origin, path)) => Ok(Self {
                origin: origin.to_owned(),
                path: path.to_owned(),
            }),
            None => Err(SourceError::Origin),
        })
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::Source;
    use proptest::prelude::*;

    #[test]
    fn a_name_and_a_path() {
        let named = NamedSource::parse("@my-photos2/a/b c.jpg?v=2").unwrap().unwrap();
        assert_eq!(
            (named.origin.as_str(), named.path.as_str()),
            ("my-photos2", "a/b c.jpg?v=2")
        );
        for text in [
            "images.example.com/x",
            "user@host/x",
            "https://@photos/x",
            "",
            "photos/x",
        ] {
            assert_eq!(NamedSource::parse(text), None, "{text}");
        }
        for text in [
            "@",
            "@/x",
            "@photos",
            "@Photos/x",
            "@a.example/x",
            "@a_b/x",
            "@-a/x",
            "@a-/x",
            "@@a/x",
            "@a@b/x",
            "@a:80/x",
        ] {
            assert_eq!(
                NamedSource::parse(text).unwrap().unwrap_err(),
                SourceError::Origin,
                "{text}"
            );
        }
        let most = format!("@a/{}", "x".repeat(crate::source::MAX_LENGTH - 3));
        assert!(NamedSource::parse(&most).unwrap().is_ok());
        let long = format!("@a/{}", "x".repeat(3000));
        assert_eq!(NamedSource::parse(&long).unwrap().unwrap_err(), SourceError::Length);
    }

    proptest! {
        #[test]
        fn no_text_is_both(text in "@?[a-z@.:/-]{0,12}|\\PC{0,20}") {
            let both = NamedSource::parse(&text).is_some() && Source::parse(&text, &[]).is_ok();
            prop_assert!(!both, "{}", text);
        }
    }
}
