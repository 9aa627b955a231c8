//! A1: guessing API keys, and locking their owners out by guessing. A2: having the host hash all day. A3: a key that was
//! replaced. (With clocks that a test can turn: the control component's own tests of limits.)

use crate::accounts::{account, create, elsewhere, log_in, open, operate, pair, refresh};
use crate::target::{Target, now, refused};
use anyhow::{Context, Result, ensure};
use deckle_tests::Reply;
use serde_json::json;

pub fn attack(target: &Target) -> Result<()> {
    locks(target)?;
    limits(target)?;
    hashes(target)?;
    rotation(target)
}

/// Five wrong keys lock a client for the network that they came from, known or not; its owner is elsewhere, and gets in.
fn locks(target: &Target) -> Result<()> {
    let victim = open(target, json!({ "name": "Victim" }))?;
    for id in [victim.id.as_str(), "client_0000000000000000000000"] {
        let place = elsewhere();
        for _ in 0..5 {
            refused(
                &log_in(target, &place, id, "sk_live_guess")?,
                401,
                "invalid_credentials",
            )?;
        }
        let locked = log_in(target, &place, id, &victim.api_key)?;
        refused(&locked, 429, "auth_rate_limit").context(id.to_owned())?;
        let wait: u64 = locked.header("retry-after").context("no Retry-After")?.parse()?;
        ensure!((61..=300).contains(&wait), "{id} is locked for {wait} s");
    }
    pair(target, &log_in(target, &elsewhere(), &victim.id, &victim.api_key)?)?;
    ensure!(
        account(target, &victim.access)?.status == 200,
        "locked out by a stranger"
    );
    Ok(())
}

/// Ten attempts a minute as one client, wherever they come from and however many come at once.
fn limits(target: &Target) -> Result<()> {
    let (id, api_key) = create(target, json!({ "name": "Guessed" }))?;
    let began = now() / 60;
    let replies = at_once(40, || log_in(target, &elsewhere(), &id, &api_key))?;
    let admitted = replies.iter().filter(|reply| reply.status == 200).count();
    for reply in replies.iter().filter(|reply| reply.status != 200) {
        refused(reply, 429, "auth_rate_limit")?;
    }
    let most = if now() / 60 == began { 10 } else { 20 };
    ensure!((10..=most).contains(&admitted), "{admitted} of 40");
    for reply in replies.iter().filter(|reply| reply.status == 200) {
        pair(target, reply)?;
    }
    Ok(())
}

/// Hashes wait for their turn like everything else: each is answered, and pictures are served beside them.
fn hashes(target: &Target) -> Result<()> {
    let good = target.plain_v2()?;
    std::thread::scope(|scope| -> Result<()> {
        let guessing = scope.spawn(|| {
            at_once(48, || {
                let id = format!("client_{}", elsewhere().replace(':', ""));
                log_in(target, &elsewhere(), &id, "sk_live_guess")
            })
        });
        let mut served = 0;
        while !guessing.is_finished() || served == 0 {
            target.serves(&good)?;
            served += 1;
        }
        let guesses = guessing.join().ok().context("a guess failed")??;
        guesses
            .iter()
            .try_for_each(|reply| refused(reply, 401, "invalid_credentials"))
    })
}

/// With the answer to a rotation everything from before it is dead.
fn rotation(target: &Target) -> Result<()> {
    let old = open(target, json!({ "name": "Rotated" }))?;
    let (status, made) = operate(target, "POST", &format!("/admin/clients/{}/rotate", old.id), None)?;
    ensure!(status == 200, "{made}");
    let new = made["api_key"].as_str().context("no key")?;
    target.keep_secret(new);
    let again = log_in(target, &elsewhere(), &old.id, &old.api_key)?;
    refused(&again, 401, "invalid_credentials")?;
    refused(&account(target, &old.access)?, 401, "unauthenticated")?;
    refused(&refresh(target, &old.refresh)?, 401, "refresh_token_invalid")?;
    pair(target, &log_in(target, &elsewhere(), &old.id, new)?).map(drop)
}

/// So many requests at once.
pub fn at_once(number: usize, request: impl Fn() -> Result<Reply> + Sync) -> Result<Vec<Reply>> {
    std::thread::scope(|scope| {
        let asking: Vec<_> = (0..number).map(|_| scope.spawn(&request)).collect();
        let replies = asking
            .into_iter()
            .map(|asked| asked.join().ok().context("a request failed")?);
        replies.collect()
    })
}
