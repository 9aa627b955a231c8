//! A5: whoever can write to the database can damage the log, and not without being noticed.

use crate::a04_naming_another_client::operate;
use crate::target::Target;
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use serde_json::Value;
use std::time::Duration;

fn verify(target: &Target) -> Result<Value> {
    Ok(operate(target, "GET", "/admin/audit/verify?chain=authentication", None)?.1)
}

pub fn attack(target: &Target) -> Result<()> {
    for _ in 0..4 {
        operate(target, "GET", "/admin/clients", None)?;
    }
    ensure!(verify(target)?["valid"] == true, "{}", verify(target)?);
    let database = Connection::open(target.deckle.data.path().join("sqlite.db"))?;
    database.busy_timeout(Duration::from_secs(10))?;
    let seq: i64 = database.query_row(
        "SELECT MAX(seq) - 2 FROM audit WHERE chain = 'authentication'",
        [],
        |row| row.get(0),
    )?;
    for (damage, repair, fault) in [
        (
            "UPDATE audit SET status = status + 1",
            "UPDATE audit SET status = status - 1",
            "changed",
        ),
        (
            "UPDATE audit SET ip = '203.0.113.9'",
            "UPDATE audit SET ip = '127.0.0.1'",
            "changed",
        ),
        (
            "UPDATE audit SET proof = 'none'",
            "UPDATE audit SET proof = 'credential'",
            "changed",
        ),
        ("UPDATE audit SET seq = -1", "", "missing"),
    ] {
        let at = " WHERE chain = 'authentication' AND seq = ?1";
        database.execute(&format!("{damage}{at}"), [seq])?;
        let found = verify(target)?;
        ensure!(found["valid"] == false && found["seq"] == seq, "{damage}: {found}");
        ensure!(found["fault"].as_str().context("no fault")?.contains(fault), "{found}");
        match repair {
            "" => database.execute(
                &format!("UPDATE audit SET seq = {seq} WHERE chain = 'authentication' AND seq = -1"),
                [],
            )?,
            repair => database.execute(&format!("{repair}{at}"), [seq])?,
        };
    }
    // A checkpoint of the attacker's own excuses nothing.
    database.execute(
        "INSERT INTO audit_checkpoints SELECT chain, seq, hash, hash FROM audit WHERE chain = 'authentication' AND seq = ?1",
        [seq],
    )?;
    ensure!(verify(target)?["valid"] == false, "a forged checkpoint");
    database.execute("DELETE FROM audit_checkpoints", [])?;
    ensure!(verify(target)?["valid"] == true, "{}", verify(target)?);
    Ok(())
}
