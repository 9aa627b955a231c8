//! Everything that a delivered picture carries.

use crate::{Fragile, Overlay};
use std::sync::Arc;

/// The marks of one delivery. Every layer is a field and none is optional: a picture with only some of its marks
/// cannot be asked for. A further layer is a further field here and a module beside `fragile`.
#[derive(Clone, Debug)]
pub struct Marks {
    /// The visible mark, the same for everybody and therefore shared.
    pub overlay: Arc<Overlay>,
    /// The invisible mark that names the client.
    pub fragile: Fragile,
}
