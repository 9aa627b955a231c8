//! Tests of the whole way.

pub(crate) mod fixtures;
mod geometry;
mod goldens;
mod hostile;
mod marks;
mod planes;
mod work;
