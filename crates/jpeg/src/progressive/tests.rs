use super::*;
use crate::fixtures::{LIMITS, every, noise, pictures};
use crate::{Pixels, Process, Sampling, encode, read, transform};
use proptest::prelude::*;

/// What a progressive file can say: nothing but averages of blocks outside of the picture.
fn without_padding(mut c: Coefficients) -> Coefficients {
    let mut coded: Vec<_> = c
        .components
        .iter()
        .map(|component| vec![0; component.blocks.len()])
        .collect();
    for visit in Process::Progressive.visits(&c) {
        coded[visit.component][visit.block] |= visit.band;
    }
    for (component, coded) in c.components.iter_mut().zip(coded) {
        for (block, coded) in component.blocks.iter_mut().zip(coded) {
            (0..64).filter(|k| coded >> k & 1 == 0).for_each(|k| block[k] = 0);
        }
    }
    c
}

#[test]
fn what_is_written_is_read_and_is_progressive() {
    for c in pictures() {
        let file = Process::Progressive.encode(&c).unwrap();
        assert_eq!(Process::of(&file), Some(Process::Progressive));
        assert_eq!(Process::of(&encode(&c).unwrap()), Some(Process::Baseline));
        assert!(read(&file, &LIMITS).unwrap() == without_padding(c));
    }
    assert_eq!(Process::of(&[0xFF, marker::SOI, 0xFF, marker::EOI, 0, 2]), None);
}

#[test]
fn other_decoders_see_the_baseline_picture() {
    for c in pictures() {
        let decoded = |file: &[u8]| {
            let mut zune = zune_jpeg::JpegDecoder::new(zune_core::bytestream::ZCursor::new(file));
            zune.decode().unwrap()
        };
        let file = Process::Progressive.encode(&c).unwrap();
        assert!(decoded(&file) == decoded(&encode(&c).unwrap()));
    }
}

/// A picture of which all but a few blocks are empty has long runs, and one of noise more symbols than are kept.
#[test]
fn large_pictures_are_written_to_the_end() {
    let mut samples = vec![100; 1400 * 1000];
    for place in [0, 130, 1400 * 999, 1400 * 1000 - 1] {
        samples[place] = 250;
    }
    let sparse = transform(Pixels::Grey(&samples), 1400, 1000, 95, Sampling::Yuv444).unwrap();
    let busy = transform(Pixels::Grey(&noise(1400 * 1000)), 1400, 1000, 95, Sampling::Yuv444).unwrap();
    for c in [sparse, busy] {
        assert!(read(&Process::Progressive.encode(&c).unwrap(), &LIMITS).unwrap() == c);
    }
}

/// Inverting the bits that were named changes the coefficient that they were named for, to its opposite, and no other.
#[test]
fn positions_are_those_of_the_coefficients() {
    for c in pictures() {
        let parts = encode_unstuffed(&c, |component, block| every(&c, component, block)).unwrap();
        let watched = Process::Progressive.visits(&c).flat_map(|visit| {
            let word = every(&c, visit.component, visit.block) & visit.band;
            (0..64)
                .filter(move |k| word >> k & 1 == 1)
                .map(move |k| (visit.component, visit.block, k))
        });
        let watched: Vec<_> = watched.collect();
        assert_eq!(watched.len(), parts.positions.len());
        assert!(parts.positions.is_sorted());
        let some = watched
            .into_iter()
            .zip(&parts.positions)
            .filter(|((_, _, k), _)| *k > 0)
            .step_by(37);
        for ((component, block, k), position) in some {
            let mut expected = without_padding(c.clone());
            let value = &mut expected.components[component].blocks[block][k];
            *value = -*value;
            let mut changed = parts.clone();
            for bit in *position..position + 16 - value.unsigned_abs().leading_zeros() as usize {
                changed.entropy[bit / 8] ^= 0x80 >> (bit % 8);
            }
            assert!(
                read(&changed.finish().0, &LIMITS).unwrap() == expected,
                "{component} {block} {k}"
            );
        }
    }
}

/// Where each byte of the entropy-coded data goes.
#[test]
fn places_say_how_far_bytes_are_moved() {
    for c in pictures() {
        let parts = encode_unstuffed(&c, |_, _| 0).unwrap();
        let (entropy, header) = (parts.entropy.clone(), parts.header.len());
        let (file, places) = parts.finish();
        assert!(places.is_sorted());
        for (place, byte) in entropy.into_iter().enumerate() {
            let moved = places.iter().filter(|other| **other < place).count();
            assert_eq!(file[header + place + moved], byte);
        }
    }
}

/// A grey picture of these blocks, in rows of `wide`.
fn grey(blocks: Vec<[i16; 64]>, wide: usize) -> Coefficients {
    let high = blocks.len() / wide;
    let luma = crate::Component {
        id: 1,
        h: 1,
        v: 1,
        quant: [1; 64],
        blocks_wide: wide,
        blocks_high: high,
        blocks,
    };
    Coefficients {
        width: u16::try_from(wide * 8).unwrap(),
        height: u16::try_from(high * 8).unwrap(),
        components: vec![luma],
    }
}

#[test]
fn runs_of_all_lengths_are_counted() {
    for run in [0, 1, 2, 3, 4094, 4095, 4096, 8190, 8191, 12000] {
        let mut blocks = vec![[0; 64]; 12_032];
        (blocks[16][9], blocks[17 + run][3]) = (-1, 2);
        let c = grey(blocks, 64);
        assert!(
            read(&Process::Progressive.encode(&c).unwrap(), &LIMITS).unwrap() == c,
            "{run}"
        );
    }
}

#[test]
fn values_outside_the_range_are_refused() {
    let encoded = |place: usize, value: i16| {
        let mut blocks = vec![[0; 64]; 4];
        blocks[1][place] = value;
        Process::Progressive.encode(&grey(blocks, 2))
    };
    for (place, last) in [(0, 2047), (1, 1023), (9, 1023), (10, 1023), (63, 1023)] {
        assert!(encoded(place, last).is_ok() && encoded(place, -last).is_ok());
        assert_eq!(encoded(place, last + 1), Err(Error::CoefficientRange));
        assert_eq!(encoded(place, -last - 1), Err(Error::CoefficientRange));
    }
}

proptest! {
    #[test]
    fn any_blocks_are_written_and_read(
        values in proptest::collection::vec((0..1024_usize, -1023..=1023_i16), 0..200),
        wide in 1..=16_usize,
    ) {
        let mut blocks = vec![[0; 64]; 16 / wide * wide];
        for (place, value) in values {
            if let Some(block) = blocks.get_mut(place / 64) {
                block[place % 64] = value;
            }
        }
        let c = grey(blocks, wide);
        prop_assert!(read(&Process::Progressive.encode(&c).unwrap(), &LIMITS).unwrap() == c);
    }
}
