//! The control component on either database: the embedded one, and a PostgreSQL that two hosts share.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Fleet, get};

/// Asks a host for something that the component goes to its database for.
fn ask(host: &Deckle) -> Result<u16> {
    let reply = get(&host.url("/api/v1/account"))?;
    ensure!(reply.header("cache-control") == Some("no-store"), "{reply:?}");
    Ok(reply.status)
}

/// Asks all hosts at once.
fn ask_all(hosts: &[Deckle]) -> Result<Vec<u16>> {
    std::thread::scope(|scope| {
        let asking: Vec<_> = hosts.iter().map(|host| scope.spawn(|| ask(host))).collect();
        let asked = asking
            .into_iter()
            .map(|asked| asked.join().ok().context("a client panicked")?);
        asked.collect()
    })
}

#[test]
fn the_embedded_database_is_made_and_survives_a_kill() -> Result<()> {
    let fleet = Fleet::on_sqlite()?;
    let host = fleet.hosts.into_iter().next().context("no host")?;
    assert_eq!(ask(&host)?, 401);
    let migrations = |host: &Deckle| -> Result<i64> {
        let database = rusqlite::Connection::open(host.data.path().join("sqlite.db"))?;
        Ok(database.query_row("SELECT COUNT(*) FROM migrations", [], |row| row.get(0))?)
    };
    let applied = migrations(&host)?;
    assert!(applied > 0);
    let host = host.kill_and_restart()?;
    assert_eq!(ask(&host)?, 401);
    assert_eq!(migrations(&host)?, applied);
    Ok(())
}

#[test]
fn two_hosts_that_start_together_make_one_database_and_find_it_again() -> Result<()> {
    let mut fleet = Fleet::on_servers()?;
    let mut postgres = fleet.postgres.take().context("no PostgreSQL")?;
    assert_eq!(ask_all(&fleet.hosts)?, [401, 401]);
    let applied = "SELECT COUNT(*) > 0 AND COUNT(*) = COUNT(DISTINCT number) FROM migrations";
    assert_eq!(postgres.query(applied)?, "t");
    postgres.kill()?;
    postgres.restart()?;
    assert_eq!(ask_all(&fleet.hosts)?, [401, 401]);
    assert_eq!(postgres.query(applied)?, "t");
    for host in &fleet.hosts {
        let log = host.log()?;
        assert!(!log.contains("only-for-tests"), "the password is in the log: {log}");
    }
    Ok(())
}
