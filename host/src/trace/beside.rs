//! What a leak that was changed is traced with: the originals, what was served of them, and everybody who may have had it.

use super::candidate::Candidate;
use super::compared::Workshop;
use super::informed::{Outcome, Search};
use super::originals::Originals;
use super::progress::Progress;
use super::served::Served;
use super::sketches::Sketches;
use super::suspects::Suspects;
use crate::data::DataFolder;
use anyhow::{Context as _, Result};
use identity::KeyRecord;
use operations::Operations;
use std::path::Path;
use watermark::{MarkKey, Overlay};

/// The visible mark that spin.toml mounts.
const OVERLAY: &[u8] = include_bytes!("../../../static/brand/overlay.png");

/// Everything for a search beside the originals.
pub struct Beside {
    candidates: Vec<Candidate>,
    suspects: Suspects,
    overlay: Overlay,
    sketches: Sketches,
}

/// Which renditions come into question.
pub enum Renditions {
    /// Those that a log tells of.
    Served(Served),
    /// Every original with each of these.
    Guessed(Vec<Operations>),
}

impl Beside {
    /// Holds a leak against renditions of `originals` with this visible mark, or the one that comes with the program. Sketches are kept
    /// in the data folder, if there is one. Whoever has a key is suspected beside the `suspects`.
    ///
    /// # Errors
    /// A picture that is no visible mark, or a data folder that cannot be used.
    pub fn new(
        originals: &Originals,
        renditions: Renditions,
        mut suspects: Suspects,
        keys: &[KeyRecord],
        overlay: Option<&[u8]>,
        data: &Path,
    ) -> Result<Self> {
        for key in keys {
            suspects.client(&key.client_id);
        }
        let candidates = match renditions {
            Renditions::Served(served) => Candidate::served(originals, served),
            Renditions::Guessed(operations) => Candidate::guessed(originals, &operations),
        };
        let overlay = imaging::decode_overlay(overlay.unwrap_or(OVERLAY)).context("the visible mark cannot be read")?;
        let sketches = if data.exists() {
            Sketches::open(&DataFolder::open(data)?.path().join("sketches.db"))?
        } else {
            Sketches::nowhere()
        };
        Ok(Self {
            candidates,
            suspects,
            overlay,
            sketches,
        })
    }

    /// Searches. `pictures`: also for somebody to look at.
    ///
    /// # Errors
    /// A leak or an original that cannot be read.
    pub fn find(&mut self, marking: &[MarkKey], leak: &[u8], pictures: bool, progress: &Progress) -> Result<Outcome> {
        let search = Search {
            workshop: Workshop {
                marking,
                overlay: &self.overlay,
            },
            candidates: &self.candidates,
            subjects: self.suspects.subjects(),
        };
        search.find(leak, &mut self.sketches, pictures, progress)
    }

    /// Whether there is nothing to compare a leak with.
    pub fn is_empty(&self) -> bool {
        self.candidates.is_empty()
    }

    /// Who is suspected.
    pub fn suspects(&self) -> &Suspects {
        &self.suspects
    }
}
