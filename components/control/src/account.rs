//! `GET /api/v1/account`: what a client is told of itself.

use crate::auth::Caller;
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use admission::Window;
use answer::Answer;
use serde_json::json;

/// The endpoint.
pub fn read<H: Host>(context: &Context<'_, H>, caller: &Caller) -> Result<Answer, Refusal> {
    let client = caller.client();
    let limits = client.limits();
    let limit = |wanted| {
        limits
            .iter()
            .find(|(window, _)| *window == wanted)
            .map(|(_, limit)| *limit)
    };
    let allowlist: Vec<String> = client.allowlist.iter().map(ToString::to_string).collect();
    context.json(
        200,
        &json!({
            "client_id": client.id,
            "name": client.name,
            "tier": client.tier.name(),
            "scope": client.scope,
            "limits": { "per_minute": limit(Window::Minute), "per_day": limit(Window::Day) },
            "allowlist": allowlist,
            "ip_binding": client.ip_binding,
            "created_at": client.created_at,
        }),
    )
}
