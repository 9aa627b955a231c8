use crate::Error;
use serde::{Deserialize, Serialize};

/// Most characters of an original's address. Of a picture with a longer one nothing is kept.
const MAX_SOURCE: usize = 2048;
/// The same of operations.
const MAX_OPERATIONS: usize = 512;

/// Which rendition an answer was made of: enough to make it again, and hold a leak against it.
///
/// Its texts are canonical forms that the program wrote after a signature was verified: visible ASCII, and no query, which is where an
/// address could hold a secret.
#[derive(Debug, Clone, PartialEq, Eq, Serialize, Deserialize)]
#[serde(try_from = "Unchecked")]
pub struct Picture {
    source: String,
    operations: String,
    format: String,
    variant: Option<String>,
    traceable: bool,
    #[serde(skip_serializing_if = "Option::is_none")]
    viewer: Option<String>,
}

/// The same before it was checked.
#[derive(Debug, Deserialize)]
#[serde(deny_unknown_fields)]
pub struct Unchecked {
    /// The original's address, as it was fetched.
    pub source: String,
    /// What was made of it, in canonical form.
    pub operations: String,
    /// The short name of the format.
    pub format: String,
    /// What the tracing code was derived from, 64 hexadecimal digits; none where there is no such code.
    pub variant: Option<String>,
    /// Whether the picture can be expected to name its client once it was changed.
    pub traceable: bool,
    /// Whom of the client's own viewers the mark names, where it does: a tag of 16 hexadecimal digits, not the name.
    #[serde(default)]
    pub viewer: Option<String>,
}

impl Picture {
    /// As text: JSON with the members of [`Unchecked`], in their order. It is what is stored, and hashed.
    pub fn to_text(&self) -> String {
        // Checked texts always serialise.
        serde_json::to_string(self).unwrap_or_default()
    }
}

impl TryFrom<Unchecked> for Picture {
    type Error = Error;

    fn try_from(picture: Unchecked) -> Result<Self, Error> {
        let Unchecked {
            source,
            operations,
            format,
            variant,
            traceable,
            viewer,
        } = picture;
        let plain = |text: &str, most| (1..=most).contains(&text.len()) && text.bytes().all(|b| b.is_ascii_graphic());
        let hex =
            |text: &str, digits| text.len() == digits && text.bytes().all(|b| matches!(b, b'0'..=b'9' | b'a'..=b'f'));
        let good = plain(&source, MAX_SOURCE)
            && !source.contains(['?', '#'])
            && plain(&operations, MAX_OPERATIONS)
            && plain(&format, 32)
            && variant.iter().all(|variant| hex(variant, 64))
            && viewer.iter().all(|viewer| hex(viewer, 16));
        if !good {
            return Err(Error::Field("picture"));
        }
        Ok(Self {
            source,
            operations,
            format,
            variant,
            traceable,
            viewer,
        })
    }
}

#[cfg(test)]
pub(crate) mod tests {
    use super::*;

    /// A picture that could have been.
    pub fn unchecked() -> Unchecked {
        Unchecked {
            source: "https://images.example.com/a%20b.jpg".into(),
            operations: "w_800,f_jpeg".into(),
            format: "jpeg".into(),
            variant: Some("0f".repeat(32)),
            traceable: true,
            viewer: None,
        }
    }

    #[test]
    fn texts_are_canonical_and_hold_no_query() {
        let picture = Picture::try_from(unchecked()).unwrap();
        let text = picture.to_text();
        assert_eq!(
            text,
            format!(
                r#"{{"source":"https://images.example.com/a%20b.jpg","operations":"w_800,f_jpeg","format":"jpeg","variant":"{}","traceable":true}}"#,
                "0f".repeat(32)
            )
        );
        assert_eq!(serde_json::from_str::<Picture>(&text).unwrap(), picture);
        let mut viewed = unchecked();
        viewed.viewer = Some("0f".repeat(8));
        let viewed = Picture::try_from(viewed).unwrap();
        assert!(viewed.to_text().ends_with(r#","viewer":"0f0f0f0f0f0f0f0f"}"#));
        assert_eq!(serde_json::from_str::<Picture>(&viewed.to_text()).unwrap(), viewed);
        let refused = |change: fn(&mut Unchecked)| {
            let mut picture = unchecked();
            change(&mut picture);
            assert_eq!(Picture::try_from(picture), Err(Error::Field("picture")));
        };
        refused(|picture| picture.source.push_str("?sig=x"));
        refused(|picture| picture.source.push('\n'));
        refused(|picture| picture.source.push('é'));
        refused(|picture| picture.source.clear());
        refused(|picture| picture.source = "x".repeat(2049));
        refused(|picture| picture.operations.push(' '));
        refused(|picture| picture.operations.clear());
        refused(|picture| picture.format.clear());
        refused(|picture| picture.variant = Some("0F".repeat(32)));
        refused(|picture| picture.variant = Some(String::new()));
        refused(|picture| picture.viewer = Some("anna@example.com".into()));
    }
}
