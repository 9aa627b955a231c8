//! The marker segments of a JFIF file.

use crate::huffman::Table;
use crate::{Coefficients, Component, marker};

/// Everything before the entropy-coded data of a baseline file.
pub fn header(c: &Coefficients, tables: &[(Table, Table)]) -> Vec<u8> {
    let mut file = frame(c, marker::SOF0);
    for (number, (dc, ac)) in (0u8..).zip(tables) {
        for (class, table) in [(0x00, dc), (0x10, ac)] {
            huffman(&mut file, class | number, table);
        }
    }
    let selectors = c.components.iter().enumerate();
    let selectors = selectors.map(|(n, component)| [component.id, 0x11 * n.min(1) as u8]);
    scan(&mut file, selectors, (0, 63));
    file
}

/// Everything up to the frame header, whose marker says how the file is coded.
pub fn frame(c: &Coefficients, process: u8) -> Vec<u8> {
    let blocks: usize = c.components.iter().map(|component| component.blocks.len()).sum();
    // A guess at the size of the whole file: most pictures take less than 16 bytes a block.
    let mut file = Vec::with_capacity(1024 + blocks * 16);
    file.extend([0xFF, marker::SOI]);
    // Version 1.01, pixels of no particular size but square, no thumbnail.
    segment(
        &mut file,
        marker::APP0,
        b"JFIF\0\x01\x01\0\0\x01\0\x01\0\0".iter().copied(),
    );

    let mut quants: Vec<&[u16; 64]> = Vec::new();
    let quant_number =
        |component: &Component, quants: &[&[u16; 64]]| quants.iter().position(|q| **q == component.quant);
    for component in &c.components {
        if quant_number(component, &quants).is_none() {
            let steps = component.quant.iter().map(|&step| step as u8);
            segment(&mut file, marker::DQT, std::iter::once(quants.len() as u8).chain(steps));
            quants.push(&component.quant);
        }
    }
    let [height, width] = [c.height, c.width].map(u16::to_be_bytes);
    let frame = [8, height[0], height[1], width[0], width[1], c.components.len() as u8];
    let components = c.components.iter().flat_map(|component| {
        let quant = quant_number(component, &quants).unwrap_or_default() as u8;
        [component.id, component.h << 4 | component.v, quant]
    });
    segment(&mut file, process, frame.into_iter().chain(components));
    file
}

/// A Huffman table, and where it goes: its class (0 for DC, 0x10 for AC) and number.
pub fn huffman(file: &mut Vec<u8>, class_and_number: u8, table: &Table) {
    let lists = table.counts.iter().chain(&table.values).copied();
    segment(file, marker::DHT, std::iter::once(class_and_number).chain(lists));
}

/// The header of a scan of a band of coefficients, from the first to the last: the identifier of each of its components, and the numbers
/// of their tables, DC and AC.
pub fn scan(file: &mut Vec<u8>, components: impl ExactSizeIterator<Item = [u8; 2]>, (first, last): (u8, u8)) {
    let count = std::iter::once(components.len() as u8);
    segment(
        file,
        marker::SOS,
        count.chain(components.flatten()).chain([first, last, 0]),
    );
}

/// A marker, the length of its parameters (far below 2^16 for all that are written) and the parameters.
fn segment(file: &mut Vec<u8>, marker: u8, parameters: impl Iterator<Item = u8>) {
    let start = file.len();
    file.extend([0xFF, marker, 0, 0]);
    file.extend(parameters);
    let length = (file.len() - start - 2) as u16;
    if let Some(place) = file.get_mut(start + 2..start + 4) {
        place.copy_from_slice(&length.to_be_bytes());
    }
}
