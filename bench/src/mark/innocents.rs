//! A million clients who had no part in a leak.

use anyhow::Result;
use distortion::named;
use watermark::Subject;

use super::leaks::Renditions;
use super::marked::{CLIENTS, decoded};
use super::row::{Attack, Outcome};
use crate::progress;

/// Photographs that are leaked.
const PHOTOGRAPHS: usize = 3;

/// Leaks by somebody who is not among a million clients, all of whom are scored.
pub fn attack(renditions: &[Renditions]) -> Result<Attack> {
    let everybody: Vec<Subject> = (0..CLIENTS)
        .map(|client| Subject::of(&format!("innocent {client}")))
        .collect();
    let mut outcomes = Vec::new();
    for rendition in renditions.iter().take(PHOTOGRAPHS) {
        progress::show(&format!("scoring a million clients: {}", rendition.photograph().name));
        let copy = decoded(&rendition.usual().copy(Subject::of("stranger"))?)?;
        let leak = match named("jpeg75") {
            Some(distortion) => distortion.apply(&copy)?,
            None => copy,
        };
        let found = rendition.usual().search(&leak.into(), &everybody);
        let verdict = found.as_ref().map(|found| &found.verdict);
        let nearest = verdict
            .and_then(|verdict| verdict.closest)
            .map_or(0.0, |closest| closest.log10);
        outcomes.push(Outcome {
            held_back: rendition.photograph().held_back,
            leakers: 0,
            accused: 0,
            innocents: verdict.map_or(0, |verdict| verdict.accused.len()),
            log10: [nearest; 2],
            request: found.as_ref().is_some_and(|found| found.request),
        });
    }
    progress::clear();
    Ok(Attack {
        name: "STRANGER/jpeg75, a million innocents".to_owned(),
        outcomes,
    })
}
