use super::query;
use crate::sql::{Database, SqlError};
use audit::{Checkpoint, Class, Key};

/// Most entries that are deleted at a time, so that nobody waits long for the database.
const AT_A_TIME: i64 = 5000;

/// Cuts off what was kept long enough, and puts a checkpoint in its place. Gives how many entries went.
///
/// The checkpoint is written first: a crash in between leaves entries that it already stands for, and the next call deletes them.
pub async fn prune<D: Database>(database: &D, key: &Key, class: Class, now: u64) -> Result<u64, SqlError> {
    let chain = class.as_str();
    // Entries of several writers are not in the exact order of their times: everything before the first that must stay can go.
    let kept = "SELECT MIN(seq) FROM audit WHERE chain = $1 AND answered_at >= $2";
    let kept = database.query(kept, &[chain.into(), class.cutoff(now).into()]).await?;
    let kept: Option<i64> = kept.first().map_or(Ok(None), |row| row.get(0))?;
    let bounds = "SELECT MIN(seq), MAX(seq) FROM audit WHERE chain = $1";
    let bounds = database.query(bounds, &[chain.into()]).await?;
    let (Some(first), Some(last)) = bounds.first().map_or(Ok((None, None)), |row| {
        Ok((row.get::<Option<i64>>(0)?, row.get::<Option<i64>>(1)?))
    })?
    else {
        return Ok(0);
    };
    let until = kept
        .map_or(last, |kept| kept - 1)
        .min(first.saturating_add(AT_A_TIME - 1));
    if until < first {
        return Ok(0);
    }
    let Some(entry) = query::after(database, chain, until - 1, 1).await?.into_iter().next() else {
        return Ok(0);
    };
    let Checkpoint { seq, hash, tag, .. } = Checkpoint::of(&entry, key);
    let keep = "INSERT INTO audit_checkpoints (chain, seq, hash, tag) VALUES ($1, $2, $3, $4) ON CONFLICT (chain) DO UPDATE \
                SET seq = excluded.seq, hash = excluded.hash, tag = excluded.tag WHERE audit_checkpoints.seq < excluded.seq";
    database
        .execute(keep, &[chain.into(), seq.into(), hash.into(), tag.into()])
        .await?;
    let delete = "DELETE FROM audit WHERE chain = $1 AND seq <= $2";
    database.execute(delete, &[chain.into(), until.into()]).await
}
