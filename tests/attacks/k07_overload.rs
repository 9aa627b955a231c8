//! K7: more expensive requests than there is machine. What cannot be served in time is sent away at once, and all is well
//! as soon as they stop.

use crate::pictures::photo;
use crate::target::{Target, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, Key, get, raw_get};
use image::ImageFormat;
use std::io::Cursor;

pub fn attack(target: &Target) -> Result<()> {
    // Two at a time and sixteen in line: the test machine need not be brought to its knees.
    let deckle = Deckle::with_origin_and_arguments(&target.origin.url, &["--concurrency", "2"])?;
    let key = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "client_shop"])?)?;
    target.keep_secret(key.secret.expose());
    let mut large = Cursor::new(Vec::new());
    photo()
        .resize_exact(2400, 1800, image::imageops::FilterType::Nearest)
        .write_to(&mut large, ImageFormat::Jpeg)?;
    target.origin.put("large.jpg", large.into_inner());
    let server = deckle.url("");
    let expensive = key.sign("w_1200,f_webp", &target.source("file/large.jpg"), None);
    let replies: Vec<_> = std::thread::scope(|scope| {
        let clients: Vec<_> = (0..60).map(|_| scope.spawn(|| raw_get(&server, &expensive))).collect();
        clients.into_iter().map(|client| client.join()).collect()
    });
    let (mut served, mut away) = (0, 0);
    for reply in replies {
        let reply = reply.map_err(|_| anyhow::anyhow!("a client failed"))??;
        match reply.status {
            200 => served += 1,
            _ => {
                refused(&reply, 503, "Service unavailable")?;
                ensure!(reply.header("retry-after") == Some("1"), "no Retry-After");
                away += 1;
            }
        }
    }
    // How many of those in line are served depends on the machine: all of them, unless their deadline is over first.
    ensure!(served >= 2 && away > 0, "{served} served, {away} sent away");
    let after = get(&deckle.url(&key.sign("w_96", &target.source("good/x.jpg"), None)))?;
    ensure!(after.status == 200, "{}", after.status);
    let peak = resident_peak(&deckle).context("its memory")?;
    // Two instances of 128 MiB, what they are given and give, and the process itself.
    ensure!(peak < 600 << 10, "{peak} KiB");
    Ok(())
}

/// The most memory that a process has held, in KiB.
fn resident_peak(deckle: &Deckle) -> Result<u64> {
    let status = std::fs::read_to_string(format!("/proc/{}/status", deckle.id()))?;
    let line = status.lines().find_map(|line| line.strip_prefix("VmHWM:"));
    Ok(line.context("no VmHWM")?.trim().trim_end_matches(" kB").parse()?)
}
