//! The admin API: what an operator does to clients, projects, signing keys and the catalogue, and sees of the log.
//!
//! Every body is read into a structure that refuses what it does not know, so nothing can be set that is not meant to be. What
//! does not exist answers 404, and every request is in the audit log before it is answered.

mod audit;
pub mod clients;
mod keys;
mod operator;
mod page;
mod products;
mod projects;
pub mod traces;

use crate::context::Context;
use crate::idempotency::{self, Repeatable};
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::{Body, MAX_JSON, Request};
use answer::Answer;
use page::{Page, present};

/// What is under `/admin/`.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Endpoint {
    /// `/admin/clients`
    Clients,
    /// `/admin/clients/{id}`
    Client,
    /// `/admin/clients/{id}/rotate`
    RotateClient,
    /// `/admin/clients/{id}/revoke`, also `/admin/api-clients/{id}/revoke`
    RevokeClient,
    /// `/admin/clients/{id}/disable`
    DisableClient,
    /// `/admin/clients/{id}/enable`
    EnableClient,
    /// `/admin/clients/{id}/credits`
    Credits,
    /// `/admin/projects`
    Projects,
    /// `/admin/projects/{slug}`
    Project,
    /// `/admin/projects/{slug}/keys`
    Keys,
    /// `/admin/keys/{public_key}`
    Key,
    /// `/admin/keys/{public_key}/rotate`
    RotateKey,
    /// `/admin/keys/{public_key}/revoke`
    RevokeKey,
    /// `/admin/products/import`
    Import,
    /// `/admin/audit`
    Audit,
    /// `/admin/audit/verify`
    Verify,
    /// `/admin/anomalies`
    Anomalies,
    /// `/admin/anomalies/{id}/acknowledge`
    Acknowledge,
    /// `/admin/webhooks`
    Webhooks,
    /// `/admin/trace`
    Traces,
    /// `/admin/trace/claim`
    ClaimTrace,
    /// `/admin/trace/{id}`
    Trace,
    /// `/admin/trace/{id}/file`
    TraceFile,
    /// `/admin/trace/{id}/result`
    TraceResult,
}

/// The paths under `/admin/`, and the methods that they take.
pub const TABLE: [(&str, &str, Endpoint); 25] = [
    ("/admin/clients", "GET, POST", Endpoint::Clients),
    ("/admin/clients/{client_id}", "GET, PATCH", Endpoint::Client),
    ("/admin/clients/{client_id}/rotate", "POST", Endpoint::RotateClient),
    ("/admin/clients/{client_id}/revoke", "POST", Endpoint::RevokeClient),
    ("/admin/api-clients/{client_id}/revoke", "POST", Endpoint::RevokeClient),
    ("/admin/clients/{client_id}/disable", "POST", Endpoint::DisableClient),
    ("/admin/clients/{client_id}/enable", "POST", Endpoint::EnableClient),
    ("/admin/clients/{client_id}/credits", "POST", Endpoint::Credits),
    ("/admin/projects", "GET, POST", Endpoint::Projects),
    ("/admin/projects/{slug}", "GET, PATCH", Endpoint::Project),
    ("/admin/projects/{slug}/keys", "GET, POST", Endpoint::Keys),
    ("/admin/keys/{public_key}", "GET, PATCH", Endpoint::Key),
    ("/admin/keys/{public_key}/rotate", "POST", Endpoint::RotateKey),
    ("/admin/keys/{public_key}/revoke", "POST", Endpoint::RevokeKey),
    ("/admin/products/import", "POST", Endpoint::Import),
    ("/admin/audit", "GET", Endpoint::Audit),
    ("/admin/audit/verify", "GET", Endpoint::Verify),
    ("/admin/anomalies", "GET", Endpoint::Anomalies),
    ("/admin/anomalies/{id}/acknowledge", "POST", Endpoint::Acknowledge),
    ("/admin/webhooks", "GET", Endpoint::Webhooks),
    ("/admin/trace", "GET, POST", Endpoint::Traces),
    ("/admin/trace/claim", "POST", Endpoint::ClaimTrace),
    ("/admin/trace/{id}", "GET", Endpoint::Trace),
    ("/admin/trace/{id}/file", "GET", Endpoint::TraceFile),
    ("/admin/trace/{id}/result", "POST", Endpoint::TraceResult),
];

