//! What a lossless WebP bitstream (RFC 9649) makes its decoder allocate for prefix codes.
//!
//! A picture may have 65,536 groups of five prefix codes, and a code that takes 20 bytes in the file takes 4 KiB as a table: half
//! a megabyte unpacks to a hundred. So the bitstream is read up to the pixels before a decoder sees it, and the codes are added
//! up. Only their lengths are read; nothing is allocated that grows with the picture.

use crate::Error;

/// Symbols of the green channel: literals and lengths; colours of the cache come on top.
const GREEN: usize = 256 + 24;
/// Red, blue, alpha.
const CHANNEL: usize = 256;
const DISTANCES: usize = 40;
/// The longest prefix code (section 6.2.1).
const LONGEST: usize = 15;
/// Codes up to this length are looked up in one table; longer ones go on in a tree.
const TABLE_BITS: usize = 10;
/// Order in which the lengths of the code of code lengths are stored.
const ORDER: [usize; 19] = [17, 18, 0, 1, 2, 3, 4, 5, 16, 6, 7, 8, 9, 10, 11, 12, 13, 14, 15];
/// Bytes that a group takes beside its tables, while the list of groups grows.
const GROUP: u64 = 512;
/// Bytes that a table takes beside its entries.
const ALLOCATION: u64 = 16;

/// Adds up the bytes of the prefix codes of a picture of `width` x `height` pixels; stops adding once it is more than `most`.
/// `headed` is whether the bitstream starts with the picture's own header, which an alpha channel's does not.
///
/// # Errors
/// [`Error::Malformed`] if the bitstream ends early or breaks the format before its pixels.
pub(crate) fn code_bytes(stream: &[u8], width: u32, height: u32, headed: bool, most: u64) -> Result<u64, Error> {
    let mut bits = Bits::new(stream);
    let parsed = (|| {
        if headed {
            // Signature, width, height, alpha, version: 40 bits.
            bits.take(32)?;
            bits.take(8)?;
        }
        let width = transforms(&mut bits, width, height)?;
        let cache = cache_size(&mut bits)?;
        let groups = if bits.take(1)? == 1 {
            let size = bits.take(3)? + 2;
            1 + u64::from(image(&mut bits, blocks(width, size), blocks(height, size))?)
        } else {
            1
        };
        let mut total = 0;
        for _ in 0..groups {
            total += GROUP;
            for symbols in [GREEN + cache, CHANNEL, CHANNEL, CHANNEL, DISTANCES] {
                total += PrefixCode::read(&mut bits, symbols)?.bytes();
            }
            if total > most {
                break;
            }
        }
        Some(total)
    })();
    parsed.ok_or(Error::Malformed)
}

/// Skips the transforms (section 4) and gives the width of the picture that is coded.
fn transforms(bits: &mut Bits<'_>, width: u32, height: u32) -> Option<u32> {
    let mut coded = width;
    let mut seen = [false; 4];
    while bits.take(1)? == 1 {
        let kind = bits.take(2)?;
        if std::mem::replace(seen.get_mut(kind as usize)?, true) {
            return None;
        }
        match kind {
            0 | 1 => {
                let size = bits.take(3)? + 2;
                image(bits, blocks(coded, size), blocks(height, size))?;
            }
            2 => {}
            _ => {
                let colours = bits.take(8)? + 1;
                image(bits, colours, 1)?;
                let size = match colours {
                    0..=2 => 3,
                    3..=4 => 2,
                    5..=16 => 1,
                    _ => 0,
                };
                coded = blocks(coded, size);
            }
        }
    }
    Some(coded)
}

/// Skips a picture that has one group of codes, and gives the highest number that red and green make together in it: in the
/// entropy image, the last group that is used. References and the cache only repeat what a literal said.
fn image(bits: &mut Bits<'_>, width: u32, height: u32) -> Option<u16> {
    let cache = cache_size(bits)?;
    let mut codes = Vec::with_capacity(5);
    for symbols in [GREEN + cache, CHANNEL, CHANNEL, CHANNEL, DISTANCES] {
        codes.push(PrefixCode::read(bits, symbols)?);
    }
    let [green, red, blue, alpha, distance] = codes.as_slice() else {
        return None;
    };
    let pixels = u64::from(width) * u64::from(height);
    let (mut at, mut highest) = (0, 0);
    while at < pixels {
        let symbol = green.symbol(bits)?;
        at += match symbol {
            0..256 => {
                let number = red.symbol(bits)? << 8 | symbol;
                blue.symbol(bits)?;
                alpha.symbol(bits)?;
                highest = highest.max(number);
                1
            }
            256..280 => {
                let length = bits.number(symbol - 256)?;
                let code = distance.symbol(bits)?;
                bits.number(code)?;
                length
            }
            _ => 1,
        };
    }
    Some(highest)
}

/// The number of colours in the cache (section 5.2.3).
fn cache_size(bits: &mut Bits<'_>) -> Option<usize> {
    if bits.take(1)? == 0 {
        return Some(0);
    }
    let size = bits.take(4)?;
    (1..=11).contains(&size).then_some(1 << size)
}

fn blocks(side: u32, size: u32) -> u32 {
    side.div_ceil(1 << size)
}

/// A canonical prefix code (section 6.2): how many codes there are of each length, and their symbols in order.
struct PrefixCode {
    counts: [u16; LONGEST + 1],
    symbols: Vec<u16>,
}

