//! Tokens end to end, on the embedded database and on a PostgreSQL and a Redis that two hosts share.

use anyhow::{Context, Result, ensure};
use credentials::{ApiKey, Hash, client_id};
use deckle_tests::{Deckle, Fleet, Reply, get, post, request};
use serde_json::{Value, json};
use std::sync::Barrier;
use std::sync::atomic::{AtomicU8, Ordering};
use std::time::Duration;

/// A client, put into the database by hand.
struct Client {
    id: String,
    key: ApiKey,
}

impl Client {
    fn make(fleet: &Fleet) -> Result<Self> {
        static NUMBER: AtomicU8 = AtomicU8::new(1);
        let number = NUMBER.fetch_add(1, Ordering::Relaxed);
        let (id, key) = (client_id([number; 14]), ApiKey::new([number; 23]));
        // The first request makes the tables.
        for host in &fleet.hosts {
            ensure!(get(&host.url("/api/v1/account"))?.status == 401, "{}", host.log()?);
        }
        let hash = Hash::new(key.expose(), [number; 16]).to_text();
        fleet.sql(&format!(
            "INSERT INTO api_keys (id, client_id, hash, created_at) VALUES ('key_{id}', '{id}', '{hash}', 1)"
        ))?;
        fleet.sql(&format!(
            "INSERT INTO clients (id, name, contact, tier, epoch, key_id, scope, scope_hash, allowlist, ip_binding, \
                 ip_prefix_v4, ip_prefix_v6, only_presets, created_at) VALUES ('{id}', 'Shop', '', 'enterprise', 1, \
                 'key_{id}', '\"full\"', 'scope', '[]', 1, 32, 64, 0, 1)"
        ))?;
        Ok(Self { id, key })
    }

    fn log_in(&self, host: &Deckle) -> Result<Reply> {
        let body = json!({"client_id": self.id, "api_key": self.key.expose()});
        post(&host.url("/api/v1/auth/token"), &body)
    }
}

struct Pair {
    access: String,
    refresh: String,
}

fn pair(reply: &Reply) -> Result<Pair> {
    ensure!(
        reply.status == 200,
        "{} {}",
        reply.status,
        String::from_utf8_lossy(&reply.body)
    );
    ensure!(
        reply.header("cache-control") == Some("no-store"),
        "a token that may be kept"
    );
    let body: Value = serde_json::from_slice(&reply.body)?;
    let text = |name: &str| body[name].as_str().map(str::to_owned).context("no token");
    ensure!(body["token_type"] == "Bearer" && body["expires_in"] == 3600, "{body}");
    Ok(Pair {
        access: text("access_token")?,
        refresh: text("refresh_token")?,
    })
}

fn refresh(host: &Deckle, token: &str) -> Result<Reply> {
    post(&host.url("/api/v1/auth/refresh"), &json!({ "refresh_token": token }))
}

fn account(host: &Deckle, token: &str) -> Result<Reply> {
    let bearer = format!("Bearer {token}");
    request("GET", &host.url("/api/v1/account"), &[("authorization", &bearer)])
}

fn flow(fleet: &Fleet) -> Result<()> {
    let client = Client::make(fleet)?;
    let (first_host, last_host) = (fleet.first()?, fleet.last()?);
    let first = pair(&client.log_in(first_host)?)?;
    let reply = account(last_host, &first.access)?;
    let body: Value = serde_json::from_slice(&reply.body)?;
    assert_eq!(
        (reply.status, body["client_id"].as_str()),
        (200, Some(client.id.as_str()))
    );
    let second = pair(&refresh(last_host, &first.refresh)?)?;
    assert_eq!(account(first_host, &second.access)?.status, 200);

    let reused = refresh(first_host, &first.refresh)?;
    assert_eq!((reused.status, reused.error()?.as_str()), (401, "refresh_token_reused"));
    for host in &fleet.hosts {
        assert_eq!(refresh(host, &second.refresh)?.error()?, "refresh_token_invalid");
        for access in [&first.access, &second.access] {
            assert_eq!(account(host, access)?.error()?, "unauthenticated");
        }
        assert_eq!(client.log_in(host)?.error()?, "client_disabled");
    }
    assert_eq!(
        fleet.sql(&format!(
            "SELECT COUNT(*) FROM outbox WHERE client_id = '{}'",
            client.id
        ))?,
        "1"
    );
    for host in &fleet.hosts {
        let log = host.log()?;
        for secret in [
            client.key.expose(),
            &first.access,
            &first.refresh,
            &second.access,
            &second.refresh,
        ] {
            ensure!(!log.contains(secret), "a secret is in the log");
        }
    }
    Ok(())
}

