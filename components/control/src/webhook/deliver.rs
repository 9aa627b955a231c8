use super::{HEADER, secret_name, sign};
use crate::ports::{Host, Post};
use crate::refusal::Refusal;
use crate::settings::Settings;
use crate::sql::SqlError;
use secret::SecretText;
use serde_json::json;

/// Webhooks in one call.
const AT_A_TIME: i64 = 16;
/// Tries of one webhook: with the pauses in between about three days.
const MOST_TRIES: u64 = 24;
/// Seconds before the second try; each pause is twice the one before, up to the longest.
const FIRST_PAUSE: u64 = 10;
const LONGEST_PAUSE: u64 = 21_600;

struct Due {
    id: String,
    kind: String,
    created_at: u64,
    data: String,
    attempts: u64,
    url: Option<String>,
    secret: Option<String>,
    client_id: String,
}

/// Sends what is due. Each webhook is claimed by counting the try and putting the next one off, in one statement: a host that dies
/// while it sends leaves it to the next try.
pub async fn deliver<H: Host>(host: &H, settings: &Settings) -> Result<(), Refusal> {
    let now = host.now() / 1000;
    for due in due(host, now).await? {
        let next = now.saturating_add(pause(due.attempts));
        let claim = "UPDATE outbox SET attempts = attempts + 1, next_at = $1 WHERE id = $2 AND attempts = $3 AND delivered_at IS NULL";
        let claimed = host
            .execute(claim, &[next.into(), (&due.id).into(), due.attempts.into()])
            .await?;
        if claimed == 1 && send(host, settings, &due, now).await {
            let statement = "UPDATE outbox SET delivered_at = $1 WHERE id = $2";
            host.execute(statement, &[now.into(), (&due.id).into()]).await?;
        }
    }
    Ok(())
}

/// Those of clients with a webhook; the others wait in the list for the operator to see.
async fn due<H: Host>(host: &H, now: u64) -> Result<Vec<Due>, SqlError> {
    let statement = "SELECT outbox.id, outbox.kind, outbox.created_at, outbox.body, outbox.attempts, clients.webhook_url, clients.webhook_secret, clients.id \
                     FROM outbox JOIN clients ON clients.id = outbox.client_id \
                     WHERE outbox.delivered_at IS NULL AND outbox.next_at <= $1 AND outbox.attempts < $2 \
                     AND clients.webhook_url IS NOT NULL ORDER BY outbox.next_at LIMIT $3";
    let rows = host
        .query(statement, &[now.into(), MOST_TRIES.into(), AT_A_TIME.into()])
        .await?;
    rows.iter()
        .map(|row| {
            Ok(Due {
                id: row.get(0)?,
                kind: row.get(1)?,
                created_at: row.get(2)?,
                data: row.get(3)?,
                attempts: row.get(4)?,
                url: row.get(5)?,
                secret: row.get(6)?,
                client_id: row.get(7)?,
            })
        })
        .collect()
}

async fn send<H: Host>(host: &H, settings: &Settings, due: &Due, now: u64) -> bool {
    let (Some(url), Some(secret)) = (&due.url, secret(settings, due)) else {
        return false;
    };
    let data: serde_json::Value = serde_json::from_str(&due.data).unwrap_or_default();
    let body = json!({ "id": due.id, "kind": due.kind, "created_at": due.created_at, "data": data }).to_string();
    let post = Post {
        url,
        headers: &[
            ("content-type", "application/json"),
            (HEADER, &sign(&secret, now, &body)),
        ],
        body: body.as_bytes(),
    };
    matches!(host.post(&post).await, Ok(200..=299))
}

fn secret(settings: &Settings, due: &Due) -> Option<SecretText> {
    let sealed = due.secret.as_deref()?;
    settings.sealing().open(sealed, &secret_name(&due.client_id)).ok()
}

/// Seconds until the next try after so many.
fn pause(attempts: u64) -> u64 {
    let doubled = u32::try_from(attempts)
        .ok()
        .and_then(|attempts| FIRST_PAUSE.checked_shl(attempts.min(32)));
    doubled.unwrap_or(LONGEST_PAUSE).min(LONGEST_PAUSE)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn pauses_double_up_to_six_hours_and_end_after_three_days() {
        let pauses: Vec<u64> = (0..MOST_TRIES).map(pause).collect();
        assert_eq!(pauses[..4], [10, 20, 40, 80]);
        assert_eq!(pauses.last(), Some(&LONGEST_PAUSE));
        let days = pauses.iter().sum::<u64>() / 86_400;
        assert!((2..=4).contains(&days), "{days}");
        assert_eq!(pause(u64::MAX), LONGEST_PAUSE);
    }
}
