//! W5: whoever reads the store of renditions finds no client in it, and whoever writes to it has nothing of his served.

use crate::pictures::contains;
use crate::target::{GOOD, Target};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, FaultyOrigin, Key, get};
use rusqlite::Connection;
use std::time::Duration;

const OPERATIONS: &str = "w_300,f_jpeg";

pub fn attack(target: &Target) -> Result<()> {
    let origin = FaultyOrigin::start(target.serves(&target.v1("_", &target.source(GOOD)))?.body)?;
    let source = format!("{}/{GOOD}", origin.url.trim_start_matches("http://"));
    let folder = tempfile::tempdir()?;
    let configuration = folder.path().join("stores.toml");
    std::fs::write(
        &configuration,
        "[key_value_store.renditions]\ntype = 'spin'\npath = 'kept.db'\n",
    )?;
    let configuration = configuration.to_string_lossy().into_owned();
    let arguments = [
        "--variable",
        "renditions=renditions",
        "--runtime-config-file",
        &configuration,
    ];
    let deckle = Deckle::with_origin_and_arguments(&origin.url, &arguments)?;
    let key = |client| Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", client])?);
    let (one, other) = (key("client_one")?, key("client_other")?);
    let picture = |key: &Key, operations: &str| -> Result<Vec<u8>> {
        let reply = get(&deckle.url(&key.sign(operations, &source, None)))?;
        ensure!(reply.status == 200, "{}", String::from_utf8_lossy(&reply.body));
        Ok(reply.body)
    };
    let good = picture(&one, OPERATIONS)?;
    let another = picture(&other, "w_200,f_jpeg")?;
    let store = Connection::open(folder.path().join("kept.db"))?;
    store.busy_timeout(Duration::from_secs(5))?;
    let kept = kept(&store)?;
    ensure!(kept.len() == 2, "{} are kept", kept.len());

    // What it holds is no client's: neither their names, nor their files, nor a mark.
    for (name, value) in &kept {
        for text in ["client_", &one.public, "x.jpg", "shop"] {
            ensure!(
                !contains(value, text.as_bytes()) && !name.contains(text),
                "{name} tells {text}"
            );
        }
        ensure!(image::guess_format(value).is_err(), "{name} can be opened as a picture");
        let start = value
            .windows(3)
            .position(|window| window == b"\xFF\xD8\xFF")
            .context("no file inside")?;
        let file = value.get(start..).unwrap_or_default();
        ensure!(image::load_from_memory(file).is_ok() && deckle.trace(file)?["marked"] == false);
    }

    // What is put there is not served: neither a picture as it is, nor another rendition, nor a part or a change of the right one.
    let [(first, value), (second, foreign)] = &kept[..] else {
        unreachable!()
    };
    let start = value
        .windows(3)
        .position(|window| window == b"\xFF\xD8\xFF")
        .unwrap_or_default();
    let mut bad = vec![
        Vec::new(),
        good.clone(),
        another,
        value[start..].to_vec(),
        value[..value.len() - 1].to_vec(),
        [&value[..], b"x"].concat(),
    ];
    for at in [
        0,
        11,
        start + 300,
        value.len() / 2,
        value.len() - 34,
        value.len() - 20,
        value.len() - 1,
    ] {
        let mut changed = value.clone();
        changed[at] ^= 1;
        bad.push(changed);
    }
    let mut cases: Vec<[&[u8]; 2]> = bad.iter().map(|bad| [bad.as_slice(), bad]).collect();
    cases.push([foreign, value]);
    for [first_value, second_value] in cases {
        write(&store, first, first_value)?;
        write(&store, second, second_value)?;
        // So that whoever made it last is not waited for.
        store.execute("DELETE FROM spin_key_value WHERE key LIKE 'filling/%'", [])?;
        let asked = origin.requests();
        ensure!(picture(&one, OPERATIONS)? == good, "something else is served");
        ensure!(origin.requests() == asked + 1, "what stands there was believed");
    }
    ensure!(deckle.trace(&good)?["client_id"] == "client_one");
    // Now it is the right one again.
    let asked = origin.requests();
    ensure!(deckle.trace(&picture(&other, OPERATIONS)?)?["client_id"] == "client_other");
    ensure!(origin.requests() == asked, "it was made again");
    Ok(())
}

/// Names and values, the rendition of [`OPERATIONS`] first: it is the longer one.
fn kept(store: &Connection) -> Result<Vec<(String, Vec<u8>)>> {
    let mut query = store
        .prepare("SELECT key, value FROM spin_key_value WHERE key LIKE 'rendition/%' ORDER BY length(value) DESC")?;
    let rows = query.query_map([], |row| Ok((row.get(0)?, row.get(1)?)))?;
    Ok(rows.collect::<Result<_, _>>()?)
}

fn write(store: &Connection, name: &str, value: &[u8]) -> Result<()> {
    let changed = store.execute("UPDATE spin_key_value SET value = ?2 WHERE key = ?1", (name, value))?;
    ensure!(changed == 1, "{name} is not there");
    Ok(())
}
