//! O12: an origin that is down is not asked more because of that, and one that comes back meets no herd.

use crate::target::{FAILED, Target, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, FaultyOrigin, Key, Reply, get};
use std::collections::BTreeMap;
use std::net::TcpListener;
use std::time::Duration;

pub fn attack(_: &Target) -> Result<()> {
    errors()?;
    nobody_listens()
}

/// A host and a key of its own: what happens here must not close the other attacks' origin.
fn host(origin: &str) -> Result<(Deckle, Key)> {
    let deckle = Deckle::with_origin(origin)?;
    let created = deckle.run(&["key", "create", "--project", "shop", "--client", "client_storm"])?;
    Ok((deckle, Key::of(&created)?))
}

fn counted(replies: &[Reply]) -> BTreeMap<u16, usize> {
    let mut counted = BTreeMap::new();
    for reply in replies {
        *counted.entry(reply.status).or_default() += 1;
    }
    counted
}

fn errors() -> Result<()> {
    let origin = FaultyOrigin::start(crate::pictures::file(image::ImageFormat::Jpeg)?)?;
    let (deckle, key) = host(&origin.url)?;
    let url = |path: &str| deckle.url(&key.sign("w_96", &format!("{}/{path}", origin.url), None));
    let bad = url("status/500");
    let replies = (0..60).map(|_| get(&bad)).collect::<Result<Vec<_>>>()?;
    let seen = counted(&replies);
    ensure!(seen.keys().all(|status| [502, 503].contains(status)), "{seen:?}");
    ensure!(
        origin.requests() <= 20,
        "{} requests for 60, {seen:?}",
        origin.requests()
    );
    let last = replies.last().context("a reply")?;
    refused(last, 503, FAILED)?;
    ensure!(last.header("retry-after") == Some("8"), "{last:?}");
    // Many at once, for long enough that the circuit tries again, while the origin flaps.
    let before = origin.requests();
    let storm = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..8)
            .map(|client| {
                let paths = [url("status/503"), url("good/x.jpg")];
                scope.spawn(move || -> Result<usize> {
                    for number in 0..25 {
                        get(&paths[(client + number) % 2])?;
                        std::thread::sleep(Duration::from_millis(40));
                    }
                    Ok(25)
                })
            })
            .collect();
        clients
            .into_iter()
            .map(|client| client.join().unwrap_or(Ok(0)))
            .sum::<Result<usize>>()
    })?;
    let asked = origin.requests() - before;
    ensure!(asked * 10 <= storm * 11, "{asked} requests for {storm}");
    std::thread::sleep(Duration::from_secs(8));
    let reply = get(&url("good/x.jpg"))?;
    ensure!(reply.status == 200, "{reply:?}");
    Ok(())
}

fn nobody_listens() -> Result<()> {
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let origin = format!("http://{}", listener.local_addr()?);
    drop(listener);
    let (deckle, key) = host(&origin)?;
    let url = deckle.url(&key.sign("w_96", &format!("{origin}/x.jpg"), None));
    let replies = (0..30).map(|_| get(&url)).collect::<Result<Vec<_>>>()?;
    let seen = counted(&replies);
    ensure!(seen.keys().all(|status| [502, 503].contains(status)), "{seen:?}");
    ensure!(seen.get(&503).is_some_and(|refused| *refused >= 10), "{seen:?}");
    Ok(())
}
