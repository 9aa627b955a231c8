//! J9: access tokens and signed URLs of clients that are no longer what they were when these were made. (One-shot URLs: the
//! scenario `admin`.)

use crate::accounts::{account, open, operate, pair, refresh};
use crate::target::{GOOD, Target, now, refused};
use anyhow::{Result, ensure};
use deckle_tests::{Key, MASTER_KEY};
use secret::MasterKey;
use serde_json::{Value, json};
use token::{AccessRing, Bearer, Jti, mint_access};

pub fn attack(target: &Target) -> Result<()> {
    let settings = |name: &str| json!({ "name": name });
    let change = |id: &str, method: &str, step: &str, body: Option<Value>| -> Result<()> {
        let (status, answer) = operate(target, method, &format!("/admin/clients/{id}{step}"), body)?;
        ensure!(status == 200, "{step}: {answer}");
        Ok(())
    };
    // A scope that changed: the token says another one. The session goes on, with the new scope.
    let scoped = open(target, settings("Scoped"))?;
    let narrow = json!({ "scope": { "brands": ["Acme"] } });
    change(&scoped.id, "PATCH", "", Some(narrow))?;
    refused(&account(target, &scoped.access)?, 401, "unauthenticated")?;
    let (access, _) = pair(target, &refresh(target, &scoped.refresh)?)?;
    ensure!(account(target, &access)?.status == 200, "the new scope's token");
    // Disabled: at once, and its tokens stay dead when it is enabled again.
    let disabled = open(target, settings("Disabled"))?;
    let create = ["key", "create", "--project", "shop", "--client", disabled.id.as_str()];
    let key = Key::of(&target.deckle.run(&create)?)?;
    target.keep_secret(key.secret.expose());
    let url = key.sign("w_96,f_png", &target.source(GOOD), Some(now() + 3600));
    target.serves(&url)?;
    change(&disabled.id, "POST", "/disable", None)?;
    target.refuses(&url, 403, "client_disabled")?;
    refused(&account(target, &disabled.access)?, 403, "client_disabled")?;
    refused(&refresh(target, &disabled.refresh)?, 403, "client_disabled")?;
    change(&disabled.id, "POST", "/enable", None)?;
    refused(&account(target, &disabled.access)?, 401, "unauthenticated")?;
    refused(&refresh(target, &disabled.refresh)?, 401, "refresh_token_invalid")?;
    target.serves(&url)?;
    change(&disabled.id, "POST", "/revoke", None)?;
    target.refuses(&url, 403, "client_disabled")?;
    // Revoked: for good.
    let revoked = open(target, settings("Revoked"))?;
    change(&revoked.id, "POST", "/revoke", None)?;
    refused(&account(target, &revoked.access)?, 403, "client_disabled")?;
    refused(&refresh(target, &revoked.refresh)?, 403, "client_disabled")?;
    minted(target, &scoped.id)
}

/// Rightly signed tokens of an earlier and a later epoch, and of nobody.
fn minted(target: &Target, id: &str) -> Result<()> {
    let (_, read) = operate(target, "GET", &format!("/admin/clients/{id}"), None)?;
    let ring = AccessRing::new(&MasterKey::parse(MASTER_KEY)?, None);
    for (number, (client_id, epoch)) in [(id, 0), (id, 2), (id, u64::MAX), ("client_0000000000000000000000", 1)]
        .into_iter()
        .enumerate()
    {
        let bearer = Bearer {
            client_id: client_id.to_owned(),
            tier: "standard".to_owned(),
            scope_hash: read["client"]["scope_hash"].as_str().unwrap_or("scope").to_owned(),
            epoch,
            session: "fam_attack".to_owned(),
        };
        let jti = Jti::new([u8::try_from(number)?; 16]);
        let token = mint_access(&ring, "deckle", &bearer, jti, now())?;
        target.keep_secret(token.expose());
        refused(&account(target, token.expose())?, 401, "unauthenticated")?;
    }
    Ok(())
}
