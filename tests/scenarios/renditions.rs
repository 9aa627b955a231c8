//! What was rendered for one client serves another, marked for the other.

use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, FaultyOrigin, Key, Reply, get, repository};
use serde_json::Value;
use std::time::Duration;

const OPERATIONS: &str = "w_640,f_jpeg";

/// A host that keeps renditions in its memory, its origin, and two clients.
struct Shop {
    deckle: Deckle,
    origin: FaultyOrigin,
    clients: [Key; 2],
}

fn shop(arguments: &[&str]) -> Result<Shop> {
    let origin = FaultyOrigin::start(std::fs::read(repository().join("static/photos/tea-gardens.jpg"))?)?;
    let deckle = Deckle::with_origin_and_arguments(&origin.url, arguments)?;
    let key = |client| Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", client])?);
    let clients = [key("client_north")?, key("client_south")?];
    Ok(Shop {
        deckle,
        origin,
        clients,
    })
}

impl Shop {
    fn picture(&self, key: &Key) -> Result<Reply> {
        let source = format!("{}/good/x.jpg", self.origin.url.trim_start_matches("http://"));
        let reply = get(&self.deckle.url(&key.sign(OPERATIONS, &source, None)))?;
        ensure!(reply.status == 200, "{}", String::from_utf8_lossy(&reply.body));
        Ok(reply)
    }

    /// The lines that the edge has logged of pictures.
    fn lines(&self) -> Result<Vec<Value>> {
        let log = std::fs::read_to_string(self.deckle.data.path().join("logs/edge.jsonl"))?;
        log.lines().map(|line| Ok(serde_json::from_str(line)?)).collect()
    }
}

const KEPT: [&str; 2] = ["--variable", "renditions=renditions"];

#[test]
fn the_second_client_s_picture_is_made_of_the_first_one_s_rendition() -> Result<()> {
    let shop = shop(&KEPT)?;
    let [north, south] = &shop.clients;
    let (first, second) = (shop.picture(north)?, shop.picture(south)?);
    assert_eq!(shop.origin.requests(), 1);
    assert_eq!(first.body.len(), second.body.len());
    assert_ne!(first.body, second.body);
    for (reply, key) in [(&first, north), (&second, south)] {
        assert_eq!(shop.deckle.trace(&reply.body)?["client_id"], key.client.as_str());
        assert_eq!(reply.header("x-deckle-mark"), Some("traceable"));
        assert_eq!(reply.header("content-type"), Some("image/jpeg"));
    }
    // They differ by marks, which nobody sees.
    let pixels = |reply: &Reply| anyhow::Ok(image::load_from_memory(&reply.body)?.to_luma8());
    let (one, other) = (pixels(&first)?, pixels(&second)?);
    let error: f64 = one
        .pixels()
        .zip(other.pixels())
        .map(|(a, b)| f64::from(a.0[0].abs_diff(b.0[0])).powi(2))
        .sum();
    let psnr = 10.0 * (255.0_f64.powi(2) * f64::from(one.width() * one.height()) / error).log10();
    assert!((45.0..90.0).contains(&psnr), "{psnr} dB");

    let lines = shop.lines()?;
    let [cold, warm] = &lines[..] else {
        anyhow::bail!("{lines:?}")
    };
    assert_eq!((&cold["kept"], &warm["kept"]), (&false.into(), &true.into()));
    for member in ["source", "operations", "format", "variant"] {
        ensure!(
            cold[member].is_string() && cold[member] == warm[member],
            "{cold} {warm}"
        );
    }
    assert_eq!(cold["operations"], OPERATIONS);
    let source = format!("{}/good/x.jpg", shop.origin.url);
    assert_eq!(cold["source"], source.as_str());
    Ok(())
}

#[test]
fn a_crowd_that_wants_one_picture_has_it_made_once() -> Result<()> {
    let shop = shop(&KEPT)?;
    let replies: Vec<Result<Reply>> = std::thread::scope(|scope| {
        let asked: Vec<_> = (0..12)
            .map(|n| (&shop, &shop.clients[n % 2]))
            .map(|(shop, client)| scope.spawn(move || shop.picture(client)))
            .collect();
        asked.into_iter().filter_map(|asked| asked.join().ok()).collect()
    });
    assert_eq!(replies.len(), 12);
    let bodies: Vec<Vec<u8>> = replies
        .into_iter()
        .map(|reply| Ok(reply?.body))
        .collect::<Result<_>>()?;
    ensure!(
        bodies.iter().step_by(2).all(|body| *body == bodies[0]),
        "one client, one picture"
    );
    ensure!(bodies.iter().skip(1).step_by(2).all(|body| *body == bodies[1]));
    // On a machine so slow that waiting gave up, more than one was made; never one each.
    ensure!(shop.origin.requests() < 6, "{} were fetched", shop.origin.requests());
    Ok(())
}

