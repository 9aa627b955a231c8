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
    /// `GET /openapi.json`: it is for everybody.
    Document,
    /// `POST /internal/events`: to be another component of the application. No host serves such a route to the outside.
    Events,
    /// `POST /internal/chores`, likewise.
    Chores,
    /// `POST /internal/traces`, likewise.
    Traces,
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

/// The paths of clients, and the methods that they take. `{…}` is any one segment; of two that fit, the first counts.
const TABLE: [(&str, &str, Route); 13] = [
    ("/api/v1/auth/token", POST, Route::Token),
    ("/api/v1/auth/refresh", POST, Route::Refresh),
    ("/api/v1/auth/revoke", POST, Route::Revoke),
    ("/api/v1/account", READ, Route::Client(Resource::Account)),
    ("/api/v1/balance", READ, Route::Client(Resource::Balance)),
    ("/api/v1/usage", READ, Route::Client(Resource::Usage)),
    ("/api/v1/products", READ, Route::Client(Resource::Products)),
    ("/api/v1/products/bulk-check", POST, Route::Client(Resource::BulkCheck)),
    ("/api/v1/products/{barcode}", READ, Route::Client(Resource::Product)),
    ("/openapi.json", READ, Route::Document),
    ("/internal/events", POST, Route::Events),
    ("/internal/chores", POST, Route::Chores),
    ("/internal/traces", POST, Route::Traces),
];

impl Route {
    /// Every route that can be reached from outside: the template of its path, and its methods as `Allow` names them.
    pub fn public() -> impl Iterator<Item = (&'static str, &'static str)> {
        let routes = Self::all().filter(|(_, _, route)| route.kind().is_some());
        routes.map(|(template, allow, _)| (template, allow))
    }

    fn all() -> impl Iterator<Item = (&'static str, &'static str, Self)> {
        let admin = admin::TABLE
            .iter()
            .map(|(path, allow, endpoint)| (*path, *allow, Self::Admin(*endpoint)));
        TABLE.into_iter().chain(admin)
    }

    /// The endpoint of a path. A path has one spelling, in which it is compared.
    pub fn find(method: &str, path: &str) -> Result<Self, Refusal> {
        let found = Self::all().find(|(template, _, _)| fits(template, path));
        let (_, allow, route) = found.ok_or(Code::NotFound)?;
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
            Self::Document => "openapi",
            Self::Events => "internal/events",
            Self::Chores => "internal/chores",
            Self::Traces => "internal/traces",
        }
    }

    /// What sort of request the audit takes it for; none: it is not one of a caller's.
    pub fn kind(self) -> Option<Kind> {
        match self {
            Self::Token | Self::Refresh | Self::Revoke => Some(Kind::Authentication),
            Self::Client(_) | Self::Document => Some(Kind::Request),
            Self::Admin(_) => Some(Kind::Administration),
            Self::Events | Self::Chores | Self::Traces => None,
        }
    }
}

fn fits(template: &str, path: &str) -> bool {
    let (mut wanted, mut segments) = (template.split('/'), path.split('/'));
    loop {
        match (wanted.next(), segments.next()) {
            (None, None) => return true,
            (Some(wanted), Some(segment)) if wanted.starts_with('{') || wanted == segment => {}
            _ => return false,
        }
    }
}
