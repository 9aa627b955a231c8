use anyhow::{Context, Result};
use std::collections::HashMap;

/// An HTTP answer, whatever its status.
#[derive(Debug, Clone)]
pub struct Reply {
    /// The status code.
    pub status: u16,
    /// Header names in lower case; the last value of a repeated one.
    pub headers: HashMap<String, String>,
    /// The body.
    pub body: Vec<u8>,
}

impl Reply {
    /// A header's value.
    pub fn header(&self, name: &str) -> Option<&str> {
        self.headers.get(name).map(String::as_str)
    }

    /// The `error` member of a problem body, checked for the form that every problem has.
    pub fn error(&self) -> Result<String> {
        anyhow::ensure!(
            self.header("content-type") == Some("application/problem+json"),
            "no problem body: {self:?}"
        );
        anyhow::ensure!(
            self.header("cache-control") == Some("no-store"),
            "a problem that may be kept: {self:?}"
        );
        let body: serde_json::Value = serde_json::from_slice(&self.body)?;
        anyhow::ensure!(
            body["status"] == self.status && body["request_id"].is_string(),
            "{body}"
        );
        Ok(body["error"].as_str().context("no error member")?.to_owned())
    }
}

/// GET without further headers.
pub fn get(url: &str) -> Result<Reply> {
    request("GET", url, &[])
}

/// POST of JSON.
pub fn post(url: &str, body: &serde_json::Value) -> Result<Reply> {
    let json = [("content-type", "application/json")];
    send("POST", url, &json, body.to_string().as_bytes())
}

/// One request with headers and without a body; redirects are not followed and no status is an error.
pub fn request(method: &str, url: &str, headers: &[(&str, &str)]) -> Result<Reply> {
    send(method, url, headers, &[])
}

/// One request with headers and a body; an empty one is not sent.
pub fn send(method: &str, url: &str, headers: &[(&str, &str)], body: &[u8]) -> Result<Reply> {
    let agent: ureq::Agent = ureq::Agent::config_builder()
        .http_status_as_error(false)
        .max_redirects(0)
        .allow_non_standard_methods(true)
        .timeout_global(Some(std::time::Duration::from_secs(60)))
        .build()
        .into();
    let mut request = ureq::http::Request::builder().method(method).uri(url);
    for (name, value) in headers {
        request = request.header(*name, *value);
    }
    let mut response = match body {
        [] => agent.run(request.body(())?)?,
        body => agent.run(request.body(body)?)?,
    };
    let headers = response
        .headers()
        .iter()
        .map(|(name, value)| (name.to_string(), String::from_utf8_lossy(value.as_bytes()).into_owned()))
        .collect();
    let body = response.body_mut().with_config().limit(64 << 20).read_to_vec()?;
    Ok(Reply {
        status: response.status().as_u16(),
        headers,
        body,
    })
}
