use crate::{Error, Picture};
use image::{ExtendedColorType, ImageFormat, codecs::jpeg::JpegEncoder};

/// To JPEG and back.
pub(crate) fn jpeg(picture: &Picture, quality: u8) -> Result<Picture, Error> {
    let (width, height) = sides(picture)?;
    let mut file = Vec::new();
    JpegEncoder::new_with_quality(&mut file, quality)
        .encode(&picture.rgb, width.into(), height.into(), ExtendedColorType::Rgb8)
        .map_err(|_| Error::Codec)?;
    decoded(&file, ImageFormat::Jpeg)
}

/// To lossy WebP and back.
pub(crate) fn webp(picture: &Picture, quality: u8) -> Result<Picture, Error> {
    decoded(&webp_file(picture, quality)?, ImageFormat::WebP)
}

/// To lossy WebP.
pub(crate) fn webp_file(picture: &Picture, quality: u8) -> Result<Vec<u8>, Error> {
    let (width, height) = sides(picture)?;
    vp8::encode(vp8::Pixels::Rgb(&picture.rgb), width, height, quality).map_err(|_| Error::Codec)
}

fn sides(picture: &Picture) -> Result<(u16, u16), Error> {
    let side = |side: usize| u16::try_from(side).map_err(|_| Error::Sides);
    Ok((side(picture.width)?, side(picture.height)?))
}

fn decoded(file: &[u8], format: ImageFormat) -> Result<Picture, Error> {
    let image = image::load_from_memory_with_format(file, format)
        .map_err(|_| Error::Codec)?
        .into_rgb8();
    Picture::new(image.width() as usize, image.height() as usize, image.into_raw())
}
