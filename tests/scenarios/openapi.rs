//! The API against its document: Schemathesis makes requests from it, good and bad ones, and compares what comes back.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Operator, get, repository, send};
use serde_json::{Value, json};
use std::process::Command;

/// What every answer is checked for. Which good requests are refused depends on what there is, so that is not asked.
const CHECKS: &str = "not_a_server_error,status_code_conformance,content_type_conformance,response_headers_conformance,\
                      response_schema_conformance,unsupported_method,allow_header_conformance";

/// Requests to the operations with these tags, with these headers.
fn conforms(deckle: &Deckle, tags: &[&str], headers: &[&str]) -> Result<()> {
    let program = repository().join("target/tools/python/bin/schemathesis");
    ensure!(
        program.is_file(),
        "{} is not there: `cargo xtask test` installs it",
        program.display()
    );
    let folder = tempfile::tempdir()?;
    let mut schemathesis = Command::new(program);
    schemathesis
        .current_dir(folder.path())
        .args([
            "run",
            &deckle.url("/openapi.json"),
            "--checks",
            CHECKS,
            "--exclude-method",
            "HEAD",
        ])
        .args([
            "--phases",
            "examples,coverage,fuzzing",
            "--max-examples",
            "6",
            "--seed",
            "1",
            "--generation-database",
            "none",
        ])
        .args([
            "--continue-on-failure",
            "--no-shrink",
            "--no-color",
            "--warnings",
            "off",
            "--request-timeout",
            "20",
        ]);
    for tag in tags {
        schemathesis.args(["--include-tag", tag]);
    }
    for header in headers {
        schemathesis.args(["--header", header]);
    }
    let output = schemathesis.output().context("start schemathesis")?;
    let report = String::from_utf8_lossy(&output.stdout);
    ensure!(
        output.status.success(),
        "{report}{}",
        String::from_utf8_lossy(&output.stderr)
    );
    ensure!(report.contains("passed"), "nothing was asked: {report}");
    Ok(())
}

#[test]
fn pictures_and_tokens_answer_as_the_document_says() -> Result<()> {
    conforms(&Deckle::demo()?, &["Pictures", "Tokens", "Document"], &[])
}

#[test]
fn clients_are_answered_as_the_document_says() -> Result<()> {
    let deckle = Deckle::demo()?;
    let operator = Operator::of(&deckle)?;
    operator.import_catalogue()?;
    let limits = json!({ "name": "Shop", "tier": "enterprise", "per_minute": 1_000_000, "per_day": 1_000_000 });
    let client = operator.client(&limits, 1000)?;
    let credentials = json!({ "client_id": client.id, "api_key": client.api_key }).to_string();
    let headers = [("content-type", "application/json")];
    let tokens = send(
        "POST",
        &deckle.url("/api/v1/auth/token"),
        &headers,
        credentials.as_bytes(),
    )?;
    let tokens: Value = serde_json::from_slice(&tokens.body)?;
    let bearer = format!(
        "Authorization: Bearer {}",
        tokens["access_token"].as_str().context("no token")?
    );
    conforms(&deckle, &["Catalogue", "Account"], &[&bearer])
}

#[test]
fn operators_are_answered_as_the_document_says() -> Result<()> {
    let photos = repository().join("static/photos");
    let trusted = ["--variable", "trusted_proxies=127.0.0.1"];
    let deckle = Deckle::start(&["--originals", &photos.to_string_lossy(), trusted[0], trusted[1]])?;
    let operator = Operator::of(&deckle)?;
    operator.import_catalogue()?;
    operator.client(&json!({ "name": "Shop" }), 10)?;
    let authorization = format!("Authorization: {}", operator.authorization());
    // The limit of an address is soon used up, so each part comes from another one.
    for (number, tag) in ["Clients", "Projects and keys", "Audit"].into_iter().enumerate() {
        let forwarded = format!("X-Forwarded-For: 192.0.2.{number}");
        conforms(&deckle, &[tag], &[&authorization, &forwarded])?;
    }
    Ok(())
}

#[test]
fn the_document_is_served_as_it_is_kept() -> Result<()> {
    let reply = get(&Deckle::demo()?.url("/openapi.json"))?;
    assert_eq!(
        (reply.status, reply.header("content-type")),
        (200, Some("application/json"))
    );
    let kept = std::fs::read(repository().join("components/control/openapi.json"))?;
    assert!(reply.body == kept, "the served document is another one");
    Ok(())
}
