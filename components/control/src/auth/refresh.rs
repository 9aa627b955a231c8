//! `POST /api/v1/auth/refresh`: a new pair of tokens for a refresh token, once.

use super::issue::{self, Session};
use super::limits;
use crate::clients::{self, Client};
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::Request;
use crate::sql::{Database, SqlError};
use answer::Answer;
use credentials::{Family, Hash, RefreshToken, Token, Verdict, judge};
use problem::Code;
use secret::SecretText;
use serde::Deserialize;

#[derive(Deserialize)]
#[serde(deny_unknown_fields)]
struct Body {
    refresh_token: Option<String>,
}

/// The endpoint.
pub async fn refresh<H: Host>(context: &Context<'_, H>, request: Request) -> Result<Answer, Refusal> {
    let body: Body = request.json(Code::MissingRefreshToken).await?;
    let text = body.refresh_token.filter(|text| !text.is_empty()).map(SecretText::new);
    let text = text.ok_or(Code::MissingRefreshToken)?;
    // A selector has 75 random bits: who sends an unknown one learns nothing from how fast it is refused.
    let presented = RefreshToken::parse(text.expose()).ok_or(Code::RefreshTokenInvalid)?;
    let stored = Stored::find(context.host, &presented)
        .await?
        .ok_or(Code::RefreshTokenInvalid)?;
    limits::count(context, limits::REFRESH_BY_CLIENT, &stored.client_id)?;
    if !stored.hash.matches(presented.verifier()) {
        return Err(Code::RefreshTokenInvalid.into());
    }

    let client = stored.client(context).await?;
    context.event.borrow_mut().client_id = Some(client.id.clone());
    match stored.judge(&presented, context.seconds()) {
        Verdict::Current => {}
        verdict => return Err(ended(context, &stored, &client, verdict).await?),
    }
    if !client.admits(context.address) {
        return Err(Code::ClientIpNotAllowed.into());
    }
    let successor = issue::store(context, &stored.family_id).await?;
    if advance(context.host, &stored.family_id, &presented, &successor).await? {
        let session = Session {
            family: stored.family_id,
            epoch: stored.family.epoch,
        };
        return issue::answer(context, &client, session, &successor);
    }
    // Somebody was faster: with this token, or with the client.
    let delete = "DELETE FROM refresh_tokens WHERE selector = $1";
    context.host.execute(delete, &[successor.selector().into()]).await?;
    let stored = Stored::find(context.host, &presented)
        .await?
        .ok_or(Code::RefreshTokenInvalid)?;
    let client = stored.client(context).await?;
    let verdict = stored.judge(&presented, context.seconds());
    Err(ended(context, &stored, &client, verdict).await?)
}

/// Makes the successor of a token the current one of its family, if the token still is. This statement decides.
async fn advance(
    database: &impl Database,
    family_id: &str,
    from: &RefreshToken,
    to: &RefreshToken,
) -> Result<bool, SqlError> {
    let update = "UPDATE refresh_families SET current = $1 WHERE id = $2 AND current = $3 AND revoked_at IS NULL \
                  AND epoch = (SELECT epoch FROM clients WHERE clients.id = refresh_families.client_id)";
    let values = [to.selector().into(), family_id.into(), from.selector().into()];
    Ok(database.execute(update, &values).await? == 1)
}

/// What a token that cannot be used is answered with. One that was used before ends everything that its client holds.
async fn ended<H: Host>(
    context: &Context<'_, H>,
    stored: &Stored,
    client: &Client,
    verdict: Verdict,
) -> Result<Refusal, Refusal> {
    Ok(match verdict {
        Verdict::Reused => {
            let (id, epoch) = (&client.id, stored.family.epoch);
            clients::quarantine(context.host, id, epoch, context.request_id, context.seconds()).await?;
            Code::RefreshTokenReused.into()
        }
        Verdict::Expired => Code::RefreshTokenExpired.into(),
        Verdict::Dead => Code::RefreshTokenInvalid.into(),
        Verdict::Current => Refusal::because(Code::Unavailable, "a refresh lost to nobody"),
    })
}

/// A refresh token as it is stored, with its family.
pub struct Stored {
    /// What proves it.
    pub hash: Hash,
    expires_at: u64,
    /// Its family.
    pub family_id: String,
    /// Whose it is.
    pub client_id: String,
    family: Family,
    /// Read in one statement with the family: an epoch that was raised because of the family's next step is never seen without it.
    client_epoch: u64,
}

impl Stored {
    /// Finds a token by its selector.
    pub async fn find(database: &impl Database, token: &RefreshToken) -> Result<Option<Self>, SqlError> {
        let select = "SELECT t.hash, t.expires_at, f.id, f.client_id, f.current, f.epoch, f.revoked_at, c.epoch \
                      FROM refresh_tokens t JOIN refresh_families f ON f.id = t.family_id \
                      JOIN clients c ON c.id = f.client_id WHERE t.selector = $1";
        let rows = database.query(select, &[token.selector().into()]).await?;
        let Some(row) = rows.first() else { return Ok(None) };
        Ok(Some(Self {
            hash: Hash::parse(&row.get::<String>(0)?).ok_or(SqlError::Column(0))?,
            expires_at: row.get(1)?,
            family_id: row.get(2)?,
            client_id: row.get(3)?,
            family: Family {
                current: row.get(4)?,
                epoch: row.get(5)?,
                revoked: row.get::<Option<u64>>(6)?.is_some(),
            },
            client_epoch: row.get(7)?,
        }))
    }

    fn judge(&self, presented: &RefreshToken, now: u64) -> Verdict {
        let token = Token {
            selector: presented.selector(),
            expires_at: self.expires_at,
        };
        judge(token, &self.family, self.client_epoch, now)
    }

    /// The client, if it may ask for anything.
    async fn client<H: Host>(&self, context: &Context<'_, H>) -> Result<Client, Refusal> {
        let client = clients::find(context.host, &self.client_id).await?;
        let client = client.ok_or(Code::RefreshTokenInvalid)?;
        match client.is_active(context.seconds()) {
            true => Ok(client),
            false => Err(Code::ClientDisabled.into()),
        }
    }
}
