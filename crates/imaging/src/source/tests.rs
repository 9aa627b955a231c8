use super::exif::orientation;
use crate::tests::fixtures::exif;

#[test]
fn orientation_is_read_in_both_byte_orders() {
    for value in 1..=8 {
        assert_eq!(orientation(&exif(u16::from(value), true)), value);
        assert_eq!(orientation(&exif(u16::from(value), false)), value);
    }
}

#[test]
fn senseless_orientations_are_upright() {
    for value in [0, 9, 256, 65535] {
        assert_eq!(orientation(&exif(value, true)), 1, "{value}");
    }
    let valid = exif(6, true);
    for length in 0..valid.len() - 2 {
        let _ = orientation(&valid[..length]);
    }
    // A directory that points at itself or far outside.
    for offset in [0u32, 2, 0xFFFF_FFFF, 0x7FFF_FFFF] {
        let mut block = valid.clone();
        block[4..8].copy_from_slice(&offset.to_be_bytes());
        assert_eq!(orientation(&block), 1, "{offset}");
    }
}
