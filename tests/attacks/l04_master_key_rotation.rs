//! L4: a master key is replaced without a moment at which nothing works, and after it the old key opens nothing.

use crate::target::{FORGED, GOOD, Target, now, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::{Deckle, FaultyOrigin, Key, MASTER_KEY, get};
use secret::MasterKey;

/// 1 to 32.
const NEXT: &str = "AQIDBAUGBwgJCgsMDQ4PEBESExQVFhcYGRobHB0eHyA";

pub fn attack(target: &Target) -> Result<()> {
    let origin = FaultyOrigin::start(target.serves(&target.v1("_", &target.source(GOOD)))?.body)?;
    let source = format!("{}/{GOOD}", origin.url.trim_start_matches("http://"));
    let mut deckle = Deckle::with_origin(&origin.url)?;
    let old = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "client_old"])?)?;
    deckle.publish_client(&old.client)?;
    let signed = |key: &Key| key.sign("w_96,f_png", &source, Some(now() + 600));
    let token = |jti| token(&old, &source, jti);
    let delivered = get(&deckle.url(&signed(&old)))?;
    ensure!(delivered.status == 200);
    let (before, during) = (token(1)?, token(2)?);

    // Another key alone opens nothing, and serves nothing rather than anything unchecked.
    deckle.set_variable("MASTER_KEY", NEXT);
    deckle = deckle.kill_and_restart()?;
    refused(&get(&deckle.url(&signed(&old)))?, 503, "Service unavailable")?;
    refused(&get(&deckle.url(&before))?, 403, FORGED)?;
    ensure!(deckle.trace(&delivered.body).is_err() || deckle.trace(&delivered.body)?["marked"] == false);

    // With the one before beside it everything goes on; what is new is sealed under the new one.
    deckle.set_variable("MASTER_KEY_PREVIOUS", MASTER_KEY);
    deckle = deckle.kill_and_restart()?;
    ensure!(get(&deckle.url(&signed(&old)))?.status == 200, "a key of before");
    ensure!(get(&deckle.url(&before))?.status == 200, "a token of before");
    refused(&get(&deckle.url(&before))?, 410, "gone")?;
    ensure!(deckle.trace(&delivered.body)?["client_id"] == "client_old");
    let new = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "client_new"])?)?;
    let resealed = deckle.run(&["key", "reseal"])?;
    ensure!(
        (&resealed["sealed"], &resealed["unchanged"]) == (&1.into(), &1.into()),
        "{resealed}"
    );

    // Then the old one can go, and with it what only it could prove.
    deckle.set_variable("MASTER_KEY_PREVIOUS", "");
    deckle = deckle.kill_and_restart()?;
    for key in [&old, &new] {
        ensure!(get(&deckle.url(&signed(key)))?.status == 200, "{}", key.client);
    }
    refused(&get(&deckle.url(&during))?, 403, FORGED)
}

/// A token as it was minted before.
fn token(key: &Key, source: &str, jti: u8) -> Result<String> {
    let grant = token::Grant {
        client_id: key.client.clone(),
        public_key: key.public.clone(),
        epoch: 1,
        address: None,
        source: source.to_owned(),
        operations: "w_96".to_owned(),
    };
    let ring = token::KeyRing::new(&MasterKey::parse(MASTER_KEY)?, None);
    let token = token::mint(&ring, "deckle", &grant, token::Jti::new([jti; 16]), now()).context("a token")?;
    Ok(format!("/i/{}", token.expose()))
}
