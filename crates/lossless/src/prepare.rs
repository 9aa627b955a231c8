//! From a picture to its container.

use crate::carriers::Carriers;
use crate::cells::{self, Block};
use crate::container::Format;
use crate::picture::Shape;
use crate::settle::settle;
use crate::{Container, ENCODER, Error, Picture, deflate, filter, layout, predict};
use fingerprint::Variant;
use sha2::{Digest as _, Sha256};

/// Chooses chips and carriers and codes the picture around them, as a PNG. The same picture gives the same container, on every machine.
///
/// # Errors
/// [`Error::Container`] if the fragile mark does not fit, [`Error::Picture`] if the file would be larger than a PNG's pixels can be.
pub fn prepare(mut picture: Picture) -> Result<Container, Error> {
    let shape = picture.shape;
    let carriers = Carriers::among(shape);
    if carriers.count() == 0 {
        return Err(Error::Container(chips::Error::TooSmall));
    }
    let blocks = if carriers.on_grid() {
        cells::blocks(&picture)
    } else {
        Vec::new()
    };
    let variant = variant(b"deckle rendition png", shape, &blocks);
    let filters = filter::choose(&picture, carriers.on_grid());
    settle(&mut picture, &blocks, &filters);
    carriers.clear(&mut picture);
    let (mut coded, adler) = deflate::code(&picture, &blocks, &filters, &carriers, layout::head(shape));
    layout::finish(&mut coded.file, adler)?;
    let chips = blocks.iter().filter(|block| block.chip).count();
    Container::new(
        Format::Png,
        shape,
        variant,
        (chips, predict::score(&blocks, shape.colours())),
        &coded,
    )
}

/// SHA-256 over the kind of rendition, the sides and what every block is like as it would be without a mark: enough to tell any two pictures apart, and far
/// less than the picture.
pub(crate) fn variant(kind: &[u8], shape: Shape, blocks: &[Block]) -> Variant {
    let mut hash = Sha256::new();
    hash.update(kind);
    hash.update(ENCODER.to_be_bytes());
    for number in [shape.width, shape.height, shape.channels] {
        hash.update((number as u64).to_be_bytes());
    }
    let sums: Vec<[u8; 2]> = blocks.iter().map(|block| block.sum.to_be_bytes()).collect();
    hash.update(sums.as_flattened());
    Variant(hash.finalize().into())
}
