//! Inputs made from seeds: the same every time, so that a finding is found again.

/// Values at the edges of what fields of 8, 16 and 32 bits hold.
const EDGES: [u32; 8] = [0, 1, 0x7f, 0x80, 0xff, 0x7fff, 0xffff, u32::MAX];
/// What separates or begins something in one of the formats.
const WORDS: [&[u8]; 16] = [
    b"%2e",
    b"%2F",
    b"%00",
    b"../",
    b"&",
    b"=",
    b"_",
    b",",
    b".",
    b":",
    b"\"",
    b"[",
    b"\xff\xd8",
    b"\xff\xda",
    b"\x9d\x01\x2a",
    b"VP8 ",
];

/// Pseudo-random numbers (SplitMix64: Steele, Lea and Flood 2014).
struct Random(u64);

impl Random {
    fn next(&mut self) -> u64 {
        self.0 = self.0.wrapping_add(0x9e37_79b9_7f4a_7c15);
        let mut z = self.0;
        z = (z ^ (z >> 30)).wrapping_mul(0xbf58_476d_1ce4_e5b9);
        z = (z ^ (z >> 27)).wrapping_mul(0x94d0_49bb_1331_11eb);
        z ^ (z >> 31)
    }

    /// A number below `end`; 0 where there is none.
    fn below(&mut self, end: usize) -> usize {
        usize::try_from(self.next() % (end.max(1) as u64)).unwrap_or(0)
    }

    fn pick<'a, T: ?Sized>(&mut self, from: &[&'a T]) -> Option<&'a T> {
        from.get(self.below(from.len())).copied()
    }
}

/// The `number`th mutation of some seeds: one of them with one to eight changes.
pub fn of(seeds: &[&[u8]], number: u64) -> Vec<u8> {
    let mut random = Random(number);
    let mut input = random.pick(seeds).unwrap_or_default().to_vec();
    for _ in 0..=random.below(8) {
        change(&mut input, seeds, &mut random);
    }
    input
}

fn change(input: &mut Vec<u8>, seeds: &[&[u8]], random: &mut Random) {
    let at = random.below(input.len() + 1);
    let length = 1 + random.below(8.min(input.len()));
    let end = (at + length).min(input.len());
    match random.below(10) {
        // A bit, a byte, a field.
        0 | 1 => input
            .iter_mut()
            .skip(at)
            .take(1)
            .for_each(|byte| *byte ^= 1 << (at % 8)),
        2 | 3 => {
            let value = random.next().to_le_bytes()[0];
            input.iter_mut().skip(at).take(1).for_each(|byte| *byte = value);
        }
        4 => {
            let edge = EDGES[random.below(EDGES.len())];
            let bytes = if random.below(2) == 0 {
                edge.to_be_bytes()
            } else {
                edge.to_le_bytes()
            };
            let width = 1 << random.below(3);
            let field = if random.below(2) == 0 {
                &bytes[..width]
            } else {
                &bytes[4 - width..]
            };
            input.splice(at..(at + width).min(input.len()), field.iter().copied());
        }
        // Cut short, cut out, said twice.
        5 => input.truncate(at),
        6 => drop(input.drain(at..end)),
        7 => {
            let part = input[at..end].to_vec();
            input.splice(at..at, part);
        }
        8 => drop(input.splice(at..at, WORDS[random.below(WORDS.len())].iter().copied())),
        // The end of another seed.
        _ => {
            let other = random.pick(seeds).unwrap_or_default();
            let from = random.below(other.len() + 1);
            input.truncate(at);
            input.extend_from_slice(&other[from..]);
        }
    }
}
