use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Fleet, Operator, Reply, post, request};
use serde_json::{Value, json};

/// A client's secrets are shown when it is made and never again, and every step of the operator is an event.
pub fn shown_once(fleet: Fleet) -> Result<()> {
    let operator = Operator::of(fleet.first()?)?;
    let made = operator.run(&["client", "create", "Corner shop", "--brand", "Acme", "--credits", "7"])?;
    let id = made["client"]["id"].as_str().context("no id")?;
    let api_key = made["api_key"].as_str().context("no key")?;
    assert_eq!(made["credit_balance"], 7);
    let listed = Operator::of(fleet.last()?)?.run(&["client", "list"])?;
    assert!(listed.to_string().contains(id) && !listed.to_string().contains(api_key));
    let rotated = operator.run(&["client", "rotate", id])?;
    assert_ne!(rotated["api_key"], made["api_key"]);
    let limited = operator.run(&["client", "set", id, "--per-minute", "5"])?;
    assert_eq!(limited["client"]["per_minute"], 5);
    let ended = operator.run(&["client", "revoke", id])?;
    assert_eq!(ended["client"]["status"], "revoked");
    assert!(!operator.command(&["client", "enable", id]).output()?.status.success());
    // Without the credential there is no way in, and every attempt is in the log.
    let headers = [("authorization", "Bearer guess")];
    let stranger = request("GET", &fleet.last()?.url("/admin/clients"), &headers)?;
    assert_eq!((stranger.status, stranger.error()?.as_str()), (401, "unauthenticated"));
    let log = operator.events("authentication", "", 7)?;
    for endpoint in ["admin/client/rotate", "admin/client/revoke", "admin/client/enable"] {
        let times = log.iter().filter(|event| event["endpoint"] == endpoint).count();
        assert_eq!(times, 1, "{endpoint}");
    }
    assert!(
        log.iter()
            .any(|event| event["status"] == 401 && event["proof"] == "none")
    );
    let webhook_secret = made["webhook_secret"].as_str().context("no webhook secret")?;
    for secret in [api_key, webhook_secret] {
        for host in &fleet.hosts {
            is_not_in_files(host, secret)?;
        }
        if fleet.postgres.is_some() {
            let rows = format!(
                "SELECT COUNT(*) FROM clients AS c JOIN api_keys AS k ON k.client_id = c.id \
                 WHERE c::text LIKE '%{secret}%' OR k::text LIKE '%{secret}%'"
            );
            assert_eq!(fleet.sql(&rows)?, "0", "a secret in PostgreSQL");
        }
    }
    Ok(())
}

fn is_not_in_files(host: &Deckle, secret: &str) -> Result<()> {
    for file in ["sqlite.db", "sqlite.db-wal", "key_value.db", "logs/control.jsonl"] {
        let bytes = std::fs::read(host.data.path().join(file)).unwrap_or_default();
        let found = bytes.windows(secret.len()).any(|window| window == secret.as_bytes());
        ensure!(!found, "a secret in {file}");
    }
    Ok(())
}

/// A client's credentials are dead everywhere once the operator has the answer to its rotation, disabling or revocation.
pub fn ended(fleet: Fleet) -> Result<()> {
    let (operator, elsewhere) = (Operator::of(fleet.first()?)?, fleet.last()?);
    let made = operator.run(&["client", "create", "Shop"])?;
    let id = made["client"]["id"].as_str().context("no id")?;
    let old = made["api_key"].as_str().context("no key")?;
    let first = access(&token(elsewhere, id, old)?)?;
    assert_eq!(account(elsewhere, &first)?.status, 200);
    let rotated = operator.run(&["client", "rotate", id])?;
    // At once, and not only within the five seconds that are promised.
    assert_eq!(token(elsewhere, id, old)?.error()?, "invalid_credentials");
    assert_eq!(account(elsewhere, &first)?.error()?, "unauthenticated");
    let new = rotated["api_key"].as_str().context("no key")?;
    let second = access(&token(elsewhere, id, new)?)?;
    assert_eq!(account(elsewhere, &second)?.status, 200);
    operator.run(&["client", "disable", id])?;
    assert_eq!(account(elsewhere, &second)?.error()?, "client_disabled");
    operator.run(&["client", "enable", id])?;
    let third = access(&token(elsewhere, id, new)?)?;
    operator.run(&["client", "revoke", id])?;
    for host in [fleet.first()?, elsewhere] {
        assert_eq!(account(host, &third)?.error()?, "client_disabled");
        assert_eq!(token(host, id, new)?.error()?, "client_disabled");
        let enable = Operator::of(host)?.send("POST", &format!("/clients/{id}/enable"), "application/json", &[])?;
        assert_eq!(enable.status, 403);
    }
    // Each of them is an event, and says what was proved.
    let log = operator.events("authentication", &format!("&client_id={id}"), 10)?;
    let issued: Vec<_> = log
        .iter()
        .filter(|event| event["endpoint"] == "auth/token" && event["status"] == 200)
        .collect();
    assert_eq!(issued.len(), 3, "{log:?}");
    assert!(issued.iter().all(|event| event["proof"] == "credential"));
    let asked = operator.events("requests", &format!("&client_id={id}"), 5)?;
    assert!(asked.iter().all(|event| event["endpoint"] == "account"), "{asked:?}");
    Ok(())
}

pub fn token(host: &Deckle, id: &str, api_key: &str) -> Result<Reply> {
    let body = json!({ "client_id": id, "api_key": api_key });
    post(&host.url("/api/v1/auth/token"), &body)
}

fn access(reply: &Reply) -> Result<String> {
    ensure!(reply.status == 200, "{reply:?}");
    let body: Value = serde_json::from_slice(&reply.body)?;
    Ok(body["access_token"].as_str().context("no token")?.to_owned())
}

fn account(host: &Deckle, access: &str) -> Result<Reply> {
    let bearer = format!("Bearer {access}");
    request("GET", &host.url("/api/v1/account"), &[("authorization", &bearer)])
}
