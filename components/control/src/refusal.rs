//! Why a request is not answered with what it asked for.

use crate::ports::Unavailable;
use crate::sql::SqlError;
use problem::Code;

/// A refusal: what the caller sees, and what only the operator does.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Refusal {
    /// What the caller sees.
    pub code: Code,
    /// Seconds after which it can be tried again (`Retry-After`).
    pub retry_after: Option<u64>,
    /// The methods that the path takes (`Allow`).
    pub allow: Option<&'static str>,
    /// What is left of the caller's credits (`X-Credits-Remaining`).
    pub credits: Option<u64>,
    /// What went wrong inside, in the operator's words. Never a secret.
    pub detail: Option<String>,
}

impl Refusal {
    /// A refusal with a word for the operator.
    pub fn because(code: Code, detail: impl ToString) -> Self {
        Self {
            detail: Some(detail.to_string()),
            ..code.into()
        }
    }

    /// A refusal that passes by itself.
    pub fn until(code: Code, retry_after: u64) -> Self {
        Self {
            retry_after: Some(retry_after),
            ..code.into()
        }
    }
}

impl From<Code> for Refusal {
    fn from(code: Code) -> Self {
        Self {
            code,
            retry_after: None,
            allow: None,
            credits: None,
            detail: None,
        }
    }
}

impl From<SqlError> for Refusal {
    fn from(error: SqlError) -> Self {
        Self::because(Code::Unavailable, error)
    }
}

impl From<Unavailable> for Refusal {
    fn from(error: Unavailable) -> Self {
        Self::because(Code::Unavailable, error)
    }
}
