use super::job::{Job, find};
use crate::ports::Host;
use crate::refusal::Refusal;
use crate::request::{Body, BodyLost};
use crate::sql::Database;
use base64::{Engine, engine::general_purpose::STANDARD, engine::general_purpose::URL_SAFE_NO_PAD};
use futures::StreamExt;
use problem::Code;

/// Longest picture in bytes.
const MAX_FILE: usize = 16 * 1024 * 1024;
/// Bytes in one piece as it is stored.
const PART: usize = 192 * 1024;
/// Pictures that may wait or be worked on at a time: more would fill the database.
const MOST_WAITING: i64 = 32;
/// When to come back once as many wait, in seconds.
const LATER: u64 = 60;

/// Stores a picture as it arrives; once it is there whole, it is a job. A body that breaks off leaves a beginning that nobody sees, until
/// [`prune`](super::prune) takes it away.
pub async fn upload<H: Host>(host: &H, mut body: Body) -> Result<Job, Refusal> {
    let waiting = "SELECT COUNT(*) FROM traces WHERE state IN ('uploading', 'queued', 'working')";
    let waiting: i64 = host
        .query(waiting, &[])
        .await?
        .first()
        .map_or(Ok(0), |row| row.get(0))?;
    if waiting >= MOST_WAITING {
        return Err(Refusal::until(Code::RateLimited, LATER));
    }
    let id = format!("trc_{}", URL_SAFE_NO_PAD.encode(host.random::<16>()));
    let begin = "INSERT INTO traces (id, created_at, state, attempts, leased_until, bytes) VALUES ($1, $2, 'uploading', 0, 0, 0)";
    host.execute(begin, &[(&id).into(), host.now().into()]).await?;

    let (mut length, mut part, mut gathered) = (0_usize, 0_u64, Vec::new());
    while let Some(piece) = body.0.next().await {
        let piece = piece.map_err(|BodyLost| Refusal::because(Code::BadRequest, "the file was cut off"))?;
        length = length.saturating_add(piece.len());
        if length > MAX_FILE {
            return Err(Code::PayloadTooLarge.into());
        }
        gathered.extend(piece);
        while gathered.len() >= PART {
            let rest = gathered.split_off(PART);
            store(host, &id, &mut part, &gathered).await?;
            gathered = rest;
        }
    }
    if length == 0 {
        return Err(Code::BadRequest.into());
    }
    if !gathered.is_empty() {
        store(host, &id, &mut part, &gathered).await?;
    }
    let queue = "UPDATE traces SET state = 'queued', bytes = $1 WHERE id = $2";
    host.execute(queue, &[(length as u64).into(), (&id).into()]).await?;
    let job = find(host, &id).await?;
    job.ok_or_else(|| Refusal::because(Code::InternalError, "a trace that was stored is gone"))
}

/// The picture of a job that somebody works on. `None` where there is none (any more).
pub async fn read<D: Database>(database: &D, id: &str) -> Result<Option<Vec<u8>>, Refusal> {
    let mut file = Vec::new();
    let statement = "SELECT content FROM trace_files WHERE trace_id = $1 AND part = $2";
    // A piece at a time: all of them at once would be in memory twice.
    for part in 0_u64.. {
        let rows = database.query(statement, &[id.into(), part.into()]).await?;
        let Some(row) = rows.first() else { break };
        let content: String = row.get(0)?;
        let piece = STANDARD.decode(content);
        file.extend(piece.map_err(|error| Refusal::because(Code::InternalError, error))?);
    }
    Ok((!file.is_empty()).then_some(file))
}

async fn store<D: Database>(database: &D, id: &str, part: &mut u64, bytes: &[u8]) -> Result<(), Refusal> {
    let statement = "INSERT INTO trace_files (trace_id, part, content) VALUES ($1, $2, $3)";
    let values = [id.into(), (*part).into(), STANDARD.encode(bytes).into()];
    database.execute(statement, &values).await?;
    *part = part.saturating_add(1);
    Ok(())
}
