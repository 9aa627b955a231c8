//! Failures in a row: after five, a client is locked for the network that they came from. From elsewhere it is not, so that
//! nobody locks a client out but from where it is.

use super::limits::{fingerprint, network};
use crate::context::Context;
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::sql::Value;
use credentials::{LOCK, MAX_FAILURES};
use problem::Code;

/// Seconds after which failures are forgotten.
const MEMORY: u64 = 86_400;

/// Who is being attempted, and from where. It may be nobody: a lock says nothing about who exists.
pub struct Attempt([Value; 2]);

impl Attempt {
    /// An attempt, if the client is not locked for this caller.
    pub async fn begin<H: Host>(context: &Context<'_, H>, client_id: &str) -> Result<Self, Refusal> {
        let who = [fingerprint(client_id).into(), network(context.address).into()];
        let select = "SELECT locked_until FROM attempts WHERE who = $1 AND network = $2";
        let rows = context.host.query(select, &who).await?;
        let locked_until = rows.first().map_or(Ok(0), |row| row.get::<u64>(0))?;
        match locked_until.checked_sub(context.seconds()) {
            Some(left @ 1..) => Err(Refusal::until(Code::AuthRateLimit, left)),
            _ => Ok(Self(who)),
        }
    }

    /// Counts a failure. The fifth in a row locks, and begins the count anew.
    pub async fn failed<H: Host>(self, context: &Context<'_, H>) -> Result<(), Refusal> {
        let Self([who, network]) = self;
        let now = context.seconds();
        let upsert = "INSERT INTO attempts (who, network, failures, last_at, locked_until) VALUES ($1, $2, 1, $3, 0) \
                      ON CONFLICT (who, network) DO UPDATE SET last_at = excluded.last_at, \
                      failures = CASE WHEN attempts.last_at < $4 THEN 1 \
                      WHEN attempts.failures + 1 >= $5 THEN 0 ELSE attempts.failures + 1 END, \
                      locked_until = CASE WHEN attempts.last_at >= $4 AND attempts.failures + 1 >= $5 THEN $6 \
                      ELSE attempts.locked_until END";
        let values = [
            who,
            network,
            now.into(),
            now.saturating_sub(MEMORY).into(),
            MAX_FAILURES.into(),
            now.saturating_add(LOCK).into(),
        ];
        context.host.execute(upsert, &values).await?;
        Ok(())
    }

    /// Forgets this caller's failures as this client, and nobody else's.
    pub async fn succeeded<H: Host>(self, context: &Context<'_, H>) -> Result<(), Refusal> {
        let delete = "DELETE FROM attempts WHERE who = $1 AND network = $2";
        context.host.execute(delete, &self.0).await?;
        Ok(())
    }
}
