//! Conversion to YUV 4:2:0: BT.601, limited range, as WebP stores it (RFC 9649 section 2.5).

use crate::pixels::split_line;
use crate::transform::Blocks;

/// Fractional bits of the conversion factors.
const FRACTION: u32 = 16;

/// One row of macroblocks of the source, edge pixels repeated to whole macroblocks.
pub(crate) struct Band {
    columns: usize,
    luma: Vec<u8>,
    chroma: [Vec<u8>; 2],
}

/// The source pixels of a macroblock as 4x4 blocks side by side.
pub(crate) struct Source {
    pub(crate) luma: Blocks<16>,
    /// Four blocks of the blue difference, then four of the red.
    pub(crate) chroma: Blocks<8>,
}

impl Band {
    /// Room for pictures `columns` macroblocks wide.
    pub(crate) fn new(columns: usize) -> Self {
        Self {
            columns,
            luma: vec![0; columns * 256],
            chroma: [vec![0; columns * 64], vec![0; columns * 64]],
        }
    }

    /// Converts macroblock row `row` of a picture of interleaved RGB, `width` x `height` pixels.
    pub(crate) fn fill(&mut self, rgb: &[u8], width: usize, height: usize, row: usize) {
        let line = |y: usize| {
            let start = y.min(height - 1) * width * 3;
            &rgb[start..start + width * 3]
        };
        let (luma_stride, chroma_stride) = (self.columns * 16, self.columns * 8);
        for y in 0..8 {
            let lines = [line(row * 16 + y * 2), line(row * 16 + y * 2 + 1)];
            for (line, out) in lines
                .iter()
                .zip(self.luma[y * 2 * luma_stride..].chunks_exact_mut(luma_stride))
            {
                for (pixel, out) in line.as_chunks::<3>().0.iter().zip(out.iter_mut()) {
                    *out = luma(*pixel);
                }
                let last = out[width - 1];
                out[width..].fill(last);
            }
            let [blue, red] = &mut self.chroma;
            let at = y * chroma_stride..(y + 1) * chroma_stride;
            chroma_line(lines, &mut blue[at.clone()], &mut red[at]);
        }
    }

    /// The macroblock in column `column`.
    pub(crate) fn macroblock(&self, column: usize) -> Source {
        let mut source = Source {
            luma: [[0; 16]; 16],
            chroma: [[0; 8]; 16],
        };
        for (y, row) in self.luma.chunks_exact(self.columns * 16).enumerate() {
            split_line(&row[column * 16..][..16], y, 0, &mut source.luma);
        }
        for (plane, pixels) in self.chroma.iter().enumerate() {
            for (y, row) in pixels.chunks_exact(self.columns * 8).enumerate() {
                split_line(&row[column * 8..][..8], y, plane * 4, &mut source.chroma);
            }
        }
        source
    }
}

#[inline(always)]
fn luma([r, g, b]: [u8; 3]) -> u8 {
    // 65.738, 129.057 and 25.064 256ths of the full scale, black at 16.
    let sum = 16839 * u32::from(r) + 33059 * u32::from(g) + 6420 * u32::from(b);
    ((sum + (1 << (FRACTION - 1)) + (16 << FRACTION)) >> FRACTION) as u8
}

/// Averages two lines two by two; a last odd column counts twice.
fn chroma_line(lines: [&[u8]; 2], blue: &mut [u8], red: &mut [u8]) {
    let [upper, lower] = lines.map(|line| line.as_chunks::<3>().0);
    let mut count = 0;
    let pairs = upper.chunks(2).zip(lower.chunks(2));
    for ((upper, lower), (blue, red)) in pairs.zip(blue.iter_mut().zip(red.iter_mut())) {
        let (&[first, .., last] | &[first @ last]) = upper else {
            continue;
        };
        let (&[below, .., below_last] | &[below @ below_last]) = lower else {
            continue;
        };
        let sum = |i: usize| {
            [first, last, below, below_last]
                .iter()
                .map(|pixel| i32::from(pixel[i]))
                .sum::<i32>()
        };
        let (r, g, b) = (sum(0), sum(1), sum(2));
        *blue = chroma(-9719 * r - 19081 * g + 28800 * b);
        *red = chroma(28800 * r - 24116 * g - 4684 * b);
        count += 1;
    }
    for plane in [blue, red] {
        let last = plane[count - 1];
        plane[count..].fill(last);
    }
}

/// A colour difference from the weighted sum of four pixels.
#[inline(always)]
fn chroma(sum: i32) -> u8 {
    ((sum + (128 << (FRACTION + 2)) + (1 << (FRACTION + 1))) >> (FRACTION + 2)).clamp(0, 255) as u8
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn primaries_have_their_bt601_values() {
        let cases = [
            ([0, 0, 0], [16, 128, 128]),
            ([255, 255, 255], [235, 128, 128]),
            ([255, 0, 0], [82, 90, 240]),
        ];
        for (rgb, [y, u, v]) in cases {
            let mut band = Band::new(1);
            band.fill(&rgb, 1, 1, 0);
            let source = band.macroblock(0);
            assert_eq!(source.luma, [[y; 16]; 16], "{rgb:?}");
            assert_eq!(source.chroma, [[u, u, u, u, v, v, v, v]; 16], "{rgb:?}");
        }
    }

    #[test]
    fn edges_are_repeated() {
        let rgb: Vec<u8> = (0..17 * 3).map(|x| (x / 3 * 15) as u8).collect();
        let mut band = Band::new(2);
        band.fill(&rgb, 17, 1, 0);
        let source = band.macroblock(1);
        let last = luma([240; 3]);
        assert_eq!(source.luma, [[i16::from(last); 16]; 16]);
        assert_eq!(band.macroblock(0).luma[..4], band.macroblock(0).luma[12..]);
    }
}
