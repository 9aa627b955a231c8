//! Calls that this host makes to its components by itself, as [`crate::manifest::Schedule`] says.
use crate::log;
use crate::manifest::Schedule;
use crate::outbound::{INTERNAL, Internal, full};
use http::{Method, Request};
use http_body_util::BodyExt as _;
use std::time::Duration;

/// The first call, after the start: not while everything else is starting.
const FIRST: Duration = Duration::from_secs(5);

/// Calls a component from now on, until the process ends. Calls never overlap; one that fails is told and made again at its time.
pub fn start(component: String, Schedule { every, path }: Schedule, internal: Internal) {
    tokio::spawn(async move {
        tokio::time::sleep(FIRST.min(every)).await;
        loop {
            if let Err(error) = call(&component, &path, &internal).await {
                log::warning(&format!("the scheduled call to `{component}` got nowhere: {error:#}"));
            }
            tokio::time::sleep(every).await;
        }
    });
}

async fn call(component: &str, path: &str, internal: &Internal) -> anyhow::Result<()> {
    let mut request = Request::new(full(""));
    *request.method_mut() = Method::POST;
    *request.uri_mut() = format!("http://{component}{INTERNAL}{path}").parse()?;
    let response = internal.send(component, request).await?;
    let status = response.status();
    // The body is read to its end: the instance works until then.
    response.into_body().collect().await?;
    anyhow::ensure!(status.is_success(), "it answered {status}");
    Ok(())
}
