//! Places of bits, as the distances between them.
//!
//! A byte below 224 is a distance in bits. The others carry five bits more: 224 + n, followed by the byte m, stands for
//! 224 + 256 n + m; the greatest of them moves on without naming a place.

const LONG: u8 = 224;
const MOST: usize = LONG as usize + 256 * (u8::MAX - LONG) as usize + 255;

/// More than any symbol changes in a row.
const VARIES: usize = 31;

/// Writes places in ascending order.
#[derive(Debug, Default)]
pub(crate) struct Writer {
    bytes: Vec<u8>,
    at: usize,
}

impl Writer {
    pub fn with_capacity(places: usize) -> Self {
        Self {
            bytes: Vec::with_capacity(places),
            at: 0,
        }
    }

    /// A number that is no place.
    pub fn number(&mut self, number: usize) {
        let mut rest = number;
        while rest >= MOST {
            self.distance(MOST);
            rest -= MOST;
        }
        self.distance(rest);
    }

    /// How many places each of a row's symbols has: one number if it is the same for all.
    pub fn counts(&mut self, counts: &[u8]) {
        match counts.split_first() {
            Some((first, others)) if others.iter().any(|other| other != first) => {
                self.number(VARIES);
                self.bytes.extend(counts);
            }
            first => self.number(first.map_or(0, |(first, _)| (*first).into())),
        }
    }

    /// The next place.
    #[cfg(test)]
    pub fn place(&mut self, place: usize) {
        let mut notes = self.notes(1, place);
        notes.place(place);
        let (length, at) = notes.end();
        self.take_over(length, at);
    }

    /// A way to write places as they come: as many as `places`, none of them behind `end`. Call [`Writer::take_over`] with its end.
    pub fn notes(&mut self, places: usize, end: usize) -> Notes<'_> {
        let start = self.bytes.len();
        // Two bytes a place at most, and two for each distance that moves on.
        let room = 2 * places + 2 * (end.saturating_sub(self.at) / MOST) + 4;
        self.bytes.resize(start + room, 0);
        Notes {
            bytes: &mut self.bytes,
            length: start,
            at: self.at,
        }
    }

    /// Goes on behind what the last notes wrote.
    pub fn take_over(&mut self, length: usize, at: usize) {
        self.bytes.truncate(length);
        self.at = at;
    }

    fn distance(&mut self, distance: usize) {
        match distance.checked_sub(usize::from(LONG)) {
            None => self.bytes.push(distance as u8),
            Some(more) => self.bytes.extend([LONG + (more >> 8) as u8, more as u8]),
        }
    }

    pub fn finish(self) -> Vec<u8> {
        self.bytes
    }
}

/// Places on their way into a table that has room for them.
pub(crate) struct Notes<'a> {
    bytes: &'a mut [u8],
    length: usize,
    at: usize,
}

impl Notes<'_> {
    /// The next place.
    #[inline(always)]
    pub fn place(&mut self, place: usize) {
        let distance = place.saturating_sub(self.at);
        self.at = place;
        if distance < usize::from(LONG) {
            if let Some(byte) = self.bytes.get_mut(self.length) {
                *byte = distance as u8;
            }
            self.length += 1;
        } else {
            self.length = far(self.bytes, self.length, distance);
        }
    }

    /// Those of the next places whose bits are set.
    #[inline(always)]
    pub fn places(&mut self, places: &[usize; 4], mask: u8) {
        let Some(room) = self
            .bytes
            .get_mut(self.length..)
            .and_then(|rest| rest.first_chunk_mut::<4>())
        else {
            return;
        };
        // Without branches, since masks are as random as pictures.
        let (mut at, mut written, mut widest) = (self.at, 0, 0);
        for (i, place) in places.iter().enumerate() {
            let wanted = mask >> i & 1 == 1;
            let distance = place.wrapping_sub(at);
            room[written & 3] = distance as u8;
            written += usize::from(wanted);
            widest = if wanted { distance.max(widest) } else { widest };
            at = if wanted { *place } else { at };
        }
        if widest < usize::from(LONG) {
            (self.length, self.at) = (self.length + written, at);
        } else {
            self.far_places(places, mask);
        }
    }

    #[cold]
    fn far_places(&mut self, places: &[usize; 4], mask: u8) {
        for place in (0..4).filter(|i| mask >> i & 1 == 1).filter_map(|i| places.get(i)) {
            self.place(*place);
        }
    }

    /// The table's length, and the last place.
    pub fn end(self) -> (usize, usize) {
        (self.length, self.at)
    }
}