impl Endpoint {
    /// How the audit calls it.
    pub fn name(self) -> &'static str {
        use Endpoint::*;
        match self {
            Clients => "admin/clients",
            Client => "admin/client",
            RotateClient => "admin/client/rotate",
            RevokeClient => "admin/client/revoke",
            DisableClient => "admin/client/disable",
            EnableClient => "admin/client/enable",
            Credits => "admin/client/credits",
            Projects => "admin/projects",
            Project => "admin/project",
            Keys => "admin/project/keys",
            Key => "admin/key",
            RotateKey => "admin/key/rotate",
            RevokeKey => "admin/key/revoke",
            Import => "admin/products/import",
            Audit => "admin/audit",
            Verify => "admin/audit/verify",
            Anomalies => "admin/anomalies",
            Acknowledge => "admin/anomaly/acknowledge",
            Webhooks => "admin/webhooks",
            Traces => "admin/traces",
            ClaimTrace => "admin/trace/claim",
            Trace => "admin/trace",
            TraceFile => "admin/trace/file",
            TraceResult => "admin/trace/result",
        }
    }
}

/// Answers a request of the operator. A POST with an `Idempotency-Key` is done once.
pub async fn handle<H: Host>(
    context: &Context<'_, H>,
    endpoint: Endpoint,
    request: Request,
) -> Result<Answer, Refusal> {
    operator::authenticate(context, &request)?;
    let key = match (request.method.as_str(), endpoint) {
        // They are read as they arrive, and can be sent again as they are.
        ("POST", Endpoint::Import | Endpoint::Traces) => None,
        ("POST", _) => request.header("idempotency-key")?.map(str::to_owned),
        _ => None,
    };
    let Some(key) = key else {
        return run(context, endpoint, request).await;
    };
    let target = format!("POST {}", request.path);
    let body = request.body.bytes(MAX_JSON).await?;
    let repeatable = Repeatable {
        owner: "operator",
        key: Some(&key),
        target: &target,
        body: &body,
    };
    let again = Request {
        body: Body::of(body.clone()),
        ..request
    };
    idempotency::once(context, repeatable, async || run(context, endpoint, again).await).await
}

/// Does what a request asks for.
async fn run<H: Host>(context: &Context<'_, H>, endpoint: Endpoint, request: Request) -> Result<Answer, Refusal> {
    let names: Vec<String> = request.path.split('/').map(str::to_owned).collect();
    // "", "admin", the collection, the name.
    let name = names.get(3).map_or("", String::as_str);
    let post = request.method == "POST";
    let patch = request.method == "PATCH";
    match endpoint {
        Endpoint::Clients if post => clients::create(context, request).await,
        Endpoint::Clients => clients::list(context, &request).await,
        Endpoint::Client if patch => clients::change(context, name, request).await,
        Endpoint::Client => clients::read(context, name).await,
        Endpoint::RotateClient => clients::rotate(context, name).await,
        Endpoint::Credits => clients::credits(context, name, request).await,
        Endpoint::Import => products::import(context, request).await,
        Endpoint::RevokeClient => clients::revoke(context, name).await,
        Endpoint::DisableClient => clients::disable(context, name).await,
        Endpoint::EnableClient => clients::enable(context, name).await,
        Endpoint::Projects if post => projects::create(context, request).await,
        Endpoint::Projects => projects::list(context, &request).await,
        Endpoint::Project if patch => projects::change(context, name, request).await,
        Endpoint::Project => projects::read(context, name).await,
        Endpoint::Keys if post => keys::create(context, name, request).await,
        Endpoint::Keys => keys::list(context, name, &request).await,
        Endpoint::Key if patch => keys::change(context, name, request).await,
        Endpoint::Key => keys::read(context, name).await,
        Endpoint::RotateKey => keys::rotate(context, name, request).await,
        Endpoint::RevokeKey => keys::revoke(context, name).await,
        Endpoint::Audit => audit::list(context, &request).await,
        Endpoint::Verify => audit::verify(context, &request).await,
        Endpoint::Anomalies => audit::anomalies(context, &request).await,
        Endpoint::Acknowledge => audit::acknowledge(context, name).await,
        Endpoint::Webhooks => audit::webhooks(context, &request).await,
        Endpoint::Traces if post => traces::create(context, request).await,
        Endpoint::Traces => traces::list(context, &request).await,
        Endpoint::ClaimTrace => traces::claim(context).await,
        Endpoint::Trace => traces::read(context, name).await,
        Endpoint::TraceFile => traces::file(context, name).await,
        Endpoint::TraceResult => traces::finish(context, name, request).await,
    }
}

#[cfg(test)]
mod tests;
