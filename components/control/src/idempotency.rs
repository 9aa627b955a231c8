//! `Idempotency-Key`: a request that is sent again is not done again. The first answer is kept for a day, sealed, because it
//! can hold a secret that is shown once.

use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::sql::SqlError;
use answer::Answer;
use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};
use problem::Code;
use secret::{Sealed, SecretText};
use sha2::{Digest, Sha256};

/// Lengths of a key.
const LENGTHS: std::ops::RangeInclusive<usize> = 20..=255;
/// Seconds that an answer is kept.
const KEPT: u64 = 86_400;
/// Seconds after which a request that has not ended never will: its host is gone.
const ABANDONED: u64 = 120;
/// How often, and how many milliseconds apart, a request looks whether the one before it has ended.
const LOOKS: u32 = 50;
const PAUSE: u64 = 100;

/// A request that may have come before.
pub struct Repeatable<'a> {
    /// Whose key it is: a client, or the operator.
    pub owner: &'a str,
    /// The header, if it was sent.
    pub key: Option<&'a str>,
    /// Method and path.
    pub target: &'a str,
    /// The body.
    pub body: &'a [u8],
}

/// What stands under a key.
enum Found {
    /// Nothing: the request is ours to do.
    New,
    /// The same request, which has not ended.
    Unfinished,
    /// The same request, and its answer.
    Answered(u16, String),
}

/// Does what a request asks for, or repeats the answer that it had. Only success is kept: a refusal changed nothing, and what
/// failed may be tried again.
///
/// Side by side one of several is done, and the others wait for its answer. Where a host dies in between, the request is done
/// again after two minutes: what it does has to stand that.
pub async fn once<H: Host>(
    context: &Context<'_, H>,
    request: Repeatable<'_>,
    run: impl AsyncFnOnce() -> Result<Answer, Refusal>,
) -> Result<Answer, Refusal> {
    let Some(key) = request.key else {
        return run().await;
    };
    if !LENGTHS.contains(&key.len()) || !key.bytes().all(|b| b.is_ascii_graphic()) {
        return Err(Code::BadRequest.into());
    }
    let row = Row {
        owner: request.owner,
        key,
        fingerprint: fingerprint(&request),
    };
    for _ in 0..LOOKS {
        match row.begin(context).await? {
            Found::New => return row.run(context, run).await,
            Found::Answered(status, sealed) => return row.replay(context, status, &sealed),
            Found::Unfinished => context.host.sleep(PAUSE).await,
        }
    }
    Err(Code::IdempotencyKeyInUse.into())
}

/// The row of a key.
struct Row<'a> {
    owner: &'a str,
    key: &'a str,
    fingerprint: String,
}

impl Row<'_> {
    /// Takes the key, if nobody has it. One statement decides.
    async fn begin<H: Host>(&self, context: &Context<'_, H>) -> Result<Found, Refusal> {
        let now = context.host.now() / 1000;
        // A row that has ended its day, or that nobody will finish, is taken like none.
        let take = "INSERT INTO idempotency (owner, idempotency_key, fingerprint, created_at) VALUES ($1, $2, $3, $4) \
                    ON CONFLICT (owner, idempotency_key) DO UPDATE SET fingerprint = excluded.fingerprint, \
                    status = NULL, answer = NULL, created_at = excluded.created_at \
                    WHERE idempotency.created_at < $5 \
                    OR (idempotency.status IS NULL AND idempotency.created_at < $6 \
                    AND idempotency.fingerprint = excluded.fingerprint)";
        let values = [
            self.owner.into(),
            self.key.into(),
            (&self.fingerprint).into(),
            now.into(),
            now.saturating_sub(KEPT).into(),
            now.saturating_sub(ABANDONED).into(),
        ];
        if context.host.execute(take, &values).await? == 1 {
            return Ok(Found::New);
        }
        let select = "SELECT fingerprint, status, answer FROM idempotency WHERE owner = $1 AND idempotency_key = $2";
        let rows = context
            .host
            .query(select, &[self.owner.into(), self.key.into()])
            .await?;
        // The request before was refused meanwhile: its row is gone.
        let Some(row) = rows.first() else {
            return Ok(Found::Unfinished);
        };
        if row.get::<String>(0)? != self.fingerprint {
            return Err(Code::IdempotencyKeyMismatch.into());
        }
        Ok(match (row.get::<Option<u64>>(1)?, row.get::<Option<String>>(2)?) {
            (Some(status), Some(sealed)) => {
                let status = u16::try_from(status).map_err(|_| SqlError::Column(1))?;
                Found::Answered(status, sealed)
            }
            _ => Found::Unfinished,
        })
    }

    async fn run<H: Host>(
        &self,
        context: &Context<'_, H>,
        run: impl AsyncFnOnce() -> Result<Answer, Refusal>,
    ) -> Result<Answer, Refusal> {
        match run().await {
            Ok(answer) => {
                let sealed = self.seal(context, &answer)?;
                let update =
                    "UPDATE idempotency SET status = $1, answer = $2 WHERE owner = $3 AND idempotency_key = $4";
                let status = u64::from(answer.status).into();
                let values = [status, sealed.into(), self.owner.into(), self.key.into()];
                context.host.execute(update, &values).await?;
                Ok(answer)
            }
            Err(refusal) => {
                let delete = "DELETE FROM idempotency WHERE owner = $1 AND idempotency_key = $2";
                // Where this fails too, the key is free after two minutes.
                let _ = context
                    .host
                    .execute(delete, &[self.owner.into(), self.key.into()])
                    .await;
                Err(refusal)
            }
        }
    }

    fn replay<H: Host>(&self, context: &Context<'_, H>, status: u16, sealed: &str) -> Result<Answer, Refusal> {
        let opened = context.settings.sealing().open(sealed, &self.place());
        let body = opened.map_err(|e| Refusal::because(Code::InternalError, e))?;
        let mut answer = Answer::json(status, context.request_id, body.expose().as_bytes().to_vec());
        answer.header("idempotency-replayed", "1".to_owned());
        Ok(answer)
    }

    fn seal<H: Host>(&self, context: &Context<'_, H>, answer: &Answer) -> Result<String, Refusal> {
        let body = String::from_utf8(answer.body.clone())
            .map_err(|e| Refusal::because(Code::InternalError, e.utf8_error()))?;
        let (nonce, body) = (context.host.random(), SecretText::new(body));
        let sealed = Sealed::seal(context.settings.sealing().current(), &self.place(), &body, nonce);
        Ok(sealed.map_err(|e| Refusal::because(Code::InternalError, e))?.to_text())
    }

    /// What the stored answer is sealed for.
    fn place(&self) -> String {
        format!("idempotency/{}/{}", self.owner, self.key)
    }
}

fn fingerprint(request: &Repeatable<'_>) -> String {
    let digest = Sha256::new()
        .chain_update(request.target)
        .chain_update("\n")
        .chain_update(request.body)
        .finalize();
    URL_SAFE_NO_PAD.encode(digest)
}

#[cfg(test)]
mod tests;
