//! An original on its way to us.

use crate::renditions::{Fingerprint, Fingerprinting, Recipe};
use crate::request::Delivery;
use crate::settings::Settings;
use identity::Untraceable;
use imaging::{Budget, Error, Unmarked};
use operations::Format;

/// What is made of an original as its bytes come: the rendition, and with it the fingerprint.
pub struct Arrival<'a> {
    recipe: &'a Recipe,
    rendition: Option<imaging::Arrival<'a>>,
    /// Of what was taken, once something was.
    taken: Option<Fingerprinting>,
}

impl<'a> Arrival<'a> {
    /// Leaves it as it comes.
    pub fn new(recipe: &'a Recipe) -> Self {
        Self {
            recipe,
            rendition: None,
            taken: None,
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
        let Some(rendition) = &mut self.rendition else { return };
        if rendition.take(arrived) {
            let fingerprinting = self.taken.get_or_insert_with(|| self.recipe.fingerprinting());
            fingerprinting.push(arrived);
            arrived.clear();
        }
    }

    /// Names the original, when all of it has come; `left` is what was not taken.
    pub fn fingerprint(&mut self, left: &[u8]) -> Fingerprint {
        match self.taken.take() {
            Some(taken) => taken.finish(left),
            None => self.recipe.fingerprint(left),
        }
    }

    /// The rendition, if it was decoded as it came; `left` is the same.
    pub fn finish(self, left: &[u8]) -> Option<Result<Unmarked, Error>> {
        self.rendition?.finish(left)
    }
}
