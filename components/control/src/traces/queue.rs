use super::job::{COLUMNS, Job};
use crate::sql::{Database, SqlError};

/// Milliseconds for which a job is its taker's: more than any search among a thousand originals needs.
const LEASE: u64 = 30 * 60_000;
/// Takers that may get lost over one picture before it is given up.
const MOST_ATTEMPTS: u64 = 3;
/// Milliseconds that findings are kept.
const KEPT: u64 = 90 * 86_400_000;
/// Milliseconds after which an upload that has not ended never will.
const ABANDONED: u64 = 3_600_000;

/// What came of a job.
pub enum Outcome {
    /// The findings, as JSON.
    Found(String),
    /// A word that says why there are none.
    Failed(String),
}

/// Takes the job that has waited longest: one that nobody took, or whose taker got lost. One statement decides who has it. `now` is
/// Unix milliseconds.
pub async fn claim<D: Database>(database: &D, now: u64) -> Result<Option<Job>, SqlError> {
    let give_up = "UPDATE traces SET state = 'failed', result = 'abandoned', finished_at = $1 \
                   WHERE state = 'working' AND leased_until <= $1 AND attempts >= $2";
    database.execute(give_up, &[now.into(), MOST_ATTEMPTS.into()]).await?;
    // The conditions stand twice: whoever waited for another's claim of the same row looks at it again.
    let take = format!(
        "UPDATE traces SET state = 'working', attempts = attempts + 1, leased_until = $1 WHERE id = \
         (SELECT id FROM traces WHERE state IN ('queued', 'working') AND leased_until <= $2 ORDER BY created_at, id LIMIT 1) \
         AND state IN ('queued', 'working') AND leased_until <= $2 RETURNING {COLUMNS}"
    );
    let until = now.saturating_add(LEASE);
    let rows = database.query(&take, &[until.into(), now.into()]).await?;
    rows.first().map(Job::read).transpose()
}

/// Notes what came of a job, and lets go of its picture. `None`: it is not the caller's any more. `now` is Unix milliseconds.
pub async fn finish<D: Database>(
    database: &D,
    id: &str,
    attempt: i64,
    outcome: Outcome,
    now: u64,
) -> Result<Option<Job>, SqlError> {
    let (state, result) = match outcome {
        Outcome::Found(result) => ("done", result),
        Outcome::Failed(why) => ("failed", why),
    };
    let statement = format!(
        "UPDATE traces SET state = $1, result = $2, finished_at = $3 \
         WHERE id = $4 AND state = 'working' AND attempts = $5 RETURNING {COLUMNS}"
    );
    let values = [state.into(), result.into(), now.into(), id.into(), attempt.into()];
    let rows = database.query(&statement, &values).await?;
    let job = rows.first().map(Job::read).transpose()?;
    if job.is_some() {
        let forget = "DELETE FROM trace_files WHERE trace_id = $1";
        database.execute(forget, &[id.into()]).await?;
    }
    Ok(job)
}

/// Takes away what was kept long enough, and uploads that broke off. `now` is Unix milliseconds.
pub async fn prune<D: Database>(database: &D, now: u64) -> Result<(), SqlError> {
    let (kept, abandoned) = (now.saturating_sub(KEPT), now.saturating_sub(ABANDONED));
    let old = "DELETE FROM traces WHERE created_at < $1 OR (state = 'uploading' AND created_at < $2)";
    database.execute(old, &[kept.into(), abandoned.into()]).await?;
    let orphans =
        "DELETE FROM trace_files WHERE NOT EXISTS (SELECT 1 FROM traces WHERE traces.id = trace_files.trace_id)";
    database.execute(orphans, &[]).await?;
    Ok(())
}
