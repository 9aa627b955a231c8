//! Coefficients to a baseline JFIF file.

use crate::coefficients::{Grid, MAX_MCU_BLOCKS};
use crate::{Coefficients, Error, encode_unstuffed};

/// Writes a sequential baseline JFIF file with Huffman tables made for the picture and no other metadata. Reading it gives back
/// equal coefficients.
///
/// # Errors
/// [`Error::Unsupported`] unless there are one or three components, [`Error::Geometry`] if they do not fit together,
/// [`Error::QuantisationRange`] and [`Error::CoefficientRange`] for values that a baseline file cannot hold.
pub fn encode(c: &Coefficients) -> Result<Vec<u8>, Error> {
    let parts = encode_unstuffed(c, |_, _| 0)?;
    Ok(parts.finish().0)
}

/// The grid of MCUs, if the components fit it.
pub(crate) fn checked_grid(c: &Coefficients) -> Result<Grid, Error> {
    let factors = || c.components.iter().map(|component| (component.h, component.v));
    let single = match c.components.len() {
        1 => true,
        3 => false,
        _ => return Err(Error::Unsupported("only one or three components can be written")),
    };
    let mcu_blocks = factors().map(|(h, v)| u32::from(h) * u32::from(v)).sum::<u32>();
    let in_range = factors().all(|(h, v)| (1..=4).contains(&h) && (1..=4).contains(&v));
    if !in_range || mcu_blocks > if single { 1 } else { MAX_MCU_BLOCKS } || c.width == 0 || c.height == 0 {
        return Err(Error::Geometry);
    }
    let grid = Grid::new(c.width, c.height, factors());
    for (n, component) in c.components.iter().enumerate() {
        let padded = grid.padded(component.h, component.v);
        if padded != (component.blocks_wide, component.blocks_high)
            || component.blocks.len() != padded.0 * padded.1
            || c.components.iter().take(n).any(|other| other.id == component.id)
        {
            return Err(Error::Geometry);
        }
        if !component.quant.iter().all(|step| (1..=255).contains(step)) {
            return Err(Error::QuantisationRange);
        }
    }
    Ok(grid)
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::{Pixels, Sampling, marker, transform};

    fn sample() -> Coefficients {
        transform(Pixels::Rgb(&[90; 20 * 9 * 3]), 20, 9, 80, Sampling::Yuv420).unwrap()
    }

    #[test]
    fn values_outside_baseline_are_refused() {
        type Change = fn(&mut Coefficients);
        let cases: [(Change, Error); 10] = [
            (|c| c.components[0].blocks[3][9] = 1024, Error::CoefficientRange),
            (|c| c.components[2].blocks[1][0] = 2048, Error::CoefficientRange),
            (|c| c.components[1].quant[5] = 256, Error::QuantisationRange),
            (|c| c.components[1].quant[5] = 0, Error::QuantisationRange),
            (|c| c.width = 200, Error::Geometry),
            (|c| c.height = 0, Error::Geometry),
            (|c| c.components[1].h = 5, Error::Geometry),
            (|c| c.components[1].id = 1, Error::Geometry),
            (|c| c.components[0].blocks.truncate(5), Error::Geometry),
            (
                |c| c.components.truncate(2),
                Error::Unsupported("only one or three components can be written"),
            ),
        ];
        for (change, error) in cases {
            let mut c = sample();
            change(&mut c);
            assert_eq!(encode(&c), Err(error));
        }
        assert!(encode(&sample()).is_ok());
    }

    #[test]
    fn the_file_is_baseline_jfif_without_other_metadata() {
        let file = encode(&sample()).unwrap();
        let (mut place, mut markers) = (2, vec![]);
        while file[place + 1] != marker::SOS {
            markers.push(file[place + 1]);
            place += 2 + usize::from(u16::from_be_bytes([file[place + 2], file[place + 3]]));
        }
        let (dht, dqt) = (marker::DHT, marker::DQT);
        assert_eq!(markers, [marker::APP0, dqt, dqt, marker::SOF0, dht, dht, dht, dht]);
        assert!(file.starts_with(b"\xFF\xD8\xFF\xE0\0\x10JFIF\0\x01\x01") && file.ends_with(&[0xFF, marker::EOI]));
    }
}
