//! S3: signatures that continue a known one, as a plain hash of secret and text would allow. S4: keys that can be guessed.

use crate::target::{FORGED, Target, now, parameter, with};
use anyhow::{Context, Result, ensure};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use deckle_tests::Key;
use secret::{MasterKey, SecretText};
use sha2::block_api::compress256;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    extensions(target)?;
    weak_keys(target)
}

/// Whoever knows H(k || m) knows the state that hashing on starts from: H(k || m || padding || more) follows.
fn extensions(target: &Target) -> Result<()> {
    let good = target.v2(&Options::until(now() + 900).once("attack-s03-000000"))?;
    let tag = URL_SAFE_NO_PAD.decode(parameter(&good, "sig"))?;
    let more = with(&good, "once", "attack-s03-000000A");
    // The length of what was hashed before is not known to an attacker, who tries them all.
    for blocks_before in 1..8_u64 {
        let mut state = [0_u32; 8];
        for (word, bytes) in state.iter_mut().zip(tag.chunks_exact(4)) {
            *word = u32::from_be_bytes(bytes.try_into()?);
        }
        let mut block = [0; 64];
        block[..2].copy_from_slice(&[b'A', 0x80]);
        block[56..].copy_from_slice(&((blocks_before * 64 + 1) * 8).to_be_bytes());
        compress256(&mut state, &[block]);
        let forged: Vec<u8> = state.iter().flat_map(|word| word.to_be_bytes()).collect();
        target.refuses(&with(&more, "sig", &URL_SAFE_NO_PAD.encode(forged)), 403, FORGED)?;
    }
    target.serves(&good).map(drop)
}

fn weak_keys(target: &Target) -> Result<()> {
    let source = target.source("good/x.jpg");
    for guess in [
        "",
        "\0",
        "a",
        "secret",
        "password",
        "changeme",
        "sk_test",
        "sk_",
        &"\0".repeat(32),
        &"0".repeat(46),
        &"k".repeat(65),
    ] {
        let forger = Key {
            secret: SecretText::new(guess.to_owned()),
            ..target.key.clone()
        };
        target.refuses(&forger.sign("w_96", &source, Some(now() + 60)), 403, FORGED)?;
        let options = Options::until(now() + 60);
        target.refuses(&target.v2_of(&forger, "w_96", &source, &options)?, 403, FORGED)?;
    }
    // There is no way to choose a key: it is made here, of 32 random bytes.
    for _ in 0..4 {
        let key = target.create_key("shop", &[])?;
        let random = key.secret.expose().strip_prefix("sk_").context("the prefix")?;
        let random = URL_SAFE_NO_PAD.decode(random)?;
        ensure!(random.len() == 32 && random.iter().any(|byte| *byte != random[0]));
    }
    // Nor is a password a master key.
    for weak in [
        "",
        "secret",
        "password",
        "hunter2hunter2hunter2",
        &"A".repeat(43),
        &"A".repeat(42),
        &"x".repeat(44),
    ] {
        ensure!(MasterKey::parse(weak).is_err(), "{weak} is a master key");
    }
    Ok(())
}