#[test]
fn it_can_be_off_and_small() -> Result<()> {
    let off = shop(&[])?;
    off.picture(&off.clients[0])?;
    off.picture(&off.clients[1])?;
    assert_eq!(off.origin.requests(), 2);
    let small = shop(&[&KEPT[..], &["--renditions", "0"]].concat())?;
    small.picture(&small.clients[0])?;
    small.picture(&small.clients[1])?;
    assert_eq!(small.origin.requests(), 2, "there is no room for any");
    Ok(())
}

/// The store can be on disk, where renditions outlive the process, and where the janitor deletes what is old.
#[test]
fn renditions_on_disk_outlive_the_host_until_they_are_old() -> Result<()> {
    let folder = tempfile::tempdir()?;
    let configuration = folder.path().join("stores.toml");
    std::fs::write(
        &configuration,
        "[key_value_store.renditions]\ntype = 'spin'\npath = 'renditions.db'\n",
    )?;
    let configuration = configuration.to_string_lossy().into_owned();
    let mut shop = shop(&[&KEPT[..], &["--runtime-config-file", &configuration]].concat())?;
    let first = shop.picture(&shop.clients[0])?;
    let store = rusqlite::Connection::open(folder.path().join("renditions.db"))?;
    store.busy_timeout(Duration::from_secs(5))?;
    let names = || -> Result<Vec<String>> {
        let mut query =
            store.prepare("SELECT key FROM spin_key_value WHERE store = 'renditions' AND key LIKE 'rendition/%'")?;
        Ok(query.query_map([], |row| row.get(0))?.collect::<Result<_, _>>()?)
    };
    let name = names()?.pop().context("nothing is kept")?;
    // A copy of it from long ago.
    let copy = "INSERT INTO spin_key_value SELECT store, 'rendition/1/' || substr(key, -22), value FROM spin_key_value WHERE key = ?1";
    store.execute(copy, [&name])?;
    shop.deckle = shop.deckle.kill_and_restart()?;
    assert_eq!(shop.picture(&shop.clients[0])?.body, first.body);
    assert_eq!(shop.origin.requests(), 1);
    // The janitor comes some seconds after the start.
    for _ in 0..100 {
        if names()?.len() == 1 {
            break;
        }
        std::thread::sleep(Duration::from_millis(200));
    }
    assert_eq!(names()?, [name]);
    Ok(())
}

#[test]
fn what_left_is_counted_by_what_its_mark_can_do() -> Result<()> {
    let shop = shop(&["--metrics", "127.0.0.1:0"])?;
    let [north, south] = &shop.clients;
    shop.picture(north)?;
    shop.picture(south)?;
    let source = format!("{}/good/x.jpg", shop.origin.url.trim_start_matches("http://"));
    let small = get(&shop.deckle.url(&north.sign("w_64,f_jpeg", &source, None)))?;
    assert_eq!((small.status, small.header("x-deckle-mark")), (200, Some("fragile")));
    let unsigned = get(&shop.deckle.url(&format!("/shop/{OPERATIONS}/{source}")))?;

    let url = shop.deckle.ready["metrics"].as_str().context("no metrics")?;
    let counts = get(url)?;
    assert_eq!(counts.status, 200);
    assert!(
        counts
            .header("content-type")
            .is_some_and(|text| text.starts_with("application/openmetrics-text"))
    );
    let text = String::from_utf8(counts.body)?;
    for line in [
        "deckle_pictures_total{mark=\"traceable\",type=\"image/jpeg\"} 2".to_owned(),
        "deckle_pictures_total{mark=\"fragile\",type=\"image/jpeg\"} 1".to_owned(),
        "deckle_answers_total{status=\"200\"} 3".to_owned(),
        format!("deckle_answers_total{{status=\"{}\"}} 1", unsigned.status),
    ] {
        ensure!(text.lines().any(|have| have == line), "no {line} in {text}");
    }
    // Not where the pictures are.
    assert_eq!(get(&shop.deckle.url("/metrics"))?.status, 404);
    Ok(())
}
