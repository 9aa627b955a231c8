//! Pictures as tracing looks at them: their brightness.

use anyhow::{Context as _, Result};
use evidence::Coded;
use imaging::{Budget, Luma};
use registration::Plane;

/// Pixels of a leak: more are not compared, so that a panorama does not take all of the machine's memory.
const LARGE: f64 = 16e6;

/// A leaked file.
pub struct Leak {
    /// Its brightness.
    pub plane: Plane,
    /// What it says of how it was coded.
    pub coded: Option<Coded>,
}

impl Leak {
    /// Reads a file.
    ///
    /// # Errors
    /// As [`luma`].
    pub fn of(file: &[u8]) -> Result<Self> {
        Ok(Self {
            plane: luma(file)?,
            coded: Coded::of(file, LARGE as u64),
        })
    }
}

/// The brightness of a picture that anybody may have made.
///
/// # Errors
/// A file that is no picture, or one that no machine should decode.
pub fn luma(file: &[u8]) -> Result<Plane> {
    plane(imaging::luma(file, &leak_budget())?)
}

/// What a leak may cost: more than a request could.
pub fn leak_budget() -> Budget {
    Budget {
        file_bytes: 1 << 28,
        pixel_bytes: 1 << 31,
        working_bytes: 1 << 32,
        ..Budget::default()
    }
}

/// Luma as numbers, no larger than is compared.
pub fn plane(luma: Luma) -> Result<Plane> {
    let samples = luma.samples.into_iter().map(f32::from).collect();
    let plane = Plane::new(luma.width as usize, luma.height as usize, samples).context("an empty picture")?;
    let shrink = (LARGE / (plane.width() * plane.height()) as f64).sqrt();
    Ok(if shrink < 1.0 { plane.scaled(shrink) } else { plane })
}
