//! Pictures that were handed in over the admin API, traced one after the other.

use super::beside::Beside;
use super::progress::Progress;
use super::{identify, informed_line, line};
use anyhow::{Context as _, Result};
use identity::KeyRecord;
use serde_json::{Value, json};
use watermark::MarkKey;

/// The way to a server's admin API. It blocks.
pub trait Desk {
    /// Takes the picture that has waited longest: the server's answer.
    ///
    /// # Errors
    /// A server that does not answer, or refuses.
    fn claim(&self) -> Result<Value>;

    /// The bytes that stand at a path.
    ///
    /// # Errors
    /// As [`Desk::claim`].
    fn read(&self, path: &str) -> Result<Vec<u8>>;

    /// Sends JSON to a path.
    ///
    /// # Errors
    /// As [`Desk::claim`].
    fn post(&self, path: &str, body: &Value) -> Result<()>;
}

/// What pictures are traced with.
pub struct Bench {
    /// The secrets that marks are made with.
    pub marking: Vec<MarkKey>,
    /// Whose keys there are.
    pub keys: Vec<KeyRecord>,
    /// Originals and what was served of them.
    pub beside: Beside,
}

/// Works off what waits, and says how many pictures that were. `bench` is asked for before the first: what was served until then
/// counts for all of them. What is wrong with one picture is told to `wrong`, in the operator's words, and the next one follows.
///
/// # Errors
/// A desk that cannot be reached, or a bench that cannot be made: the picture then waits for whoever takes it next.
pub fn work_off(
    desk: &dyn Desk,
    bench: impl FnOnce() -> Result<Bench>,
    progress: &Progress,
    wrong: impl Fn(&str, &anyhow::Error),
) -> Result<usize> {
    let (mut bench, mut made) = (Some(bench), None);
    for done in 0.. {
        let claimed = desk.claim()?;
        let job = &claimed["trace"];
        let Some(id) = job["id"].as_str() else {
            return Ok(done);
        };
        if let Some(bench) = bench.take() {
            made = Some(bench()?);
        }
        let bench = made.as_mut().context("a bench that was made")?;
        let picture = desk.read(&format!("/admin/trace/{id}/file"))?;
        let finished = match traced(bench, id, &picture, progress) {
            Ok(result) => json!({ "attempt": job["attempts"], "result": result }),
            Err(error) => {
                wrong(id, &error);
                json!({ "attempt": job["attempts"], "error": why(&error) })
            }
        };
        desk.post(&format!("/admin/trace/{id}/result"), &finished)?;
    }
    Ok(0)
}

/// The findings, as `deckle trace --json` prints them but for the original's file.
fn traced(bench: &mut Bench, name: &str, picture: &[u8], progress: &Progress) -> Result<Value> {
    if let Some(found) = identify(picture, &bench.marking, &bench.keys)? {
        return Ok(line(name, Some(&found)));
    }
    let outcome = bench.beside.find(&bench.marking, picture, false, progress)?;
    let mut line = informed_line(name, &outcome, bench.beside.suspects());
    // Where files are on this machine is nothing for the server to tell: the source says which original it is.
    if let Some(members) = line.as_object_mut() {
        members.remove("original");
    }
    Ok(line)
}

/// What callers are told.
fn why(error: &anyhow::Error) -> &'static str {
    match error.downcast_ref::<imaging::Error>() {
        Some(_) => "unreadable",
        None => "failed",
    }
}
