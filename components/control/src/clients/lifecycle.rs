use super::{Tier, find, publish};
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::sql::{Database, SqlError, transaction};
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use catalogue::Scope;
use credentials::{ApiKey, Hash, client_id};
use problem::Code;

/// Makes a client at `now` (Unix seconds), which may do everything that its tier may. Gives its id and its API key, which is
/// never shown again.
pub async fn create(host: &impl Host, name: &str, tier: Tier, now: u64) -> Result<(String, ApiKey), Refusal> {
    let id = client_id(host.random());
    let (key_id, key) = (key_id(host), ApiKey::new(host.random()));
    let client = "INSERT INTO clients (id, name, contact, tier, epoch, key_id, scope, scope_hash, allowlist, ip_binding, \
                  ip_prefix_v4, ip_prefix_v6, only_presets, created_at) \
                  VALUES ($1, $2, '', $3, 1, $4, $5, $6, '[]', 1, 32, 64, 0, $7)";
    let values = [
        (&id).into(),
        name.into(),
        tier.name().into(),
        (&key_id).into(),
        Scope::Full.canonical().into(),
        Scope::Full.hash().into(),
        now.into(),
    ];
    // The key first: a client whose row names no key cannot be read.
    insert_key(host, &key_id, &id, &key, now).await?;
    host.execute(client, &values).await?;
    publish(host, &id).await?;
    Ok((id, key))
}

/// Gives a client a new API key at `now`: the old one ends, and every token with it, and a quarantine.
pub async fn rotate(host: &impl Host, id: &str, now: u64) -> Result<ApiKey, Refusal> {
    let (key_id, key) = (key_id(host), ApiKey::new(host.random()));
    insert_key(host, &key_id, id, &key, now).await?;
    let update = "UPDATE clients SET key_id = $1, key_quarantined_at = NULL, epoch = epoch + 1 \
                  WHERE id = $2 AND revoked_at IS NULL";
    if host.execute(update, &[(&key_id).into(), id.into()]).await? == 0 {
        host.execute("DELETE FROM api_keys WHERE id = $1", &[(&key_id).into()])
            .await?;
        return Err(missing_or_revoked(host, id).await?);
    }
    publish(host, id).await?;
    Ok(key)
}

/// Ends a client for good at `now`, and every token with it. Ending it again changes nothing.
pub async fn revoke(host: &impl Host, id: &str, now: u64) -> Result<(), Refusal> {
    let update = "UPDATE clients SET revoked_at = $1, epoch = epoch + 1 WHERE id = $2 AND revoked_at IS NULL";
    if host.execute(update, &[now.into(), id.into()]).await? == 0 && find(host, id).await?.is_none() {
        return Err(Code::NotFound.into());
    }
    publish(host, id).await
}

/// Ends a client at `now` until it is enabled again, and every token with it. `reason` is for its owner.
pub async fn disable(host: &impl Host, id: &str, reason: &str, now: u64) -> Result<(), Refusal> {
    let update = "UPDATE clients SET disabled_at = $1, disabled_reason = $2, epoch = epoch + 1 \
                  WHERE id = $3 AND disabled_at IS NULL AND revoked_at IS NULL";
    let values = [now.into(), reason.into(), id.into()];
    if host.execute(update, &values).await? == 0 && find(host, id).await?.is_none() {
        return Err(Code::NotFound.into());
    }
    publish(host, id).await
}

/// Lets a client that was disabled ask again. Its tokens stay ended; a revoked one stays revoked.
pub async fn enable(host: &impl Host, id: &str) -> Result<(), Refusal> {
    let update = "UPDATE clients SET disabled_at = NULL, disabled_reason = NULL WHERE id = $1 AND revoked_at IS NULL";
    if host.execute(update, &[id.into()]).await? == 0 {
        return Err(missing_or_revoked(host, id).await?);
    }
    publish(host, id).await
}

/// Ends everything that a client holds, after a refresh token of the epoch `epoch` was used twice: every token, and the API
/// key until it is replaced. Its owner is told once. Gives whether this call did it.
pub(crate) async fn quarantine<H: Host>(
    host: &H,
    id: &str,
    epoch: u64,
    request_id: &str,
    now: u64,
) -> Result<bool, Refusal> {
    let notice = URL_SAFE_NO_PAD.encode(host.random::<16>());
    let body = serde_json::json!({
        "kind": "refresh_token_reused", "client_id": id, "request_id": request_id, "occurred_at": now,
    });
    // The row and the notice count together: nobody is quarantined in silence, or told what did not happen.
    let done = transaction(host, async |host: &H| -> Result<bool, SqlError> {
        let update = "UPDATE clients SET epoch = epoch + 1, key_quarantined_at = $1 WHERE id = $2 AND epoch = $3";
        if host.execute(update, &[now.into(), id.into(), epoch.into()]).await? == 0 {
            return Ok(false);
        }
        let insert = "INSERT INTO outbox (id, client_id, kind, body, created_at, attempts, next_at) \
                      VALUES ($1, $2, 'refresh_token_reused', $3, $4, 0, $5)";
        let values = [
            notice.into(),
            id.into(),
            body.to_string().into(),
            now.into(),
            now.into(),
        ];
        host.execute(insert, &values).await?;
        Ok(true)
    })
    .await?;
    if done {
        publish(host, id).await?;
    }
    Ok(done)
}

async fn insert_key(host: &impl Host, key_id: &str, id: &str, key: &ApiKey, now: u64) -> Result<(), SqlError> {
    let hash = Hash::new(key.expose(), host.random()).to_text();
    let insert = "INSERT INTO api_keys (id, client_id, hash, created_at) VALUES ($1, $2, $3, $4)";
    let values = [key_id.into(), id.into(), hash.into(), now.into()];
    host.execute(insert, &values).await.map(|_| ())
}

async fn missing_or_revoked(host: &impl Database, id: &str) -> Result<Refusal, SqlError> {
    Ok(match find(host, id).await? {
        None => Code::NotFound.into(),
        Some(_) => Code::ClientDisabled.into(),
    })
}

fn key_id(host: &impl Host) -> String {
    format!("key_{}", URL_SAFE_NO_PAD.encode(host.random::<16>()))
}
