//! The inverse transform of `n` points, by the definition.

use crate::coefficients::ZIGZAG;
use crate::{Component, Error};

/// The samples of a component, `n` of them a block side.
pub fn plane(component: &Component, n: usize, width: usize, height: usize) -> Result<Vec<u8>, Error> {
    let mut samples = Vec::new();
    let count = width.checked_mul(height).ok_or(Error::Memory)?;
    samples.try_reserve_exact(count).map_err(|_| Error::Memory)?;
    let basis = basis(n);
    let mut strip = vec![0; component.blocks_wide * n * n];
    let stride = component.blocks_wide * n;
    for (row, blocks) in component.blocks.chunks_exact(component.blocks_wide.max(1)).enumerate() {
        for (at, block) in blocks.iter().enumerate() {
            for (y, line) in inverse(block, &component.quant, n, &basis).chunks_exact(n).enumerate() {
                strip[y * stride + at * n..][..n].copy_from_slice(line);
            }
        }
        let rows = height.saturating_sub(row * n).min(n);
        for line in strip.chunks_exact(stride).take(rows) {
            samples.extend_from_slice(&line[..width]);
        }
    }
    Ok(samples)
}

/// Row `x`: what each frequency adds to sample `x`.
fn basis(n: usize) -> [[f32; 8]; 8] {
    std::array::from_fn(|x| {
        std::array::from_fn(|u| {
            let angle = (2 * x + 1) as f32 * u as f32 * std::f32::consts::PI / (2 * n) as f32;
            if u == 0 { 0.5f32.sqrt() / 2.0 } else { angle.cos() / 2.0 }
        })
    })
}

fn inverse(block: &[i16; 64], quant: &[u16; 64], n: usize, basis: &[[f32; 8]; 8]) -> Vec<u8> {
    let mut frequencies = [[0.0f32; 8]; 8];
    for ((&coefficient, &step), &place) in block.iter().zip(quant).zip(&ZIGZAG) {
        frequencies[usize::from(place / 8)][usize::from(place % 8)] = f32::from(coefficient) * f32::from(step);
    }
    let rows = frequencies.map(|row| -> [f32; 8] {
        std::array::from_fn(|x| row.iter().zip(&basis[x]).take(n).map(|(f, b)| f * b).sum())
    });
    let sample = |y: usize, x: usize| {
        rows.iter()
            .zip(&basis[y])
            .take(n)
            .map(|(row, b)| row[x] * b)
            .sum::<f32>()
    };
    (0..n * n)
        .map(|at| (sample(at / n, at % n) + 128.0).round().clamp(0.0, 255.0) as u8)
        .collect()
}
