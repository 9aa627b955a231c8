//! From a picture's spectrum to its container.

use fingerprint::{Code, Variant};
use jpeg::{Component, Process, Spectrum};
use sha2::{Digest as _, Sha256};
use watermark::{MIN_CARRIERS, MarkKey};

use crate::bounds::Fragile;
use crate::carriers::{Carriers, Place, level, one};
use crate::masking::masking;
use crate::splice::splice;
use crate::strength::{choose, squared_error};
use crate::texture::round;
use crate::{Container, ENCODER, Error, order};

/// Chooses chips and carriers and encodes the picture around them, as a baseline file. The same picture and key give the same
/// container, on every machine.
///
/// # Errors
/// [`Error::TooSmall`] if the fragile mark does not fit, [`Error::Jpeg`] if the picture is not one that JPEG can hold.
pub fn prepare(spectrum: Spectrum, key: &MarkKey) -> Result<Container, Error> {
    prepare_as(Process::Baseline, spectrum, key)
}

/// The same in one of two ways. The other way has other chips: its variant is another.
///
/// # Errors
/// As [`prepare`].
pub fn prepare_as(process: Process, spectrum: Spectrum, key: &MarkKey) -> Result<Container, Error> {
    let order = spectrum.luma_order();
    // Nothing but averages is in a progressive file of blocks outside of the picture.
    let (inside, mut reserved) = match process {
        Process::Baseline => (None, vec![0_u64; order.len()]),
        Process::Progressive => (
            Some(order::of_frequencies(spectrum.visits(process))),
            vec![u64::MAX; order.len()],
        ),
    };
    for &block in inside.iter().flatten() {
        if let Some(word) = reserved.get_mut(block) {
            *word = 0;
        }
    }
    let Some(luma) = spectrum.components().first() else {
        return Err(Error::TooSmall);
    };
    let masking = masking(luma, spectrum.sides());
    // The averages in coding order, in steps.
    let values = order.iter().filter_map(|&block| masking.averages.get(block));
    let values: Vec<f32> = values.map(|&average| steps(average, luma.quant[0])).collect();
    let variant = variant(process, &spectrum, &values);
    let inverse = luma.quant.map(|step| steps(1, step));
    let carriers = Carriers::among(
        inside.as_deref().unwrap_or(&order),
        spectrum.visits(process),
        // The level is rounded, of ties to the even one.
        |block, index| match (luma.blocks.get(block), inverse.get(index)) {
            (Some(block), Some(inverse)) => (f32::from(block[index]) * inverse).abs() >= 1.5,
            _ => false,
        },
    );
    if carriers.count() < MIN_CARRIERS {
        return Err(Error::TooSmall);
    }
    for place in carriers.places().iter().filter(|place| place.component == 0) {
        if let Some(word) = reserved.get_mut(place.block) {
            *word |= 1 << (place.index & 63);
        }
    }
    let dither = Code::new(key, &variant).dither(order.len() / 32 + 1);
    let mut fragile = Fragile {
        carriers: carriers.count(),
        ..Fragile::default()
    };
    let zero = |place: &Place| {
        let (eighths, step) = coefficient(spectrum.components(), place).unwrap_or((0, 1));
        let steps = steps(eighths, step);
        let zero = level(steps);
        let nearest = steps.round_ties_even() as i16;
        fragile.error += squared_error(step.into(), nearest, [zero, one(zero)]);
        fragile.zeros += usize::from(nearest == 0);
        zero
    };
    let zeros: Vec<i16> = carriers.places().iter().map(zero).collect();
    let choice = choose(&spectrum, (&order, &values), &masking, &reserved, &dither, &fragile);

    let mut coefficients = spectrum.quantised();
    let levels = carriers.places().iter().copied().zip(zeros);
    let chips = choice.averages.iter().chain(&choice.textures);
    let lows = chips.map(|chip| {
        (
            Place {
                component: 0,
                block: chip.block,
                index: chip.index,
            },
            chip.low,
        )
    });
    for (
        Place {
            component,
            block,
            index,
        },
        level,
    ) in levels.chain(lows)
    {
        let component = coefficients.components.get_mut(component);
        let block = component.and_then(|component| component.blocks.get_mut(block));
        if let Some(coefficient) = block.and_then(|block| block.get_mut(index)) {
            *coefficient = level;
        }
    }
    let spliced = splice(
        (process, &coefficients),
        &order,
        &choice.averages,
        &choice.textures,
        carriers.places(),
    )?;
    Container::new(variant, &choice.prediction, carriers.count(), &spliced)
}

/// SHA-256 over the sides, the quantisation steps, and the last eight bits of the averages of luma's blocks as they would be without a mark:
/// enough to tell any two pictures apart that are not of the same brightness everywhere, and far less than the picture. Two that are
/// can have the same codeword, which says as much in each.
fn variant(process: Process, spectrum: &Spectrum, values: &[f32]) -> Variant {
    let mut hash = Sha256::new();
    hash.update(match process {
        Process::Baseline => b"deckle rendition jpeg".as_slice(),
        Process::Progressive => b"deckle rendition progressive jpeg",
    });
    hash.update(ENCODER.to_be_bytes());
    let (width, height) = spectrum.sides();
    hash.update(width.to_be_bytes());
    hash.update(height.to_be_bytes());
    for component in spectrum.components() {
        hash.update([component.h, component.v]);
        hash.update(component.quant.map(u16::to_be_bytes).as_flattened());
    }
    let averages: Vec<u8> = values.iter().map(|&value| round(value).1 as u8).collect();
    hash.update(averages);
    Variant(hash.finalize().into())
}

/// A coefficient in eighths, and its quantisation step.
fn coefficient(components: &[Component], place: &Place) -> Option<(i16, u16)> {
    let component = components.get(place.component)?;
    let eighths = *component.blocks.get(place.block)?.get(place.index)?;
    Some((eighths, *component.quant.get(place.index)?))
}

/// Eighths of a DCT unit in quantisation steps, as [`Spectrum::quantised`] finds them.
#[inline(always)]
fn steps(eighths: i16, step: u16) -> f32 {
    f32::from(eighths) * (1.0 / (8.0 * f32::from(step)))
}
