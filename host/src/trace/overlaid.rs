//! A picture that shows how a leak was registered.

use anyhow::Result;
use registration::{Plane, Warped};

/// Side of a square in pixels.
const SQUARE: usize = 48;

/// A PNG of the rendition and the leak in turn, square by square like a chessboard: where the registration is right, edges go on
/// from one square to the next. The leak's squares are a little yellow; where it does not reach, the rendition is dark.
pub fn chessboard(rendition: &Plane, leak: &Warped) -> Result<Vec<u8>> {
    let (width, height) = (rendition.width(), rendition.height());
    let mut rgb = Vec::with_capacity(width * height * 3);
    for (at, (model, seen)) in rendition.samples().iter().zip(leak.plane.samples()).enumerate() {
        let (x, y) = (at % width, at / width);
        let byte = |value: f32| value.round().clamp(0.0, 255.0) as u8;
        rgb.extend(
            match (leak.mask.covered.get(at), (x / SQUARE + y / SQUARE).is_multiple_of(2)) {
                (Some(true), true) => [byte(*seen), byte(*seen), byte(*seen * 0.8)],
                (Some(true), false) => [byte(*model); 3],
                _ => [byte(*model * 0.35); 3],
            },
        );
    }
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, u32::try_from(width)?, u32::try_from(height)?);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&rgb)?;
    Ok(png)
}
