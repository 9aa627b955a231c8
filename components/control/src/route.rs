//! Which handler answers which path: the one table of endpoints.

use crate::admin;
use crate::refusal::Refusal;
use audit::Kind;
use problem::Code;

/// An endpoint, by what it asks of its caller.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Route {
    /// `POST /api/v1/auth/token`: it checks what it is sent itself.
    Token,
    /// `POST /api/v1/auth/refresh`, likewise.
    Refresh,
    /// `POST /api/v1/auth/revoke`, likewise.
    Revoke,
    /// An access token.
    Client(Resource),
    /// The operator's credential.
    Admin(admin::Endpoint),
    /// `POST /internal/events`: to be another component of the application. No host serves such a route to the outside.
    Events,
    /// `POST /internal/chores`, likewise.
    Chores,
}

/// What a client can ask for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Resource {
    /// `GET /api/v1/account`
    Account,
    /// `GET /api/v1/balance`
    Balance,
    /// `GET /api/v1/usage`
    Usage,
    /// `GET /api/v1/products`
    Products,
    /// `GET /api/v1/products/{barcode}`
    Product,
    /// `POST /api/v1/products/bulk-check`
    BulkCheck,
}

/// What the path of a product begins with.
pub const PRODUCT: &str = "/api/v1/products/";

const READ: &str = "GET, HEAD";
const POST: &str = "POST";

impl Route {
    /// The endpoint of a path. A path has one spelling, in which it is compared.
    pub fn find(method: &str, path: &str) -> Result<Self, Refusal> {
        let (route, allow) = match path {
            "/api/v1/auth/token" => (Self::Token, POST),
            "/api/v1/auth/refresh" => (Self::Refresh, POST),
            "/api/v1/auth/revoke" => (Self::Revoke, POST),
            "/api/v1/account" => (Self::Client(Resource::Account), READ),
            "/api/v1/balance" => (Self::Client(Resource::Balance), READ),
            "/api/v1/usage" => (Self::Client(Resource::Usage), READ),
            "/api/v1/products" => (Self::Client(Resource::Products), READ),
            "/api/v1/products/bulk-check" => (Self::Client(Resource::BulkCheck), POST),
            path if path.strip_prefix(PRODUCT).is_some_and(|rest| !rest.contains('/')) => {
                (Self::Client(Resource::Product), READ)
            }
            "/internal/events" => (Self::Events, POST),
            "/internal/chores" => (Self::Chores, POST),
            path => match admin::Endpoint::find(path) {
                Some((endpoint, allow)) => (Self::Admin(endpoint), allow),
                None => return Err(Code::NotFound.into()),
            },
        };
        match allow.split(", ").any(|allowed| allowed == method) {
            true => Ok(route),
            false => Err(Refusal {
                allow: Some(allow),
                ..Code::MethodNotAllowed.into()
            }),
        }
    }

    /// How the audit calls it.
    pub fn name(self) -> &'static str {
        match self {
            Self::Token => "auth/token",
            Self::Refresh => "auth/refresh",
            Self::Revoke => "auth/revoke",
            Self::Client(Resource::Account) => "account",
            Self::Client(Resource::Balance) => "balance",
            Self::Client(Resource::Usage) => "usage",
            Self::Client(Resource::Products) => "products",
            Self::Client(Resource::Product) => "products/barcode",
            Self::Client(Resource::BulkCheck) => "products/bulk-check",
            Self::Admin(endpoint) => endpoint.name(),
            Self::Events => "internal/events",
            Self::Chores => "internal/chores",
        }
    }

    /// What sort of request the audit takes it for; none: it is not one of a caller's.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Token | Self::Refresh | Self::Revoke => Some(Kind::Authentication),
            Self::Client(_) => Some(Kind::Request),
            Self::Admin(_) => Some(Kind::Administration),
            Self::Events | Self::Chores => None,
        }
    }
}
