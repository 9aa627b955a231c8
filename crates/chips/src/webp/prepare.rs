//! From a plan to its container, and the fragile mark of a file.

use fingerprint::{Code, Variant};
use sha2::{Digest as _, Sha256};
use vp8::{Pixels, Plan, SPARE};
use watermark::{MIN_CARRIERS, MarkKey, Payload};

use super::choose::{choose, places};
use super::{Container, ENCODER, table};
use crate::Error;

/// The spare bytes have room for exactly one copy of the fragile mark.
const _: () = assert!(SPARE * 8 == MIN_CARRIERS);

/// Chooses chips and codes the picture around them. The same picture and key give the same container, on every machine.
///
/// # Errors
/// [`Error::WebP`] if the picture is not one that WebP can hold, or the samples are not as many as the sides say.
pub fn prepare(pixels: Pixels<'_>, sides: (u16, u16), quality: u8, key: &MarkKey) -> Result<Container, Error> {
    let plan = plan(pixels, sides, quality)?;
    let variant = variant(&plan);
    let dither = Code::new(key, &variant).dither(1 << 16);
    let choice = choose(&plan, &dither, plan.bits() as f32);
    let spliced = plan.splice(&choice.places)?;
    drop(plan);
    let kept = spliced.addends.iter().flatten().count();
    // Chips that were given up are a like part of all.
    let share = kept as f32 / choice.places.len().max(1) as f32;
    let table = table::write(spliced.addends.iter().flatten().copied());
    Container::new(variant, choice.score * share.sqrt(), kept, &spliced, &table)
}

/// A container without chips, for pictures that come in great numbers: there is only the fragile mark to put in.
///
/// # Errors
/// As [`prepare`].
pub fn without_chips(pixels: Pixels<'_>, (width, height): (u16, u16), quality: u8) -> Result<Container, Error> {
    let plan = Plan::new(pixels, width, height, quality, 0)?;
    Container::new(variant(&plan), 0.0, 0, &plan.splice(&[])?, &[])
}

/// The picture without any mark: what a copy is to be compared with. It is not to be delivered.
///
/// # Errors
/// As [`prepare`].
pub fn unmarked(pixels: Pixels<'_>, sides: (u16, u16), quality: u8) -> Result<Vec<u8>, Error> {
    Ok(plan(pixels, sides, quality)?.splice(&[])?.file)
}

fn plan(pixels: Pixels<'_>, (width, height): (u16, u16), quality: u8) -> Result<Plan, Error> {
    Ok(Plan::new(
        pixels,
        width,
        height,
        quality,
        places(width, height, quality),
    )?)
}

/// The fragile mark of a lossy WebP file, without the original. `None` if it has none of this key.
///
/// # Errors
/// [`Error::WebP`] if the file cannot be read.
pub fn read_fragile(file: &[u8], key: &MarkKey) -> Result<Option<Payload>, Error> {
    let spare = vp8::spare(file)?;
    Ok(key.open(MIN_CARRIERS, |carrier| {
        spare.get(carrier / 8).map(|byte| byte >> (7 - carrier % 8) & 1 == 1)
    }))
}

/// SHA-256 over the sides, the quantisation step and the brightness of every block as it would be without a mark.
fn variant(plan: &Plan) -> Variant {
    let mut hash = Sha256::new();
    hash.update(b"deckle rendition webp");
    hash.update(ENCODER.to_be_bytes());
    let (width, height) = plan.sides();
    hash.update(width.to_be_bytes());
    hash.update(height.to_be_bytes());
    hash.update(plan.step().to_be_bytes());
    let means: Vec<[u8; 16]> = plan
        .textures()
        .iter()
        .map(|textures| textures.map(|texture| texture.mean))
        .collect();
    hash.update(means.as_flattened());
    Variant(hash.finalize().into())
}