impl PrefixCode {
    fn read(bits: &mut Bits<'_>, alphabet: usize) -> Option<Self> {
        if bits.take(1)? == 1 {
            return Self::simple(bits, alphabet);
        }
        let mut lengths = [0; 19];
        let stored = 4 + bits.take(4)? as usize;
        for at in ORDER.iter().take(stored) {
            lengths[*at] = u8::try_from(bits.take(3)?).ok()?;
        }
        let lengths = Self::of(&lengths)?;
        let mut read = vec![0u8; alphabet];
        let mut left = match bits.take(1)? {
            0 => alphabet,
            _ => {
                let size = 2 + 2 * bits.take(3)?;
                2 + bits.take(size)? as usize
            }
        };
        if left > alphabet {
            return None;
        }
        let (mut at, mut last) = (0, 8);
        while at < alphabet && left > 0 {
            left -= 1;
            let symbol = u8::try_from(lengths.symbol(bits)?).ok()?;
            let (value, times) = match symbol {
                16 => (last, 3 + bits.take(2)?),
                17 => (0, 3 + bits.take(3)?),
                18 => (0, 11 + bits.take(7)?),
                _ => (symbol, 1),
            };
            if (1..16).contains(&symbol) {
                last = symbol;
            }
            let end = at + times as usize;
            read.get_mut(at..end)?.fill(value);
            at = end;
        }
        Self::of(&read)
    }

    /// One or two symbols (section 6.2.1).
    fn simple(bits: &mut Bits<'_>, alphabet: usize) -> Option<Self> {
        let two = bits.take(1)? == 1;
        let size = 1 + 7 * bits.take(1)?;
        let mut symbols = vec![bits.take(size)?];
        if two {
            symbols.push(bits.take(8)?);
        }
        let mut counts = [0; LONGEST + 1];
        counts[usize::from(two)] = u16::try_from(symbols.len()).ok()?;
        let inside = |symbol: u32| {
            u16::try_from(symbol)
                .ok()
                .filter(|symbol| usize::from(*symbol) < alphabet)
        };
        let symbols = symbols.into_iter().map(inside).collect::<Option<_>>()?;
        Some(Self { counts, symbols })
    }

    /// The code with these lengths; it must be complete, or have one symbol, which then takes no bits.
    fn of(lengths: &[u8]) -> Option<Self> {
        let mut counts = [0u16; LONGEST + 1];
        for length in lengths.iter().filter(|length| **length > 0) {
            *counts.get_mut(usize::from(*length))? += 1;
        }
        let mut symbols: Vec<u16> = (0..)
            .take(lengths.len())
            .filter(|at| lengths[usize::from(*at)] > 0)
            .collect();
        symbols.sort_by_key(|at| lengths[usize::from(*at)]);
        if symbols.len() == 1 {
            counts = [0; LONGEST + 1];
            counts[0] = 1;
            return Some(Self { counts, symbols });
        }
        let used: u32 = (1..=LONGEST)
            .map(|length| u32::from(counts[length]) << (LONGEST - length))
            .sum();
        (used == 1 << LONGEST).then_some(Self { counts, symbols })
    }

    fn symbol(&self, bits: &mut Bits<'_>) -> Option<u16> {
        if self.counts[0] == 1 {
            return self.symbols.first().copied();
        }
        let (mut code, mut first, mut index) = (0u32, 0u32, 0u32);
        for count in &self.counts[1..] {
            let count = u32::from(*count);
            code |= bits.take(1)?;
            if code < first + count {
                return self.symbols.get((index + code - first) as usize).copied();
            }
            index += count;
            first = (first + count) << 1;
            code <<= 1;
        }
        None
    }

    /// Bytes of the decoder's table and tree.
    fn bytes(&self) -> u64 {
        let Some(longest) = (1..=LONGEST).rev().find(|length| self.counts[*length] > 0) else {
            return 0;
        };
        let long: u64 = self.counts[TABLE_BITS + 1..]
            .iter()
            .map(|count| u64::from(*count))
            .sum();
        // A tree has two nodes of 8 bytes for each long code; its list may have grown to twice that.
        (4 << longest.min(TABLE_BITS)) + 32 * long + 2 * ALLOCATION
    }
}

/// Bits, the least significant of each byte first.
struct Bits<'a> {
    bytes: &'a [u8],
    at: usize,
}

impl<'a> Bits<'a> {
    fn new(bytes: &'a [u8]) -> Self {
        Self { bytes, at: 0 }
    }

    /// The next `count` bits, at most 32.
    fn take(&mut self, count: u32) -> Option<u32> {
        let mut value = 0u64;
        let (mut taken, count) = (0, count as usize);
        while taken < count {
            let byte = *self.bytes.get(self.at / 8)? >> (self.at % 8);
            let here = (8 - self.at % 8).min(count - taken);
            value |= (u64::from(byte) & ((1 << here) - 1)) << taken;
            taken += here;
            self.at += here;
        }
        u32::try_from(value).ok()
    }

    /// A length or distance by its prefix (section 5.2.2).
    fn number(&mut self, prefix: u16) -> Option<u64> {
        if prefix < 4 {
            return Some(u64::from(prefix) + 1);
        }
        let extra = u32::from(prefix - 2) >> 1;
        let offset = u64::from(2 + (prefix & 1)) << extra;
        Some(offset + u64::from(self.take(extra)?) + 1)
    }
}
