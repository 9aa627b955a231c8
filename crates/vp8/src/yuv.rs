//! Conversion to YUV 4:2:0: BT.601, limited range, as WebP stores it (RFC 9649 section 2.5).

use crate::pixels::split_line;
use crate::transform::Blocks;

/// Fractional bits of the conversion factors.
const FRACTION: u32 = 16;

/// 8-bit samples, row by row from the top, without padding.
#[derive(Debug, Clone, Copy)]
pub enum Pixels<'a> {
    /// Red, green, blue: three bytes a pixel.
    Rgb(&'a [u8]),
    /// Planes of Y, Cb and Cr in full range as JPEG has them (T.871 section 7), the sides of the last two half of the
    /// picture's, rounded up.
    Ycc([&'a [u8]; 3]),
}

impl Pixels<'_> {
    /// Whether the buffers have the lengths that the sides say.
    pub(crate) fn fill(self, width: u16, height: u16) -> bool {
        let plane = |samples: &[u8], width: u16, height: u16, channels: u64| {
            u64::try_from(samples.len()) == Ok(u64::from(width) * u64::from(height) * channels)
        };
        let (half_width, half_height) = (width.div_ceil(2), height.div_ceil(2));
        match self {
            Self::Rgb(samples) => plane(samples, width, height, 3),
            Self::Ycc([y, cb, cr]) => {
                plane(y, width, height, 1)
                    && plane(cb, half_width, half_height, 1)
                    && plane(cr, half_width, half_height, 1)
            }
        }
    }
}

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

    /// Converts the luma of macroblock row `row` of a picture of `width` x `height` pixels.
    pub(crate) fn fill_luma(&mut self, pixels: Pixels<'_>, width: usize, height: usize, row: usize) {
        let stride = self.columns * 16;
        match pixels {
            Pixels::Rgb(rgb) => {
                for (y, out) in self.luma.chunks_exact_mut(stride).enumerate() {
                    let (own, rest) = out.split_at_mut(width);
                    for (out, pixel) in own.iter_mut().zip(line(rgb, width, height, row * 16 + y)) {
                        *out = luma(*pixel);
                    }
                    rest.fill(own[width - 1]);
                }
            }
            Pixels::Ycc([y, ..]) => narrow(y, (width, height), row * 16, stride, &mut self.luma, narrow_luma),
        }
    }

    /// Converts the chroma of the same.
    pub(crate) fn fill_chroma(&mut self, pixels: Pixels<'_>, width: usize, height: usize, row: usize) {
        let stride = self.columns * 8;
        match pixels {
            Pixels::Rgb(rgb) => {
                let [blue, red] = &mut self.chroma;
                let lines = blue.chunks_exact_mut(stride).zip(red.chunks_exact_mut(stride));
                for (y, (blue, red)) in lines.enumerate() {
                    let pair = [0, 1].map(|below| line(rgb, width, height, row * 16 + y * 2 + below));
                    chroma_line(pair, blue, red);
                }
            }
            Pixels::Ycc([_, cb, cr]) => {
                let half = (width.div_ceil(2), height.div_ceil(2));
                for (plane, out) in [cb, cr].into_iter().zip(&mut self.chroma) {
                    narrow(plane, half, row * 8, stride, out, narrow_chroma);
                }
            }
        }
    }

    /// The macroblock in column `column`.
    pub(crate) fn macroblock(&self, column: usize) -> Source {
        let mut source = Source {
            luma: self.luma(column),
            chroma: [[0; 8]; 16],
        };
        for (plane, pixels) in self.chroma.iter().enumerate() {
            for (y, row) in pixels.chunks_exact(self.columns * 8).enumerate() {
                split_line(&row[column * 8..][..8], y, plane * 4, &mut source.chroma);
            }
        }
        source
    }

    /// Its luma alone.
    pub(crate) fn luma(&self, column: usize) -> Blocks<16> {
        let mut luma = [[0; 16]; 16];
        for (y, row) in self.luma.chunks_exact(self.columns * 16).enumerate() {
            split_line(&row[column * 16..][..16], y, 0, &mut luma);
        }
        luma
    }
}

/// A line of RGB pixels, below the picture its last one.
fn line(rgb: &[u8], width: usize, height: usize, y: usize) -> &[[u8; 3]] {
    let start = y.min(height - 1) * width * 3;
    rgb[start..start + width * 3].as_chunks().0
}

/// Brings the rows of a plane from `top` on into the limited range, edges repeated.
fn narrow(
    plane: &[u8],
    (width, height): (usize, usize),
    top: usize,
    stride: usize,
    out: &mut [u8],
    map: impl Fn(u8) -> u8,
) {
    for (y, out) in out.chunks_exact_mut(stride).enumerate() {
        let start = (top + y).min(height - 1) * width;
        let (line, rest) = out.split_at_mut(width);
        for (out, &sample) in line.iter_mut().zip(&plane[start..start + width]) {
            *out = map(sample);
        }
        rest.fill(line[width - 1]);
    }
}

