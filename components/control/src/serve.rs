//! The path of a request. Each step's result is what the next one needs, so the order cannot be broken by accident:
//! accept, address, route, migrate, authenticate, count, handle, log, respond.

use crate::account;
use crate::admin;
use crate::audit_log;
use crate::auth;
use crate::catalogue::{balance, bulk_check, listing, product};
use crate::context::{Context, Counted, Instance};
use crate::event::{Answered, Event};
use crate::internal;
use crate::openapi;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::route::{PRODUCT, Resource, Route};
use crate::settings::Settings;
use crate::sql;
use crate::usage;
use answer::Answer;
use audit::{Class, RequestId};
use netaddr::client_behind_proxies;
use problem::Code;
use std::cell::RefCell;
use std::net::IpAddr;
use std::sync::atomic::Ordering;

/// Longest request target, in bytes. It is judged before anything is parsed.
const MAX_TARGET: usize = 8192;

/// Answers one request, and logs it.
///
/// `settings` is the deployment's configuration, or what is wrong with it: then nothing is served.
pub async fn serve<H: Host>(
    host: &H,
    instance: &Instance,
    settings: Result<&Settings, &str>,
    request: Request,
) -> Answer {
    let random = host.random::<16>();
    let request_id = RequestId::new(random).to_string();
    let method = request.method.clone();
    let event = RefCell::new(Event {
        request_id: request_id.clone(),
        ..Event::default()
    });
    let counted = RefCell::new(Counted::default());
    let now = host.now();
    let result = match settings {
        Err(wrong) => Err(Refusal::because(Code::InternalError, wrong)),
        Ok(settings) => {
            let address = address(settings, &request);
            event.borrow_mut().address = address;
            let context = Context {
                host,
                instance,
                settings,
                request_id: &request_id,
                now,
                address,
                event: &event,
                counted: &counted,
            };
            handle(&context, request).await
        }
    };
    let (mut answer, error) = match result {
        Ok(answer) => (answer, None),
        Err(refusal) => {
            let error = refusal.code.entry().error;
            event.borrow_mut().detail.clone_from(&refusal.detail);
            (refused(&refusal, &request_id), Some(error))
        }
    };
    let Counted { rate, limits } = counted.take();
    if let (Some((name, limits)), 500..) = (limits, answer.status) {
        // What fails here is not the caller's to pay for.
        instance.leases.give_back(&name, &limits, now / 1000);
    }
    let kind = event.borrow().kind(error);
    if let (Ok(settings), Some(kind)) = (settings, kind) {
        let answered = Answered {
            kind,
            random,
            method: &method,
            status: answer.status,
            error,
        };
        let audited = event.borrow().audited(&answered, host.now());
        if let Err(failure) = audit_log::record(host, instance, settings, audited).await {
            host.log(&serde_json::json!({ "time": host.now(), "audit": failure.to_string() }).to_string());
        }
    }
    answer.numbers(rate.headers());
    host.log(&event.borrow().line(answer.status, error, host.now()));
    answer
}

async fn handle<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    if request.path.len() + request.query.len() > MAX_TARGET {
        return Err(Code::TargetTooLong.into());
    }
    let route = Route::find(&request.method, &request.path)?;
    {
        let mut event = context.event.borrow_mut();
        event.endpoint = Some(route.name());
        event.route = Some(route);
    }
    migrate(context).await?;
    if route.kind().is_some_and(|kind| kind.class() == Class::Authentication) {
        audit_log::ready(context.host, context.instance, context.settings).await?;
    }
    match route {
        Route::Token => auth::token(context, request).await,
        Route::Refresh => auth::refresh(context, request).await,
        Route::Revoke => auth::revoke(context, request).await,
        Route::Client(resource) => {
            let caller = auth::authenticate(context, &request).await?;
            let buyer = caller.buyer();
            match resource {
                Resource::Account => account::read(context, &caller),
                Resource::Balance => balance::read(context, &buyer).await,
                Resource::Usage => usage::read(context, &buyer.client_id, &request.query).await,
                Resource::Products => listing::read(context, &buyer, &request.query).await,
                Resource::Product => {
                    let barcode = request.path.strip_prefix(PRODUCT).unwrap_or_default();
                    product::read(context, &buyer, &request, barcode).await
                }
                Resource::BulkCheck => {
                    let body = request.json_bytes(Code::BadRequest).await?;
                    bulk_check::read(context, &buyer, &body).await
                }
            }
        }
        Route::Admin(endpoint) => admin::handle(context, endpoint, request).await,
        Route::Document => Ok(openapi::read(context.request_id)),
        Route::Events => internal::events(context, request).await,
        Route::Chores => internal::chores(context).await,
        // A host looks often whether there is work: that is nothing for the audit log.
        Route::Traces => admin::traces::claim(context).await,
    }
}

/// Brings the database into the form that is needed, once for each instance.
async fn migrate<H: Host>(context: &Context<'_, H>) -> Result<(), Refusal> {
    let migrated = &context.instance.migrated;
    if !migrated.load(Ordering::Relaxed) {
        sql::migrate(context.host, sql::MIGRATIONS, context.seconds()).await?;
        migrated.store(true, Ordering::Relaxed);
    }
    Ok(())
}

fn address(settings: &Settings, request: &Request) -> Option<IpAddr> {
    let forwarded = request.values("x-forwarded-for");
    let peer = request.peer?;
    Some(client_behind_proxies(peer, forwarded, &settings.trusted_proxies))
}

fn refused(refusal: &Refusal, request_id: &str) -> Answer {
    let mut answer = Answer::problem(refusal.code, request_id);
    if let Some(seconds) = refusal.retry_after {
        answer.header("retry-after", seconds.to_string());
    }
    if let Some(credits) = refusal.credits {
        answer.header("x-credits-debited", "0".to_owned());
        answer.header("x-credits-remaining", credits.to_string());
    }
    if let Some(allow) = refusal.allow {
        answer.header("allow", allow.to_owned());
    }
    answer
}

#[cfg(test)]
mod tests;
