//! Many at once for what may be had once, or so many times a minute: on SQLite, and on one Redis that two hosts share.
//!
//! `DECKLE_RACE_ROUNDS` says how often each race is run, 25 times by default.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Fleet, Key, Outcomes, PARALLEL, get, now};
use std::time::{Duration, Instant};

fn rounds() -> usize {
    let asked = std::env::var("DECKLE_RACE_ROUNDS").ok();
    asked.and_then(|rounds| rounds.parse().ok()).unwrap_or(25)
}

fn times(outcomes: &Outcomes, status: u16) -> usize {
    outcomes.get(&status).copied().unwrap_or(0)
}

fn one_of_many_wins(fleet: &Fleet) -> Result<()> {
    for round in 0..rounds() {
        let outcomes = fleet.storm(&fleet.single("good")?, PARALLEL, || ());
        ensure!(
            outcomes == Outcomes::from([(200, 1), (410, PARALLEL - 1)]),
            "round {round}: {outcomes:?}"
        );
    }
    Ok(())
}

fn at_most_one_wins_while_the_origin_fails(fleet: &Fleet) -> Result<()> {
    let (mut won, mut failed) = (0, 0);
    for round in 0..rounds() {
        let outcomes = fleet.storm(&fleet.single("fails")?, PARALLEL, || ());
        ensure!(times(&outcomes, 200) <= 1, "round {round}: {outcomes:?}");
        ensure!(
            // 503: the origin failed so often that it is left alone for a while.
            outcomes.keys().all(|status| [200, 410, 502, 503].contains(status)),
            "round {round}: {outcomes:?}"
        );
        won += times(&outcomes, 200);
        failed += times(&outcomes, 502);
    }
    ensure!(won > 0 && failed > 0, "{won} won, {failed} failed: this was no test");
    Ok(())
}

#[test]
fn a_single_use_on_sqlite_is_had_once() -> Result<()> {
    let fleet = Fleet::on_sqlite()?;
    one_of_many_wins(&fleet)?;
    at_most_one_wins_while_the_origin_fails(&fleet)
}

#[test]
fn a_single_use_on_redis_is_had_once_from_two_hosts() -> Result<()> {
    let fleet = Fleet::on_redis()?;
    one_of_many_wins(&fleet)?;
    at_most_one_wins_while_the_origin_fails(&fleet)
}

#[test]
fn a_redis_that_dies_in_mid_race_gives_nothing_twice() -> Result<()> {
    let mut fleet = Fleet::on_redis()?;
    let mut unavailable = 0;
    for round in 0..rounds() {
        let mut redis = fleet.redis.take().context("no Redis")?;
        let path = fleet.single("good")?;
        let mut outcomes = fleet.storm(&path, PARALLEL, || {
            // Each round dies at another moment of the race.
            std::thread::sleep(Duration::from_millis((round % 20) as u64 * 2));
            let _ = redis.kill();
        });
        unavailable += times(&outcomes, 503);
        redis.restart()?;
        fleet.redis = Some(redis);
        fleet.recovered()?;
        for (status, count) in fleet.storm(&path, PARALLEL, || ()) {
            *outcomes.entry(status).or_default() += count;
        }
        ensure!(times(&outcomes, 200) <= 1, "round {round}: {outcomes:?}");
        ensure!(
            outcomes.keys().all(|status| [0, 200, 410, 503].contains(status)),
            "round {round}: {outcomes:?}"
        );
    }
    ensure!(unavailable > 0, "Redis never died in mid-race");
    Ok(())
}

/// Makes ten times as many requests as a key may make in a minute. Gives how many of those that it may make were refused.
fn withheld(fleet: &Fleet) -> Result<usize> {
    const LIMIT: usize = 40;
    let key = fleet.create(&["--per-minute", &LIMIT.to_string()])?;
    let path = fleet.signed(&key, "w_16,f_jpeg", "good", None)?;
    let left = 60 - now()? % 60;
    if left < 20 {
        std::thread::sleep(Duration::from_secs(left));
    }
    let minute = now()? / 60;
    let outcomes = fleet.storm(&path, 10 * LIMIT, || ());
    ensure!(now()? / 60 == minute, "the minute ended before the requests did");
    ensure!(times(&outcomes, 200) <= LIMIT, "{outcomes:?}");
    ensure!(
        times(&outcomes, 200) + times(&outcomes, 429) == 10 * LIMIT,
        "{outcomes:?}"
    );
    Ok(LIMIT - times(&outcomes, 200))
}

#[test]
fn a_limit_is_exact_on_one_host_and_never_passed_by_two() -> Result<()> {
    ensure!(withheld(&Fleet::on_sqlite()?)? == 0, "fewer than the limit");
    // Two hosts may leave what one of them holds of a window; more than the limit they never admit.
    withheld(&Fleet::on_redis()?)?;
    Ok(())
}

#[test]
fn a_request_costs_few_writes() -> Result<()> {
    let fleet = Fleet::on_redis()?;
    let redis = fleet.redis.as_ref().context("no Redis")?;
    let limited = fleet.create(&["--per-day", "1000000"])?;
    let writes = |paths: &mut dyn Iterator<Item = Result<String>>| -> Result<u64> {
        redis.command(&["CONFIG", "RESETSTAT"])?;
        for path in paths {
            ensure!(get(&fleet.hosts[0].url(&path?))?.status == 200);
        }
        Ok(redis.calls("incrby")? + redis.calls("set")?)
    };
    let reusable = |key: &Key| fleet.signed(key, "w_16,f_jpeg", "good", None);
    assert_eq!(
        writes(&mut (0..20).map(|_| reusable(&fleet.key)))?,
        0,
        "without a limit nothing is counted"
    );
    assert!(
        writes(&mut (0..20).map(|_| reusable(&limited)))? <= 20,
        "a reusable URL costs at most one write"
    );
    assert_eq!(
        writes(&mut (0..20).map(|_| fleet.single("good")))?,
        20,
        "a single use is one increment"
    );
    let claims = redis.command(&["KEYS", "use/*"])?;
    let claim = claims.lines().next().context("no claim is stored")?;
    assert_eq!(
        redis.command(&["GET", claim])?,
        "1\n",
        "a counter is text, as Spin has it"
    );
    Ok(())
}

#[test]
fn a_redis_that_hangs_is_answered_in_time() -> Result<()> {
    let fleet = Fleet::on_redis()?;
    let redis = fleet.redis.as_ref().context("no Redis")?;
    fleet.recovered()?;
    redis.signal("STOP")?;
    for path in [
        fleet.signed(&fleet.key, "w_16,f_jpeg", "good", None)?,
        fleet.single("good")?,
    ] {
        let start = Instant::now();
        let reply = get(&fleet.hosts[0].url(&path))?;
        assert_eq!((reply.status, reply.header("retry-after")), (503, Some("1")));
        ensure!(start.elapsed() < Duration::from_secs(4), "{:?}", start.elapsed());
    }
    redis.signal("CONT")?;
    fleet.recovered()
}
