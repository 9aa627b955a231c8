//! K8: a store that is late by half a second and loses every twentieth command, and an origin that fails every other time.

use crate::target::Target;
use anyhow::{Context, Result, ensure};
use deckle_tests::{Fault, Reply};
use std::time::{Duration, Instant};

const CLIENTS: usize = 8;
const EACH: usize = 5;

pub fn attack(target: &Target) -> Result<()> {
    let plain = target.plain_v2()?;
    target
        .proxy()?
        .set(Fault::LateAndBroken(Duration::from_millis(500), 20));
    let start = Instant::now();
    let replies = storm(target, |number| match number % 2 {
        0 => Ok(plain.clone()),
        _ => target.once(&format!("k08-{number}")),
    });
    target.proxy()?.set(Fault::None);
    let replies = replies?;
    let served = replies.iter().filter(|reply| reply.status == 200).count();
    for reply in &replies {
        ensure!([200, 503].contains(&reply.status), "{}", reply.status);
        ensure!(reply.status == 200 || reply.header("retry-after") == Some("1"));
    }
    ensure!(
        served * 2 > replies.len() && served < replies.len(),
        "{served} of {} served",
        replies.len()
    );
    ensure!(start.elapsed() < Duration::from_secs(60), "{:?}", start.elapsed());
    target.recovers(&plain)?;

    let asked = target.origin.requests();
    let flapping = target.v1("w_96,f_png", &target.source("flapping/x.jpg"));
    let replies = storm(target, |_| Ok(flapping.clone()))?;
    for reply in &replies {
        ensure!([200, 502, 503].contains(&reply.status), "{}", reply.status);
    }
    let asked = target.origin.requests() - asked;
    ensure!(
        asked * 10 <= replies.len() * 11,
        "{asked} requests to the origin for {}",
        replies.len()
    );
    target.recovers(&target.v1("w_97,f_png", &target.source("good/x.jpg")))
}

fn storm(target: &Target, url: impl Fn(usize) -> Result<String> + Sync) -> Result<Vec<Reply>> {
    std::thread::scope(|scope| {
        let ask = |client: usize| {
            let url = &url;
            scope.spawn(move || {
                (0..EACH)
                    .map(|n| target.get(&url(client * EACH + n)?))
                    .collect::<Result<Vec<_>>>()
            })
        };
        let clients: Vec<_> = (0..CLIENTS).map(ask).collect();
        let mut replies = Vec::new();
        for client in clients {
            replies.extend(client.join().ok().context("a client failed")??);
        }
        Ok(replies)
    })
}
