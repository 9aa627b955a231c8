//! T7: have a claim forgotten while its URL, or a clock that is late, can still use it. R7: the same by a sweep that comes early.

use crate::target::now;
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Fleet, Redis, get};
use rusqlite::params;
use std::time::{Duration, Instant};

const HOUR: u64 = 3600;

/// Names of claims and windows: those that nothing can use any more, and those that something can, a late clock included.
fn names() -> (Vec<String>, Vec<String>) {
    let hour = now() / HOUR;
    let claims = |hour: u64, id: &str| {
        [
            format!("use/{hour}/{id}/0"),
            format!("gen/{hour}/{id}"),
            format!("use/{hour}/{id}/2"),
        ]
    };
    let id = "BwcHBwcHBwcHBwcHBwcHBw";
    let (minute, day) = (now() / 60, now() / 86_400);
    let mut spent = vec![
        format!("count/m/{}/pk_a", minute - 9),
        format!("count/d/{}/pk_a", day - 3),
    ];
    let mut kept = vec![
        format!("count/m/{}/pk_a", minute + 5),
        format!("count/d/{day}/pk_a"),
        format!("count/d/{}/pk_a", day - 1),
    ];
    spent.extend(claims(hour - 3, id).into_iter().chain(claims(0, id)));
    // Expired within the last hour: a clock that goes back an hour finds them usable.
    kept.extend(
        claims(hour - 1, id)
            .into_iter()
            .chain(claims(hour, id))
            .chain(claims(hour + 48, id)),
    );
    kept.extend([format!("use/{}/not-an-id/0", hour - 99), "something/else".to_owned()]);
    (spent, kept)
}

/// Starts the host again over what was put into its store, and waits for its janitor's first sweep.
fn swept(host: Deckle) -> Result<Deckle> {
    let log = host.data.path().join("logs/janitor.jsonl");
    let before = std::fs::read_to_string(&log).unwrap_or_default().lines().count();
    let host = host.kill_and_restart()?;
    let start = Instant::now();
    loop {
        let text = std::fs::read_to_string(&log).unwrap_or_default();
        if let Some(line) = text.lines().nth(before) {
            ensure!(line.contains("\"deleted\""), "{line}");
            return Ok(host);
        }
        ensure!(start.elapsed() < Duration::from_secs(30), "no sweep: {}", host.log()?);
        std::thread::sleep(Duration::from_millis(100));
    }
}

#[test]
fn a_swept_sqlite_keeps_what_can_be_used() -> Result<()> {
    let mut fleet = Fleet::on_sqlite()?;
    let (spent, kept) = names();
    let once = fleet.single("good")?;
    ensure!(get(&fleet.hosts[0].url(&once))?.status == 200);
    let mut host = fleet.hosts.pop().context("a host")?;
    host.kill()?;
    let store = host.store()?;
    for name in spent.iter().chain(&kept) {
        let insert = "INSERT OR REPLACE INTO spin_key_value (store, key, value) VALUES ('default', ?1, ?2)";
        store.execute(insert, params![name, 1i64.to_le_bytes()])?;
    }
    drop(store);
    let host = swept(host)?;
    let has = |name: &String| -> Result<bool> {
        let count = "SELECT count(*) FROM spin_key_value WHERE store = 'default' AND key = ?1";
        Ok(host.store()?.query_row(count, [name], |row| row.get::<_, i64>(0))? == 1)
    };
    for name in &spent {
        ensure!(!has(name)?, "{name} was left");
    }
    for name in &kept {
        ensure!(has(name)?, "{name} is gone");
    }
    ensure!(get(&host.url(&once))?.status == 410, "a used URL works again");
    // The same from outside finds nothing more to do.
    ensure!(host.run(&["sweep"])?["deleted"] == 0);
    ensure!(
        get(&host.url("/sweep"))?.status == 404 && get(&host.url("/"))?.status == 404,
        "the janitor has a public route"
    );
    Ok(())
}

#[test]
fn a_swept_redis_keeps_what_can_be_used() -> Result<()> {
    let mut fleet = Fleet::on_redis()?;
    let (spent, kept) = names();
    let once = fleet.single("good")?;
    ensure!(get(&fleet.hosts[1].url(&once))?.status == 200);
    let redis: &Redis = fleet.redis.as_ref().context("no Redis")?;
    for name in spent.iter().chain(&kept) {
        redis.command(&["SET", name, "1"])?;
    }
    let host = fleet.hosts.pop().context("a host")?;
    let host = swept(host)?;
    for name in &spent {
        ensure!(redis.command(&["EXISTS", name])?.trim() == "0", "{name} was left");
    }
    for name in &kept {
        ensure!(redis.command(&["EXISTS", name])?.trim() == "1", "{name} is gone");
    }
    for host in [&host, &fleet.hosts[0]] {
        ensure!(get(&host.url(&once))?.status == 410, "a used URL works again");
    }
    Ok(())
}
