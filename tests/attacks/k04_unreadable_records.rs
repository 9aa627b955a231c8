//! K4: records that cannot be read or opened. The answer is 503: a key that cannot be used is not no key.

use crate::target::{Target, refused, without};
use anyhow::{Context, Result, ensure};
use rusqlite::Connection;
use std::time::Duration;

pub fn attack(target: &Target) -> Result<()> {
    let (key, other) = (target.create_key("kiosk", &[])?, target.create_key("kiosk", &[])?);
    let url = key.sign("w_96,f_png", &target.source("good/x.jpg"), None);
    target.serves(&url)?;
    let store = target.deckle.store()?;
    store.busy_timeout(Duration::from_secs(5))?;
    let (name, another) = (name_of(&store, &key.public)?, name_of(&store, &other.public)?);
    let (good, foreign) = (read(&store, &name)?, read(&store, &another)?);
    let text = String::from_utf8(good.clone())?;
    let asked = target.origin.requests();
    for broken in [
        Vec::new(),
        b"null".to_vec(),
        b"{}".to_vec(),
        b"\xff\xfe".to_vec(),
        good[..good.len() / 2].to_vec(),
        foreign,
        text.replace("\"secret\":\"", "\"secret\":\"x").into_bytes(),
        text.replace("\"secret\"", "\"secrets\"").into_bytes(),
    ] {
        ensure!(broken != good, "nothing was broken");
        write(&store, &name, &broken)?;
        let reply = target.get(&url)?;
        refused(&reply, 503, "Service unavailable").with_context(|| String::from_utf8_lossy(&broken).into_owned())?;
        ensure!(reply.header("retry-after") == Some("1"));
        // And without a signature nothing is served either.
        let unsigned = target.get(&without(&url, "sig"))?;
        ensure!([401, 503].contains(&unsigned.status), "{}", unsigned.status);
    }
    write(&store, &name, &good)?;
    target.serves(&url)?;
    // A project's rules that cannot be read are not no rules.
    let project: serde_json::Value = serde_json::from_slice(&good)?;
    let id = project["project"]["id"].as_str().context("a project")?;
    let name = name_of(&store, id)?;
    let rules = read(&store, &name)?;
    for broken in [&b""[..], b"[]", b"{\"referers\":7}", &rules[..rules.len() - 1]] {
        write(&store, &name, broken)?;
        refused(&target.get(&url)?, 503, "Service unavailable")?;
    }
    write(&store, &name, &rules)?;
    ensure!(target.origin.requests() == asked + 1, "the origin was asked");
    target.serves(&url).map(drop)
}

fn name_of(store: &Connection, end: &str) -> Result<String> {
    let query = "SELECT key FROM spin_key_value WHERE key LIKE '%' || ?1";
    store.query_row(query, [end], |row| row.get(0)).context(end.to_owned())
}

fn read(store: &Connection, name: &str) -> Result<Vec<u8>> {
    let query = "SELECT value FROM spin_key_value WHERE key = ?1";
    Ok(store.query_row(query, [name], |row| row.get(0))?)
}

fn write(store: &Connection, name: &str, value: &[u8]) -> Result<()> {
    let changed = store.execute("UPDATE spin_key_value SET value = ?2 WHERE key = ?1", (name, value))?;
    ensure!(changed == 1, "{name} is not there");
    Ok(())
}
