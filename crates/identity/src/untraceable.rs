use serde::{Deserialize, Serialize};

/// What becomes of a picture that cannot carry enough of the mark to name its client once it was changed.
#[derive(Debug, Clone, Copy, Default, PartialEq, Eq, Serialize, Deserialize)]
#[serde(rename_all = "lowercase")]
pub enum Untraceable {
    /// It is delivered, and a header, the log and the audit say so: its untouched file names its client still.
    #[default]
    Serve,
    /// It is refused.
    Refuse,
}

impl Untraceable {
    /// Reads `serve` or `refuse`.
    pub fn parse(text: &str) -> Option<Self> {
        [Self::Serve, Self::Refuse]
            .into_iter()
            .find(|policy| policy.as_str() == text)
    }

    /// `serve` or `refuse`.
    pub fn as_str(self) -> &'static str {
        match self {
            Self::Serve => "serve",
            Self::Refuse => "refuse",
        }
    }

    /// What is stored where nothing is said.
    pub(crate) fn is_default(&self) -> bool {
        *self == Self::default()
    }
}
