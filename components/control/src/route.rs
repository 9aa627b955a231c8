//! Which handler answers which path: the one table of endpoints.

use crate::refusal::Refusal;
use problem::Code;

/// An endpoint.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `GET /api/v1/account`
    Account,
}

/// What an endpoint asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Access {
    /// Nothing: the handler itself checks what was sent.
    Anybody,
    /// An access token.
    Client,
    /// The operator's credential.
    Operator,
}

impl Route {
    /// The endpoint of a path. A path has one spelling, in which it is compared.
    pub fn find(method: &str, path: &str) -> Result<Self, Refusal> {
        let (route, allow) = match path {
            "/api/v1/account" => (Self::Account, "GET, HEAD"),
            _ => return Err(Code::NotFound.into()),
        };
        match allow.split(", ").any(|allowed| allowed == method) {
            true => Ok(route),
            false => Err(Refusal {
                allow: Some(allow),
                ..Code::MethodNotAllowed.into()
            }),
        }
    }

    /// What it asks of its caller.
    pub fn access(self) -> Access {
        match self {
            Self::Account => Access::Client,
        }
    }

    /// How the audit calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Account => "account",
        }
    }
}