/// 16 + 219 / 255 of the sample.
#[inline(always)]
fn narrow_luma(sample: u8) -> u8 {
    ((u32::from(sample) * 56284 + (16 << FRACTION) + (1 << (FRACTION - 1))) >> FRACTION) as u8
}

/// 224 / 255 of the distance from the middle.
#[inline(always)]
fn narrow_chroma(sample: u8) -> u8 {
    // 128 * (1 - 224 / 255) and a half.
    ((u32::from(sample) * 57569 + 1_019_776 + (1 << (FRACTION - 1))) >> FRACTION) as u8
}

#[inline(always)]
fn luma([r, g, b]: [u8; 3]) -> u8 {
    // 65.738, 129.057 and 25.064 256ths of the full scale, black at 16.
    let sum = 16839 * u32::from(r) + 33059 * u32::from(g) + 6420 * u32::from(b);
    ((sum + (1 << (FRACTION - 1)) + (16 << FRACTION)) >> FRACTION) as u8
}

/// Averages two lines two by two; a last odd column counts twice.
fn chroma_line([upper, lower]: [&[[u8; 3]]; 2], blue: &mut [u8], red: &mut [u8]) {
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

    fn fill(band: &mut Band, pixels: Pixels<'_>, width: usize, height: usize) {
        band.fill_luma(pixels, width, height, 0);
        band.fill_chroma(pixels, width, height, 0);
    }

    #[test]
    fn primaries_have_their_bt601_values() {
        let cases = [
            ([0, 0, 0], [16, 128, 128]),
            ([255, 255, 255], [235, 128, 128]),
            ([255, 0, 0], [82, 90, 240]),
        ];
        for (rgb, [y, u, v]) in cases {
            let mut band = Band::new(1);
            fill(&mut band, Pixels::Rgb(&rgb), 1, 1);
            let source = band.macroblock(0);
            assert_eq!(source.luma, [[y; 16]; 16], "{rgb:?}");
            assert_eq!(source.chroma, [[u, u, u, u, v, v, v, v]; 16], "{rgb:?}");
        }
    }

    #[test]
    fn edges_are_repeated() {
        let rgb: Vec<u8> = (0..17 * 3).map(|x| (x / 3 * 15) as u8).collect();
        let mut band = Band::new(2);
        fill(&mut band, Pixels::Rgb(&rgb), 17, 1);
        let source = band.macroblock(1);
        let last = luma([240; 3]);
        assert_eq!(source.luma, [[i16::from(last); 16]; 16]);
        assert_eq!(band.macroblock(0).luma[..4], band.macroblock(0).luma[12..]);
    }

    #[test]
    fn full_range_becomes_limited_within_rounding() {
        for sample in 0..=255u8 {
            let luma = 16.0 + f64::from(sample) * 219.0 / 255.0;
            let chroma = 128.0 + (f64::from(sample) - 128.0) * 224.0 / 255.0;
            assert!((f64::from(narrow_luma(sample)) - luma).abs() < 0.501, "{sample}");
            assert!((f64::from(narrow_chroma(sample)) - chroma).abs() < 0.501, "{sample}");
        }
        assert_eq!((narrow_luma(0), narrow_luma(255), narrow_chroma(128)), (16, 235, 128));
    }

    /// The same colour in both forms is the same to code, edges included.
    #[test]
    fn planes_and_pixels_agree() {
        let (width, height) = (19, 5);
        let [red, green, blue] = [200u8, 90, 40];
        let rgb = [red, green, blue].repeat(width * height);
        let [r, g, b] = [red, green, blue].map(f64::from);
        let y = 0.299 * r + 0.587 * g + 0.114 * b;
        let [cb, cr] = [(b - y) / 1.772, (r - y) / 1.402].map(|c| (c + 128.0).round() as u8);
        let planes = [(y.round() as u8, width * height), (cb, 30), (cr, 30)].map(|(sample, count)| vec![sample; count]);
        let (mut one, mut other) = (Band::new(2), Band::new(2));
        fill(&mut one, Pixels::Rgb(&rgb), width, height);
        let [y, cb, cr] = &planes;
        let pixels = Pixels::Ycc([y, cb, cr]);
        assert!(pixels.fill(19, 5) && !pixels.fill(18, 5) && !pixels.fill(19, 7));
        fill(&mut other, pixels, width, height);
        for column in 0..2 {
            let (one, other) = (one.macroblock(column), other.macroblock(column));
            let pairs = one.luma.as_flattened().iter().zip(other.luma.as_flattened());
            let pairs = pairs.chain(one.chroma.as_flattened().iter().zip(other.chroma.as_flattened()));
            assert!(pairs.into_iter().all(|(a, b)| (a - b).abs() <= 1));
        }
    }
}
