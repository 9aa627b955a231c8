//! K9: kill -9 while single uses are claimed. After the restart each still has one use at most.

use crate::target::{Target, now};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, get};
use signed_url::PublicKey;
use signed_url::v2::{Options, signed_path};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

const URLS: usize = 240;

pub fn attack(target: &Target) -> Result<()> {
    let mut deckle = Deckle::with_origin(&target.origin.url)?;
    let key = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "client_shop"])?)?;
    target.keep_secret(key.secret.expose());
    let public = PublicKey::parse(&key.public).context("a public key")?;
    for round in 0..3 {
        let urls = (0..URLS)
            .map(|number| {
                let once = format!("attack-k09-{round}-{number:08}");
                let options = Options::until(now() + 600).once(&once);
                let source = target.source("good/x.jpg");
                Ok(signed_path(
                    &key.project,
                    "w_64,f_jpeg",
                    &source,
                    &public,
                    &key.secret,
                    &options,
                )?)
            })
            .collect::<Result<Vec<_>>>()?;
        let used: Vec<AtomicUsize> = urls.iter().map(|_| AtomicUsize::new(0)).collect();
        // Everybody wants everything, beginning elsewhere.
        let storm = |deckle: &Deckle, beside: &dyn Fn()| {
            std::thread::scope(|scope| {
                for client in 0..8 {
                    let (urls, used) = (&urls, &used);
                    let server = deckle.url("");
                    scope.spawn(move || {
                        for at in 0..URLS {
                            let at = (at + client * URLS / 8) % URLS;
                            if get(&format!("{server}{}", urls[at])).is_ok_and(|reply| reply.status == 200) {
                                used[at].fetch_add(1, Ordering::Relaxed);
                            }
                        }
                    });
                }
                beside();
            });
        };
        let id = deckle.id();
        storm(&deckle, &|| {
            std::thread::sleep(Duration::from_millis(30 + 40 * round));
            let _ = std::process::Command::new("kill")
                .args(["-s", "KILL", &id.to_string()])
                .status();
        });
        let before: usize = used.iter().map(|used| used.load(Ordering::Relaxed)).sum();
        deckle = deckle.kill_and_restart()?;
        storm(&deckle, &|| ());
        let uses: Vec<usize> = used.iter().map(|used| used.load(Ordering::Relaxed)).collect();
        ensure!(uses.iter().all(|uses| *uses <= 1), "{uses:?}");
        ensure!(
            uses.iter().sum::<usize>() > before,
            "nothing was left after the restart: this was no test"
        );
    }
    Ok(())
}
