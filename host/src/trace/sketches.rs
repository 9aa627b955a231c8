//! Which originals a leak may show, by a few features of each. They are kept, for most originals stay what they are.

use super::picture::{leak_budget, plane};
use super::progress::Progress;
use crate::files::append_private;
use anyhow::{Context as _, Result};
use rayon::prelude::*;
use registration::{Plane, Sketch};
use rusqlite::{Connection, OptionalExtension as _, params};
use std::path::Path;
use std::time::UNIX_EPOCH;

/// Sketches of originals, kept in a file or not at all.
pub struct Sketches(Option<Connection>);

/// Points that must agree for an original to be looked at closely, where there is a choice.
const AGREEING: usize = 6;
/// Originals that are looked at closely, of the many that are only sketched.
const CLOSELY: usize = 3;
/// Sketches that are in memory at a time.
const AT_A_TIME: usize = 64;
/// What features are and where they are looked for: to be raised when either changes, so that no sketch of before is used.
const VERSION: i64 = 1;

/// What tells a file from what it was before.
type Stamp = (i64, i64);

impl Sketches {
    /// None are kept.
    pub fn nowhere() -> Self {
        Self(None)
    }

    /// Those kept in a file, which is made if it does not exist.
    ///
    /// # Errors
    /// A file that cannot be opened or is something else.
    pub fn open(file: &Path) -> Result<Self> {
        drop(append_private(file).with_context(|| format!("{} cannot be created", file.display()))?);
        let connection = Connection::open(file)?;
        connection.execute_batch(&format!(
            "CREATE TABLE IF NOT EXISTS sketches (
                file TEXT PRIMARY KEY, length INTEGER NOT NULL, modified INTEGER NOT NULL, version INTEGER NOT NULL,
                sketch BLOB NOT NULL
            ) STRICT;
            DELETE FROM sketches WHERE version <> {VERSION};"
        ))?;
        Ok(Self(Some(connection)))
    }

    /// The originals that a leak may show, the likeliest first: all if there are few, else those whose sketch agrees best.
    ///
    /// # Errors
    /// A sketch that cannot be kept. An original that cannot be read shows nothing.
    pub fn closest<'o>(&mut self, originals: &[&'o Path], leak: &Plane, progress: &Progress) -> Result<Vec<&'o Path>> {
        if originals.len() <= CLOSELY {
            return Ok(originals.to_vec());
        }
        let sides = [Sketch::new(leak), Sketch::new(&leak.mirrored())];
        let sketched = progress.counter("sketching", originals.len());
        let mut agreeing = Vec::with_capacity(originals.len());
        for some in originals.chunks(AT_A_TIME) {
            let kept = some.iter().map(|original| self.kept(original));
            let kept = kept.collect::<Result<Vec<_>>>()?;
            let compared = some.par_iter().zip(kept).map(|(&original, (stamp, kept))| {
                let made = kept.is_none().then(|| sketch(original)).flatten();
                let agreement = kept.as_ref().or(made.as_ref()).map_or(0, |sketch| {
                    let agreement = sides.iter().map(|side| sketch.agreement(side));
                    agreement.max().unwrap_or(0)
                });
                sketched(1);
                (agreement, original, made.map(|sketch| (stamp, sketch.to_bytes())))
            });
            let mut made = Vec::new();
            for (agreement, original, sketch) in compared.collect::<Vec<_>>() {
                agreeing.push((agreement, original));
                made.extend(sketch.map(|(stamp, sketch)| (original, stamp, sketch)));
            }
            self.keep(&made)?;
        }
        agreeing.sort_by_key(|&(agreement, _)| std::cmp::Reverse(agreement));
        let close = agreeing.into_iter().filter(|&(agreement, _)| agreement >= AGREEING);
        Ok(close.take(CLOSELY).map(|(_, original)| original).collect())
    }

    /// What the file is now, and its sketch if that is kept.
    fn kept(&self, original: &Path) -> Result<(Stamp, Option<Sketch>)> {
        let stamp = stamp(original).unwrap_or_default();
        let Some(connection) = &self.0 else {
            return Ok((stamp, None));
        };
        let mut statement = connection
            .prepare_cached("SELECT sketch FROM sketches WHERE file = ?1 AND length = ?2 AND modified = ?3")?;
        let sketch = statement.query_row(params![name(original), stamp.0, stamp.1], |row| {
            Ok(row.get_ref(0)?.as_blob().ok().and_then(Sketch::from_bytes))
        });
        Ok((stamp, sketch.optional()?.flatten()))
    }

    fn keep(&mut self, made: &[(&Path, Stamp, Vec<u8>)]) -> Result<()> {
        let Some(connection) = &mut self.0 else {
            return Ok(());
        };
        let transaction = connection.transaction()?;
        for (original, (length, modified), sketch) in made {
            transaction.execute(
                "INSERT OR REPLACE INTO sketches (file, length, modified, version, sketch) VALUES (?1, ?2, ?3, ?4, ?5)",
                params![name(original), length, modified, VERSION, sketch],
            )?;
        }
        Ok(transaction.commit()?)
    }
}

/// The name under which a sketch is kept: the whole path, from wherever this program was called.
fn name(original: &Path) -> String {
    std::path::absolute(original)
        .unwrap_or_else(|_| original.to_owned())
        .to_string_lossy()
        .into_owned()
}

/// Length and time of change, in nanoseconds.
fn stamp(file: &Path) -> Option<Stamp> {
    let metadata = std::fs::metadata(file).ok()?;
    let modified = metadata.modified().ok()?.duration_since(UNIX_EPOCH).ok()?;
    Some((
        i64::try_from(metadata.len()).ok()?,
        i64::try_from(modified.as_nanos()).ok()?,
    ))
}

/// A sketch of a file, JPEG decoded no larger than it needs to be.
fn sketch(original: &Path) -> Option<Sketch> {
    let file = std::fs::read(original).ok()?;
    let luma = imaging::small_luma(&file, Sketch::LONG_SIDE, &leak_budget()).ok()?;
    Some(Sketch::new(&plane(luma).ok()?))
}
