//! What marking changes: little to see, and few bytes.

use std::path::Path;

use anyhow::Result;
use distortion::Picture;
use png::{BitDepth, ColorType, Encoder};
use watermark::Subject;

use super::leaks::Renditions;
use super::marked::{Marked, decoded};
use super::photograph::SIDES;
use super::row::Figure;
use crate::ssim::{luma, ssim};

/// Of every photograph's copy for some client against the same file unmarked.
pub fn figures(renditions: &[Renditions]) -> Result<Vec<Figure>> {
    let client = Subject::of("client 0");
    let (mut psnrs, mut ssims, mut bytes, mut containers) = (vec![], vec![], vec![], vec![]);
    let (mut chips, mut scores) = (vec![], vec![]);
    for rendition in renditions {
        let marked = rendition.usual();
        let file = marked.copy(client)?;
        let (plain, copy) = (decoded(&marked.unmarked)?, decoded(&file)?);
        psnrs.push(psnr(&plain, &copy));
        ssims.push(ssim(&luma(&plain.rgb), &luma(&copy.rgb), plain.width).unwrap_or(f64::NAN));
        bytes.push(file.len() as f64 / marked.unmarked.len() as f64);
        let container = marked.container();
        containers.push(container.as_bytes().len() as f64 / file.len() as f64);
        chips.push(container.chips() as f64);
        scores.push(f64::from(container.predicted_score()));
    }
    Ok(vec![
        Figure::of("PSNR against the unmarked file", "dB", &psnrs, f64::min),
        Figure::of("SSIM against the unmarked file", "", &ssims, f64::min),
        Figure::of("bytes of a copy, the unmarked file being 1", "", &bytes, f64::max),
        Figure::of("bytes of the container, a copy being 1", "", &containers, f64::max),
        Figure::of("chips", "", &chips, f64::min),
        Figure::of("predicted score after JPEG q30", "", &scores, f64::min),
        Figure::of(
            "request in the message layer, with its check",
            "bits",
            &[96.0],
            f64::min,
        ),
    ])
}

/// The peak signal-to-noise ratio of all samples, in decibels.
pub fn psnr(one: &Picture, other: &Picture) -> f64 {
    let differences = one
        .rgb
        .iter()
        .zip(&other.rgb)
        .map(|(a, b)| f64::from(a.abs_diff(*b)).powi(2));
    let mean = differences.sum::<f64>() / one.rgb.len() as f64;
    10.0 * (255.0 * 255.0 / mean).log10()
}

/// Photographs beside each other on the flicker sheet.
const ACROSS: usize = 4;
/// Sides of what is shown of each: its left upper quarter, pixel by pixel.
const PART: (usize, usize) = (SIDES.0 as usize / 2, SIDES.1 as usize / 2);

/// Writes an animated PNG that shows every photograph unmarked and as a client gets it, in turn: what moves can be seen.
pub fn flicker(renditions: &[Renditions], file: &Path) -> Result<()> {
    let client = Subject::of("client 0");
    let rows = renditions.len().div_ceil(ACROSS);
    let (width, height) = (PART.0 * ACROSS, PART.1 * rows);
    let sheet = |of: &dyn Fn(&Marked) -> Result<Vec<u8>>| {
        let mut sheet = vec![255; width * height * 3];
        for (place, rendition) in renditions.iter().enumerate() {
            let picture = decoded(&of(rendition.usual())?)?;
            let (left, top) = (place % ACROSS * PART.0, place / ACROSS * PART.1);
            for y in 0..PART.1 {
                let row = &picture.rgb[y * picture.width * 3..][..PART.0 * 3];
                sheet[((top + y) * width + left) * 3..][..PART.0 * 3].copy_from_slice(row);
            }
        }
        Ok::<_, anyhow::Error>(sheet)
    };
    let frames = [
        sheet(&|marked| Ok(marked.unmarked.clone()))?,
        sheet(&|marked| marked.copy(client))?,
    ];
    let output = std::io::BufWriter::new(std::fs::File::create(file)?);
    let mut encoder = Encoder::new(output, width.try_into()?, height.try_into()?);
    encoder.set_color(ColorType::Rgb);
    encoder.set_depth(BitDepth::Eight);
    encoder.set_animated(2, 0)?;
    encoder.set_frame_delay(1, 3)?;
    let mut writer = encoder.write_header()?;
    for frame in &frames {
        writer.write_image_data(frame)?;
    }
    Ok(writer.finish()?)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn one_level_everywhere_is_48_decibels() {
        let flat = |value| Picture::new(8, 8, vec![value; 192]).unwrap();
        assert!((psnr(&flat(100), &flat(101)) - 48.13).abs() < 0.01);
    }
}
