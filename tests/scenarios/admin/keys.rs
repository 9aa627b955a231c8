use anyhow::{Context, Result};
use deckle_tests::{Deckle, Fleet, Key, Operator, get};
use serde_json::{Value, json};

fn status(fleet: &Fleet, host: &Deckle, key: &Key) -> Result<u16> {
    Ok(get(&host.url(&key.sign("w_32,f_jpeg", &fleet.source("good"), None)))?.status)
}

/// Keys made over the API work at every edge until they are revoked.
pub fn at_the_edge(fleet: Fleet) -> Result<()> {
    let (operator, elsewhere) = (Operator::of(fleet.first()?)?, fleet.last()?);
    operator.post("/projects", &json!({ "slug": "window" }))?;
    let key = |made: &Value| {
        Key::of(&json!({
            "project": "window", "public_key": made["key"]["public_key"], "secret_key": made["secret_key"],
            "client_id": made["key"]["client_id"],
        }))
    };
    let first = key(&operator.post("/projects/window/keys", &json!({ "client_id": "acme" }))?)?;
    assert_eq!(status(&fleet, elsewhere, &first)?, 200);
    let path = format!("/keys/{}", first.public);
    let rotated = operator.post(&format!("{path}/rotate"), &json!({ "overlap": 3600 }))?;
    let second = key(&rotated)?;
    for key in [&first, &second] {
        assert_eq!(status(&fleet, elsewhere, key)?, 200);
    }
    operator.post(&format!("{path}/revoke"), &json!({}))?;
    assert_eq!(status(&fleet, elsewhere, &first)?, 401);
    assert_eq!(status(&fleet, elsewhere, &second)?, 200);
    // One that the command line put into the store is found too, and can be ended from either side.
    let direct = fleet.create(&["--client", "other"])?;
    assert_eq!(status(&fleet, elsewhere, &direct)?, 200);
    operator.post(&format!("/keys/{}/revoke", direct.public), &json!({}))?;
    assert_eq!(status(&fleet, elsewhere, &direct)?, 401);
    Ok(())
}

/// `deckle key` and `deckle project` over the API do what they do to a store, and say it in the same words.
pub fn from_the_command_line(fleet: Fleet) -> Result<()> {
    let (operator, elsewhere) = (Operator::of(fleet.first()?)?, fleet.last()?);
    let create = [
        "key",
        "create",
        "--project",
        "window",
        "--client",
        "acme",
        "--per-minute",
        "60",
    ];
    let made = operator.run(&create)?;
    let first = Key::of(&made)?;
    assert_eq!(
        (&made["project"], &made["expires_at"]),
        (&json!("window"), &Value::Null)
    );
    assert_eq!(status(&fleet, elsewhere, &first)?, 200);
    // The project is there now, and a second key is no conflict.
    let more = ["--source", "@photos", "--source", "example.com", "--expires-in", "30d"];
    let second = Key::of(&operator.run(&[&create[..], &more].concat())?)?;
    let rotated = operator.run(&["key", "rotate", &first.public, "--overlap", "1h"])?;
    let third = Key::of(&rotated)?;
    for key in [&first, &third] {
        assert_eq!(status(&fleet, elsewhere, key)?, 200);
    }
    let revoked = operator.run(&["key", "revoke", &first.public])?;
    assert_eq!(revoked["public_key"], first.public.as_str());
    assert!(
        revoked["revoked_at"].as_str().is_some_and(|at| at.contains('T')),
        "{revoked}"
    );
    assert_eq!(status(&fleet, elsewhere, &first)?, 401);
    assert_eq!(status(&fleet, elsewhere, &third)?, 200);

    let listed = Operator::of(elsewhere)?.run(&["key", "list"])?;
    let find = |key: &Key| {
        let mut listed = listed.as_array()?.iter();
        listed.find(|listed| listed["public_key"] == key.public.as_str())
    };
    let seen = |key: &Key| -> Result<Value> {
        let found = find(key).with_context(|| listed.to_string())?;
        Ok(json!([
            found["state"],
            found["per_minute"],
            found["sources"],
            found["expires_at"].is_string()
        ]))
    };
    assert_eq!(seen(&first)?, json!(["revoked", 60, [], true]));
    assert_eq!(seen(&second)?, json!(["live", 60, ["@photos", "example.com"], true]));
    assert_eq!(seen(&third)?, json!(["live", 60, [], false]));
    assert!(!listed.to_string().contains(third.secret.expose()));

    let set = ["project", "set", "window", "--referer", "shop.example.com"];
    let set = operator.run(&[&set[..], &["--preset", "thumb=w_200", "--preset", "hero=w_1600"]].concat())?;
    assert_eq!(
        (&set["referers"], &set["presets"]["thumb"]),
        (&json!(["shop.example.com"]), &json!("w_200"))
    );
    let set = ["project", "set", "window", "--any-referer", "--remove-preset", "hero"];
    assert_eq!(operator.run(&set)?["presets"], json!({ "thumb": "w_200" }));
    let listed = operator.run(&["project", "list"])?;
    let window = listed
        .as_array()
        .and_then(|list| list.iter().find(|project| project["project"] == "window"));
    assert_eq!(window.context("no project")?["referers"], json!([]));
    // What the API has no words for is refused, and changes nothing.
    for set in [
        &["project", "set", "window", "--origin", "web=https://images.example.com"][..],
        &[
            "key",
            "create",
            "--project",
            "window",
            "--client",
            "a",
            "--print-records",
        ],
        &["key", "list", "--store", "other.db"],
    ] {
        assert!(!operator.command(set).output()?.status.success(), "{set:?}");
    }
    Ok(())
}
