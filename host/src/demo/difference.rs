use anyhow::{Context as _, Result, ensure};
use std::io::Cursor;

/// How much differences are amplified.
pub const AMPLIFIED: i16 = 64;

/// Where two pictures differ.
pub struct Difference {
    /// A PNG, mid grey where they agree.
    pub png: Vec<u8>,
    pub width: u32,
    pub height: u32,
    /// The share of pixels with any difference.
    pub changed: f64,
}

/// Subtracts two PNG files of equal dimensions.
pub fn difference(one: &[u8], two: &[u8]) -> Result<Difference> {
    let ((width, height, one), (other_width, other_height, two)) = (pixels(one)?, pixels(two)?);
    ensure!(
        (width, height) == (other_width, other_height),
        "the two copies have different dimensions"
    );
    let amplify = |(a, b): (&u8, &u8)| {
        let level = 128 + (i16::from(*a) - i16::from(*b)).saturating_mul(AMPLIFIED);
        u8::try_from(level.clamp(0, 255)).unwrap_or(128)
    };
    let amplified: Vec<u8> = one.iter().zip(&two).map(amplify).collect();
    let changed = one
        .chunks_exact(3)
        .zip(two.chunks_exact(3))
        .filter(|(a, b)| a != b)
        .count();
    let mut png = Vec::new();
    let mut encoder = png::Encoder::new(&mut png, width, height);
    encoder.set_color(png::ColorType::Rgb);
    encoder.set_depth(png::BitDepth::Eight);
    encoder.write_header()?.write_image_data(&amplified)?;
    Ok(Difference {
        png,
        width,
        height,
        changed: changed as f64 / (one.len() / 3).max(1) as f64,
    })
}

/// Width, height and RGB bytes; transparency is left out.
fn pixels(file: &[u8]) -> Result<(u32, u32, Vec<u8>)> {
    let mut decoder = png::Decoder::new(Cursor::new(file));
    decoder.set_transformations(png::Transformations::normalize_to_color8());
    let mut reader = decoder.read_info()?;
    let mut buffer = vec![0; reader.output_buffer_size().context("the picture is too large")?];
    let frame = reader.next_frame(&mut buffer)?;
    buffer.truncate(frame.buffer_size());
    let rgb = match frame.color_type {
        png::ColorType::Rgb => buffer,
        png::ColorType::Rgba => buffer.chunks_exact(4).flat_map(|p| [p[0], p[1], p[2]]).collect(),
        png::ColorType::Grayscale => buffer.iter().flat_map(|&grey| [grey; 3]).collect(),
        png::ColorType::GrayscaleAlpha => buffer.chunks_exact(2).flat_map(|p| [p[0]; 3]).collect(),
        png::ColorType::Indexed => anyhow::bail!("the palette was not expanded"),
    };
    Ok((frame.width, frame.height, rgb))
}

#[cfg(test)]
mod tests {
    use super::*;

    fn png(pixels: &[u8]) -> Vec<u8> {
        let mut file = Vec::new();
        let mut encoder = png::Encoder::new(&mut file, 2, 1);
        encoder.set_color(png::ColorType::Rgb);
        encoder.set_depth(png::BitDepth::Eight);
        encoder.write_header().unwrap().write_image_data(pixels).unwrap();
        file
    }

    #[test]
    fn equal_pixels_are_grey_and_others_stand_out() {
        let found = difference(&png(&[10, 20, 30, 10, 20, 30]), &png(&[10, 20, 30, 11, 18, 0])).unwrap();
        assert_eq!(pixels(&found.png).unwrap(), (2, 1, vec![128, 128, 128, 64, 255, 255]));
        assert!((found.changed - 0.5).abs() < 1e-9);
    }
}
