//! Entropy-coded bits, most significant first, with a zero byte stuffed after every 0xFF (T.81 F.1.2.3).

/// Appends bits to a file under construction. The file itself stays with the caller: no function out of line sees the numbers
/// below, so they can stay in registers.
pub struct BitWriter<'a> {
    out: &'a mut Vec<u8>,
    /// The `count` low bits are still to be written; what is above them has been.
    window: u64,
    count: u32,
}

impl<'a> BitWriter<'a> {
    pub fn new(out: &'a mut Vec<u8>) -> Self {
        Self {
            out,
            window: 0,
            count: 0,
        }
    }

    /// Writes the `length` (at most 32) low bits of `bits`; the others must be zero.
    #[inline(always)]
    pub fn put(&mut self, bits: u32, length: u32) {
        self.window = self.window << length | u64::from(bits);
        self.count += length;
        if self.count >= 32 {
            self.count -= 32;
            let word = (self.window >> self.count) as u32;
            if has_ones_byte(word) {
                stuff(self.out, &word.to_be_bytes());
            } else {
                self.out.extend_from_slice(&word.to_be_bytes());
            }
        }
    }

    /// Fills the last byte with ones.
    pub fn finish(mut self) {
        let padding = (8 - self.count % 8) % 8;
        self.put((1 << padding) - 1, padding);
        while self.count > 0 {
            self.count -= 8;
            stuff(self.out, &[(self.window >> self.count) as u8]);
        }
    }
}

/// Writes bytes with a zero after every 0xFF.
#[inline(never)]
fn stuff(out: &mut Vec<u8>, bytes: &[u8]) {
    for &byte in bytes {
        out.push(byte);
        if byte == 0xFF {
            out.push(0);
        }
    }
}

/// Whether one of the four bytes is 0xFF: only a zero byte of the inverse borrows into its top bit.
#[inline(always)]
fn has_ones_byte(word: u32) -> bool {
    let inverted = !word;
    inverted.wrapping_sub(0x0101_0101) & word & 0x8080_8080 != 0
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn bits_are_packed_stuffed_and_padded() {
        let mut file = vec![1];
        let mut writer = BitWriter::new(&mut file);
        writer.put(0xFF, 8);
        writer.put(0b101, 3);
        writer.finish();
        assert_eq!(file, [1, 0xFF, 0, 0b1011_1111]);
        file.clear();
        let mut writer = BitWriter::new(&mut file);
        for byte in [0x12, 0xFF, 0xFE, 0xFF, 0xFF, 0xFF, 0xFF, 0xFF, 0x80] {
            writer.put(byte, 8);
        }
        writer.finish();
        assert_eq!(
            file,
            [0x12, 0xFF, 0, 0xFE, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0xFF, 0, 0x80]
        );
    }
}
