//! Where a rendition lies in a leak: which point of the one is which point of the other, to a tenth of a pixel.
//!
//! The tracer has what was leaked *from*, so a leak need not be read as it is: it can be brought back to the rendition's grid
//! first, however it was turned, scaled, cropped, mirrored or tilted, and also out of the middle of a screenshot.
//!
//! 1. [`features`]: points that can be found again at any scale and angle (Lowe, "Distinctive image features from
//!    scale-invariant keypoints", IJCV 2004), paired between the pictures.
//! 2. [`consensus`]: the similarity or homography that most pairs agree on (Fischler and Bolles, "Random sample consensus",
//!    1981). Where too few do, [`template`] slides the leak over the rendition at several scales.
//! 3. [`refine`]: the homography under which the two pictures are most alike, to a fraction of a pixel (after Evangelidis and
//!    Psarakis, "Parametric image alignment using enhanced correlation coefficient maximization", PAMI 2008).
//!
//! Nothing here knows of marks: a registration that looked at a codeword would spoil the bound on accusing an innocent.

mod consensus;
mod features;
mod homography;
mod linear;
mod plane;
mod refine;
mod register;
mod scale_space;
mod sketch;
mod template;
mod warp;

pub use homography::Homography;
pub use linear::solve;
pub use plane::Plane;
pub use register::{Reference, Registration};
pub use sketch::Sketch;
pub use warp::{Mask, Warped};
