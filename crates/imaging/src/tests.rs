//! Tests of the whole way.

mod adjustments;
mod arrival;
pub(crate) mod fixtures;
mod geometry;
mod goldens;
mod hostile;
mod marks;
mod moving;
mod planes;
mod sharp;
mod work;
