//! Files that are small, promise little, and would keep a decoder busy all the same.

use super::fixtures::*;
use crate::{Budget, Error, Excess, OutputFormat, render, trace};

const WORK: Result<(), Error> = Err(Error::OverBudget(Excess::Work));

fn render_any(source: &[u8]) -> Result<(), Error> {
    let operations = operations::parse("s_40x30").unwrap();
    render(source, &operations, OutputFormat::Jpeg, &marks(), &Budget::default()).map(drop)
}

/// A PNG file of one chunk of pixels behind another one's header.
fn png_of_pixels(header: &[u8], pixels: &[u8]) -> Vec<u8> {
    let chunk = |name: &[u8; 4], body: &[u8]| {
        let named = [&name[..], body].concat();
        let length = u32::try_from(body.len()).unwrap().to_be_bytes();
        [&length[..], &named, &crc(&named).to_be_bytes()].concat()
    };
    [&header[..33], &chunk(b"IDAT", pixels), &chunk(b"IEND", b"")].concat()
}

fn crc(bytes: &[u8]) -> u32 {
    !bytes.iter().fold(!0u32, |crc, byte| {
        (0..8).fold(crc ^ u32::from(*byte), |crc, _| {
            if crc & 1 == 1 { crc >> 1 ^ 0xEDB8_8320 } else { crc >> 1 }
        })
    })
}

/// A stored block of deflate (RFC 1951 section 3.2.4).
fn stored_block(last: bool, body: &[u8]) -> Vec<u8> {
    let length = u16::try_from(body.len()).unwrap();
    [
        &[u8::from(last)][..],
        &length.to_le_bytes(),
        &(!length).to_le_bytes(),
        body,
    ]
    .concat()
}

#[test]
fn blocks_that_hold_nothing_are_refused() {
    let header = png(40, 30);
    let nothing = stored_block(false, b"").repeat(1_800_000);
    let bomb = png_of_pixels(&header, &[&[0x78, 1], &nothing[..]].concat());
    assert_eq!(render_any(&bomb), WORK);
    assert_eq!(trace(&bomb, &key(), &Budget::default()).map(drop), WORK);
    // The same in many chunks.
    let chunks: Vec<u8> = (0..40)
        .flat_map(|_| png_of_pixels(&header, &nothing[..5000])[33..5045].to_vec())
        .collect();
    assert_eq!(render_any(&[&header[..33], &chunks].concat()), WORK);
}

#[test]
fn pixels_in_small_stored_blocks_are_read() {
    // The worst that an encoder does: 3 bytes of a picture in each block of 8.
    let raw: Vec<u8> = (0..30).flat_map(|_| [0u8; 121]).collect();
    let blocks: Vec<u8> = raw.chunks(3).flat_map(|body| stored_block(false, body)).collect();
    let pixels = [&[0x78, 1], &blocks[..], &stored_block(true, b""), &[0; 4]].concat();
    assert_eq!(render_any(&png_of_pixels(&png(40, 30), &pixels)), Ok(()));
}

/// A progressive JPEG of three components without subsampling: grey, and then for each component so many scans, each of which
/// refines the one before by a bit (at most 14) and says nothing in a few bytes.
fn scans(width: u16, height: u16, each: u8) -> Vec<u8> {
    let [h1, h0] = height.to_be_bytes();
    let [w1, w0] = width.to_be_bytes();
    let blocks = usize::from(width).div_ceil(8) * usize::from(height).div_ceil(8);
    let mut file = vec![0xFF, 0xD8, 0xFF, 0xDB, 0, 67, 0];
    file.extend([1; 64]);
    file.extend([0xFF, 0xC2, 0, 17, 8, h1, h0, w1, w0, 3]);
    file.extend([1, 0x11, 0, 2, 0x11, 0, 3, 0x11, 0]);
    // One code of one bit: for DC no difference, for AC the end of the band for 2^14 blocks and what 14 bits say.
    for (class, symbol) in [(0x00, 0), (0x10, 0xE0)] {
        file.extend([0xFF, 0xC4, 0, 20, class, 1]);
        file.extend([0; 15]);
        file.push(symbol);
    }
    file.extend([0xFF, 0xDA, 0, 12, 3, 1, 0, 2, 0, 3, 0, 0, 0, 1]);
    file.extend(vec![0; (blocks * 3).div_ceil(8)]);
    for low in (0..each).rev() {
        let high = if low + 1 == each { 0 } else { low + 1 };
        for component in 1..=3 {
            file.extend([0xFF, 0xDA, 0, 8, 1, component, 0, 1, 63, high << 4 | low]);
            file.extend(vec![0; (blocks.div_ceil(1 << 14) * 15).div_ceil(8)]);
        }
    }
    file.extend([0xFF, 0xD9]);
    file
}

#[test]
fn scans_times_coefficients_are_charged() {
    // What cameras and encoders do: each coefficient three times.
    assert_eq!(render_any(&scans(4000, 2400, 3)), Ok(()));
    // Few enough scans, each of them over everything.
    assert_eq!(render_any(&scans(4000, 2400, 12)), WORK);
    assert_eq!(
        trace(&scans(4000, 2400, 12), &key(), &Budget::default()).map(drop),
        WORK
    );
    // The same for a small picture is little work.
    assert_eq!(render_any(&scans(400, 240, 12)), Ok(()));
}

/// An animation's first frame that claims to be a part of the picture: what is beside it would be nobody's.
#[test]
fn a_first_frame_is_the_whole_picture() {
    let source = stored("animated.png");
    assert_eq!(render_any(&source), Ok(()));
    let at = source.windows(4).position(|name| name == b"fcTL").unwrap();
    let mut part = source;
    part[at + 8..at + 16].copy_from_slice(&[0, 0, 0, 8, 0, 0, 0, 8]);
    let checksum = crc(&part[at..at + 30]).to_be_bytes();
    part[at + 30..at + 34].copy_from_slice(&checksum);
    assert_eq!(render_any(&part), Err(Error::Malformed));
}
