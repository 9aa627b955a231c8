//! What a leak may have been made from.

use super::originals::Originals;
use super::served::{Delivery, Served};
use fingerprint::Variant;
use imaging::OutputFormat;
use operations::Operations;
use std::path::PathBuf;

/// A rendition that was served, or may have been.
#[derive(Clone, Debug)]
pub struct Candidate {
    /// The original's file.
    pub original: PathBuf,
    /// The address that it was fetched from, by the log.
    pub source: Option<String>,
    /// What was made of it.
    pub operations: Operations,
    /// In which format; `None`: in each that the operations may have given.
    pub format: Option<OutputFormat>,
    /// Which rendition it was by the log; `None` for what is only guessed.
    pub variant: Option<Variant>,
    /// Who had it, by the log, and when.
    pub deliveries: Vec<Delivery>,
}

impl Candidate {
    /// Each original with each of the operations.
    pub fn guessed(originals: &Originals, operations: &[Operations]) -> Vec<Self> {
        let each = |original: &PathBuf| {
            let original = original.clone();
            operations.iter().map(move |operations| Self {
                original: original.clone(),
                source: None,
                operations: operations.clone(),
                format: None,
                variant: None,
                deliveries: Vec::new(),
            })
        };
        originals.all().iter().flat_map(each).collect()
    }

    /// The renditions of a log whose originals are here, those that were served most often first.
    pub fn served(originals: &Originals, served: Served) -> Vec<Self> {
        let candidate = |(rendition, deliveries): (super::served::Rendition, Vec<Delivery>)| {
            Some(Self {
                original: originals.find(&rendition.source)?.to_owned(),
                operations: operations::parse(&rendition.operations).ok()?,
                format: Some(OutputFormat::from_name(&rendition.format)?),
                variant: Some(rendition.variant),
                source: Some(rendition.source),
                deliveries,
            })
        };
        let mut candidates: Vec<Self> = served.renditions.into_iter().filter_map(candidate).collect();
        candidates.sort_by_key(|candidate| std::cmp::Reverse(candidate.deliveries.len()));
        candidates
    }
}
