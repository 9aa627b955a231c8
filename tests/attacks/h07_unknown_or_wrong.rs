//! H7: whether a client exists. An unknown one, a wrong key and a client that was disabled are one answer, in one time, to who
//! does not have the key.

use crate::accounts::{ask, create, elsewhere, log_in, operate};
use crate::h06_enumeration::same_answer;
use crate::s05_timing::{differ, medians};
use crate::target::{Target, refused};
use anyhow::{Result, ensure};
use serde_json::json;

/// Wrong keys a client is told of in one measurement: below its ten attempts a minute.
const ATTEMPTS_OF_ONE: usize = 8;
const CLIENTS: usize = 5;
const MEASUREMENTS: usize = 4;

pub fn attack(target: &Target) -> Result<()> {
    answers(target)?;
    times(target)
}

fn answers(target: &Target) -> Result<()> {
    let named = |name: &str| create(target, json!({ "name": name }));
    let ((known, key), (_, other), (disabled, right)) = (named("Known")?, named("Other")?, named("Disabled")?);
    operate(target, "POST", &format!("/admin/clients/{disabled}/disable"), None)?;
    let base = log_in(target, &elsewhere(), "client_nobodyofthisname0000", &key)?;
    refused(&base, 401, "invalid_credentials")?;
    for (id, api_key) in [
        (known.as_str(), other.as_str()),
        (disabled.as_str(), "sk_live_000000000000000000000000000000000000"),
        ("nobody", "nothing"),
    ] {
        same_answer(&base, &log_in(target, &elsewhere(), id, api_key)?)?;
    }
    refused(
        &log_in(target, &elsewhere(), &disabled, &right)?,
        403,
        "client_disabled",
    )
}

/// An unknown client's key is hashed as a known one's is.
fn times(target: &Target) -> Result<()> {
    let unknown = |number: usize| format!("client_{number:022}");
    let mut seen = Vec::new();
    for _ in 0..MEASUREMENTS {
        let clients = (0..CLIENTS).map(|number| create(target, json!({ "name": format!("Timed {number}") })));
        let clients: Vec<(String, String)> = clients.collect::<Result<_>>()?;
        let (mut of_known, mut of_unknown) = (0, 0);
        let guess = |id: &str| {
            let reply = log_in(target, &elsewhere(), id, "sk_live_000000000000000000000000000000000000")?;
            refused(&reply, 401, "invalid_credentials")
        };
        let (known, nobody) = medians(
            CLIENTS * ATTEMPTS_OF_ONE,
            || {
                of_known += 1;
                guess(&clients[of_known % CLIENTS].0)
            },
            || {
                of_unknown += 1;
                guess(&unknown(seen.len() * 1000 + of_unknown))
            },
        )?;
        if !differ(known, nobody) {
            return can_tell(target);
        }
        seen.push((known, nobody));
    }
    anyhow::bail!("a known and an unknown client take different times: {seen:?}")
}

/// The measurement can tell times apart: without a key there is nothing to hash.
fn can_tell(target: &Target) -> Result<()> {
    let mut number = 0;
    let (empty, guess) = medians(
        10,
        || {
            let body = json!({ "client_id": "client_x" });
            let reply = ask(target, &elsewhere(), "POST", "/api/v1/auth/token", None, Some(&body))?;
            refused(&reply, 400, "missing_credentials")
        },
        || {
            number += 1;
            let id = format!("client_other{number:017}");
            refused(
                &log_in(target, &elsewhere(), &id, "sk_live_guess")?,
                401,
                "invalid_credentials",
            )
        },
    )?;
    ensure!(differ(empty, guess), "the clock tells nothing: {empty:?} and {guess:?}");
    Ok(())
}
