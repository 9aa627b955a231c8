//! Marker segments (T.81 B.1.1).

use crate::Error;

/// The next marker's code and what follows it; `None` if there is none. Bytes before it are skipped: padding, or entropy-coded
/// data nobody asked for.
pub fn next_marker(data: &[u8]) -> Option<(u8, &[u8])> {
    let mut rest = data;
    loop {
        rest = from_ones_byte(rest)?;
        let &code = rest.get(1)?;
        if !matches!(code, 0x00 | 0xFF) {
            return Some((code, rest.get(2..).unwrap_or_default()));
        }
        rest = rest.get(1..).unwrap_or_default();
    }
}

/// What is asked for and what follows it.
type Split<'d> = (&'d [u8], &'d [u8]);

/// The parameters of a marker segment and what follows it; `None` if the data ends within.
pub fn parameters(data: &[u8]) -> Result<Option<Split<'_>>, Error> {
    let Some((length, data)) = data.split_first_chunk::<2>() else {
        return Ok(None);
    };
    let length = usize::from(u16::from_be_bytes(*length)).checked_sub(2);
    Ok(data.split_at_checked(length.ok_or(Error::Malformed("segment length"))?))
}

/// The first `N` bytes of a segment's parameters.
pub fn array<const N: usize>(parameters: &[u8]) -> Result<[u8; N], Error> {
    parameters
        .first_chunk()
        .copied()
        .ok_or(Error::Malformed("short segment"))
}

/// Data from its first byte of 0xFF on. A skipped scan is megabytes without a marker.
fn from_ones_byte(data: &[u8]) -> Option<&[u8]> {
    let pieces = data.as_chunks::<8>().0.as_chunks::<2>().0;
    let mut skipped = 0;
    for &piece in pieces {
        let ones = ones_bytes(piece);
        if ones != 0 {
            return data.get(skipped + ones.trailing_zeros() as usize..);
        }
        skipped += 16;
    }
    let rest = data.get(skipped..)?;
    rest.get(rest.iter().position(|&byte| byte == 0xFF)?..)
}

/// A bit for each byte that is 0xFF, the lowest for the first.
#[cfg(all(target_arch = "wasm32", target_feature = "simd128"))]
#[inline(always)]
pub fn ones_bytes([first, second]: [[u8; 8]; 2]) -> u32 {
    use core::arch::wasm32::{i8x16_bitmask, i8x16_eq, i8x16_splat, u64x2};
    let bytes = u64x2(u64::from_le_bytes(first), u64::from_le_bytes(second));
    i8x16_bitmask(i8x16_eq(bytes, i8x16_splat(-1))).into()
}

#[cfg(not(all(target_arch = "wasm32", target_feature = "simd128")))]
#[inline(always)]
pub fn ones_bytes(bytes: [[u8; 8]; 2]) -> u32 {
    let bits = bytes.as_flattened().iter().zip(0..);
    bits.fold(0, |ones, (&byte, place)| ones | (u32::from(byte == 0xFF) << place))
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn markers_are_found_behind_data_and_fill_bytes() {
        let mut data = vec![7; 100];
        data.extend([0xFF, 0x00, 0xFF, 0xFF, 0xFF, 0xD9, 1]);
        assert_eq!(next_marker(&data), Some((0xD9, &[1][..])));
        assert_eq!(next_marker(&data[..105]), None);
        assert_eq!(next_marker(&[]), None);
        for start in 0..100 {
            assert_eq!(next_marker(&data[start..]).map(|found| found.0), Some(0xD9));
        }
    }

    #[test]
    fn segments_end_where_their_length_says() {
        assert_eq!(parameters(&[0, 4, 1, 2, 3]), Ok(Some((&[1, 2][..], &[3][..]))));
        assert_eq!(parameters(&[0, 4, 1]), Ok(None));
        assert_eq!(parameters(&[0]), Ok(None));
        assert!(parameters(&[0, 1, 1]).is_err());
    }
}
