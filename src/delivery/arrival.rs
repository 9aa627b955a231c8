//! An original on its way to us.

use crate::renditions::{Fingerprint, Fingerprinting, Recipe};
use crate::request::Delivery;
use crate::settings::Settings;
use identity::Untraceable;
use imaging::{Budget, Error, Unmarked};
use operations::Format;

/// What is made of an original as its bytes come: its fingerprint, and, where that cannot make it useless, the rendition.
pub struct Arrival<'a> {
    fingerprinting: Fingerprinting,
    rendition: Option<imaging::Arrival<'a>>,
    /// Bytes that are in the fingerprint and were not taken.
    seen: usize,
}

impl<'a> Arrival<'a> {
    /// Takes the fingerprint alone.
    pub fn new(recipe: &Recipe) -> Self {
        Self {
            fingerprinting: recipe.fingerprinting(),
            rendition: None,
            seen: 0,
        }
    }

    /// Has it decoded as it comes, unless it may have to be decoded more than once.
    pub fn decoding(self, settings: &'a Settings, delivery: &'a Delivery<'_>, budget: &'a Budget) -> Self {
        let (operations, accept) = (&delivery.operations, delivery.request.accept.as_deref());
        let once = operations.format != Some(Format::Auto) || delivery.project.untraceable != Untraceable::Refuse;
        let overlay = settings.overlay().ok().filter(|_| once);
        let decoding = |overlay| imaging::Arrival::new(operations, accept, overlay, &settings.marking, budget);
        Self {
            rendition: overlay.map(decoding),
            ..self
        }
    }

    /// Looks at what was added to what there is, and may take all of it.
    pub fn take(&mut self, arrived: &mut Vec<u8>) {
        self.fingerprinting.push(arrived.get(self.seen..).unwrap_or_default());
        if let Some(rendition) = &mut self.rendition {
            rendition.take(arrived);
        }
        self.seen = arrived.len();
    }

    /// Names the original, when all of it has come.
    pub fn fingerprint(&self) -> Fingerprint {
        self.fingerprinting.finish()
    }

    /// The rendition, if it was decoded as it came; `left` is what was not taken, which is everything if it was not.
    pub fn finish(self, left: &[u8]) -> Option<Result<Unmarked, Error>> {
        self.rendition?.finish(left)
    }
}
