//! Places of bits, as the distances between them.
//!
//! A byte below 224 is a distance in bits. The others carry five bits more: 224 + n, followed by the byte m, stands for
//! 224 + 256 n + m; the greatest of them moves on without naming a place.

const LONG: u8 = 224;
const MOST: usize = LONG as usize + 256 * (u8::MAX - LONG) as usize + 255;

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

    /// The next place.
    #[inline(always)]
    pub fn place(&mut self, place: usize) {
        let distance = place.saturating_sub(self.at);
        self.at = place;
        if distance < usize::from(LONG) {
            self.bytes.push(distance as u8);
        } else {
            self.number(distance);
        }
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

    /// The next bytes, which are numbers below 224.
    pub fn numbers(&mut self, count: usize) -> Option<&'a [u8]> {
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