fn race(fleet: &Fleet) -> Result<()> {
    const PARALLEL: usize = 32;
    let client = Client::make(fleet)?;
    let host = fleet.first()?;
    let first = pair(&client.log_in(host)?)?;
    let barrier = Barrier::new(PARALLEL);
    let ask = |number: usize| {
        barrier.wait();
        refresh(&fleet.hosts[number % fleet.hosts.len()], &first.refresh)
    };
    let replies = std::thread::scope(|scope| {
        let asking: Vec<_> = (0..PARALLEL).map(|number| scope.spawn(move || ask(number))).collect();
        let replies = asking
            .into_iter()
            .map(|asked| asked.join().ok().context("a client panicked")?);
        replies.collect::<Result<Vec<Reply>>>()
    })?;
    let (minted, refused): (Vec<&Reply>, Vec<&Reply>) = replies.iter().partition(|reply| reply.status == 200);
    assert!(minted.len() <= 1, "{} pairs", minted.len());
    for reply in refused {
        assert_eq!((reply.status, reply.error()?.as_str()), (401, "refresh_token_reused"));
    }
    for reply in minted {
        let dead = pair(reply)?;
        for host in &fleet.hosts {
            assert_eq!(account(host, &dead.access)?.error()?, "unauthenticated");
            assert_eq!(refresh(host, &dead.refresh)?.error()?, "refresh_token_invalid");
        }
    }
    assert_eq!(
        fleet.sql(&format!("SELECT epoch FROM clients WHERE id = '{}'", client.id))?,
        "2"
    );
    assert_eq!(
        fleet.sql(&format!(
            "SELECT COUNT(*) FROM outbox WHERE client_id = '{}'",
            client.id
        ))?,
        "1"
    );
    Ok(())
}

#[test]
fn the_specifications_flow_on_the_embedded_database() -> Result<()> {
    flow(&Fleet::on_sqlite()?)
}

#[test]
fn the_specifications_flow_on_two_hosts() -> Result<()> {
    flow(&Fleet::on_servers()?)
}

#[test]
fn r10_thirty_two_refreshes_at_once_on_the_embedded_database() -> Result<()> {
    race(&Fleet::on_sqlite()?)
}

#[test]
fn r10_thirty_two_refreshes_at_once_on_two_hosts() -> Result<()> {
    race(&Fleet::on_servers()?)
}

#[test]
fn a1_the_limits_hold_across_hosts() -> Result<()> {
    let fleet = Fleet::on_servers()?;
    let client = Client::make(&fleet)?;
    let mut statuses = Vec::new();
    for at in 0..14 {
        let reply = client.log_in(&fleet.hosts[at % fleet.hosts.len()])?;
        if reply.status == 429 {
            assert_eq!(reply.error()?, "auth_rate_limit");
            assert!(reply.header("retry-after").is_some());
        }
        statuses.push(reply.status);
    }
    // A minute of the clock may have ended in between.
    let admitted = statuses.iter().filter(|status| **status == 200).count();
    assert!((10..=20).contains(&admitted), "{statuses:?}");
    assert!(
        statuses.iter().all(|status| [200, 429].contains(status)),
        "{statuses:?}"
    );
    Ok(())
}

#[test]
fn k9_a_kill_during_refreshes_loses_nothing_on_the_embedded_database() -> Result<()> {
    killed(Fleet::on_sqlite()?)
}

#[test]
fn k9_a_kill_during_refreshes_loses_nothing_on_two_hosts() -> Result<()> {
    killed(Fleet::on_servers()?)
}

/// What was acknowledged before a kill is there after it, and no family is half written.
fn killed(mut fleet: Fleet) -> Result<()> {
    for round in 0..4u64 {
        let client = Client::make(&fleet)?;
        let mut host = fleet.hosts.pop().context("no host")?;
        let mut acknowledged = pair(&client.log_in(&host)?)?;
        let url = host.url("/api/v1/auth/refresh");
        let chain = std::thread::spawn(move || {
            while let Ok(reply) = post(&url, &json!({"refresh_token": acknowledged.refresh})) {
                match pair(&reply) {
                    Ok(next) => acknowledged = next,
                    Err(_) => break,
                }
            }
            acknowledged
        });
        std::thread::sleep(Duration::from_millis(300 + 170 * round));
        host.kill()?;
        let acknowledged = chain.join().ok().context("the client panicked")?;
        let host = host.kill_and_restart()?;
        let reply = account(&host, &acknowledged.access)?;
        assert_eq!(reply.status, 200, "{round}: {}", String::from_utf8_lossy(&reply.body));
        // Either the kill came before the token was used, or its successor was never seen: then it counts as used twice.
        let reply = refresh(&host, &acknowledged.refresh)?;
        if reply.status != 200 {
            assert_eq!(
                (reply.status, reply.error()?.as_str()),
                (401, "refresh_token_reused"),
                "{round}"
            );
        }
        fleet.hosts.push(host);
        let halves = "SELECT COUNT(*) FROM refresh_families f WHERE NOT EXISTS \
                      (SELECT 1 FROM refresh_tokens t WHERE t.selector = f.current AND t.family_id = f.id)";
        assert_eq!(fleet.sql(halves)?, "0");
    }
    Ok(())
}