/// Writes a number that takes more than a byte; the length with it.
#[cold]
fn far(bytes: &mut [u8], length: usize, number: usize) -> usize {
    let mut writer = Writer::default();
    writer.number(number);
    let end = length + writer.bytes.len();
    if let Some(place) = bytes.get_mut(length..end) {
        place.copy_from_slice(&writer.bytes);
    }
    end
}

/// Reads what [`Writer`] wrote.
#[derive(Debug)]
pub(crate) struct Reader<'a> {
    bytes: std::slice::Iter<'a, u8>,
    at: usize,
}

impl<'a> Reader<'a> {
    pub fn new(bytes: &'a [u8]) -> Self {
        Self {
            bytes: bytes.iter(),
            at: 0,
        }
    }

    #[inline(always)]
    pub fn number(&mut self) -> Option<usize> {
        match *self.bytes.next()? {
            short @ 0..LONG => Some(usize::from(short)),
            long => self.long(long),
        }
    }

    #[cold]
    fn long(&mut self, mut first: u8) -> Option<usize> {
        let mut sum = 0_usize;
        loop {
            let distance = match first.checked_sub(LONG) {
                None => usize::from(first),
                Some(high) => usize::from(LONG) + (usize::from(high) << 8) + usize::from(*self.bytes.next()?),
            };
            sum = sum.checked_add(distance)?;
            if distance < MOST {
                return Some(sum);
            }
            first = *self.bytes.next()?;
        }
    }

    /// Inverts the bits of symbols that are 1. The symbols come in bands, and their places row by row, `rows` in each band. `None` if
    /// that is not what the table has.
    pub fn invert_bands(&mut self, symbols: &[bool], rows: usize, file: &mut [u8]) -> Option<()> {
        let mut rest = symbols;
        while !rest.is_empty() {
            let (band, behind) = rest.split_at_checked(self.number()?)?;
            rest = behind;
            for _ in 0..rows {
                match self.number()? {
                    VARIES => {
                        for (symbol, count) in band.iter().zip(self.numbers(band.len())?) {
                            for _ in 0..*count {
                                self.invert(*symbol, file)?;
                            }
                        }
                    }
                    count => {
                        for symbol in band {
                            for _ in 0..count {
                                self.invert(*symbol, file)?;
                            }
                        }
                    }
                }
            }
        }
        Some(())
    }

    /// The next bytes, which are numbers below 224.
    fn numbers(&mut self, count: usize) -> Option<&'a [u8]> {
        let (numbers, rest) = self.bytes.as_slice().split_at_checked(count)?;
        self.bytes = rest.iter();
        Some(numbers)
    }

    /// Inverts the bit at the next place if `symbol`. `None` if there is no such place in the file.
    #[inline(always)]
    pub fn invert(&mut self, symbol: bool, file: &mut [u8]) -> Option<()> {
        self.at = self.at.checked_add(self.number()?)?;
        *file.get_mut(self.at / 8)? ^= u8::from(symbol) << (self.at % 8);
        Some(())
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use proptest::prelude::*;

    proptest! {
        #[test]
        fn places_are_found_again(distances in proptest::collection::vec(
            prop_oneof![0..300_usize, 8000..9000_usize, 0..100_000_usize], 0..60)
        ) {
            let mut writer = Writer::default();
            let mut places = Vec::new();
            let mut at = 3;
            for distance in &distances {
                writer.number(*distance);
                at += distance;
                writer.place(at);
                places.push(at);
            }
            let table = writer.finish();
            let mut reader = Reader::new(&table);
            let mut file = vec![0_u8; at / 8 + 1];
            for (distance, place) in distances.iter().zip(places) {
                prop_assert_eq!(reader.number(), Some(*distance));
                let before = file[place / 8];
                prop_assert!(reader.invert(true, &mut file).is_some());
                prop_assert_eq!(before ^ file[place / 8], 1 << (place % 8));
            }
            prop_assert_eq!(reader.number(), None);
        }

        #[test]
        fn any_bytes_are_read_or_refused(table in proptest::collection::vec(any::<u8>(), 0..200)) {
            let mut reader = Reader::new(&table);
            let mut file = vec![0; 1000];
            while reader.invert(true, &mut file).is_some() {}
        }
    }
}
