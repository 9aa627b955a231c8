//! Everything that a delivered picture carries.

use crate::{MarkKey, Overlay, Payload};
use std::sync::Arc;

/// The marks of one delivery. None is optional: a picture with only some of its marks cannot be asked for.
#[derive(Clone, Debug)]
pub struct Marks {
    /// The visible mark, the same for everybody and therefore shared.
    pub overlay: Arc<Overlay>,
    /// The secret of the invisible marks.
    pub key: MarkKey,
    /// What the invisible marks say: the fragile one in full, the tracing code to whom.
    pub payload: Payload,
}
