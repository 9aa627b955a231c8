use base64::{Engine, engine::general_purpose::URL_SAFE_NO_PAD};

/// How often a claim can be given back.
pub const MAX_RELEASES: u8 = 2;

/// Seconds of a bucket: the names of all claims whose URLs expire within the same hour share a prefix.
pub(crate) const BUCKET: u64 = 3600;
pub(crate) const USE: &str = "use";
pub(crate) const GENERATION: &str = "gen";

/// The claim to a URL that may be used once. Nothing but an atomic increment decides who has it: the request that makes the
/// counter 1, and no other.
///
/// The steps are types, each made by the one before, and none can be taken twice. A request reads
/// [`Claim::generation_name`] and goes on with [`Claim::attempt`]; increments [`Attempt::counter`] by one and goes on with
/// [`Attempt::decide`]; renders, and if that fails before the first byte of an answer was sent, stores what
/// [`Won::release`] says. Whatever the store does not answer ends the request, and is never asked again: an increment whose
/// answer was lost may have been counted.
///
/// A release writes the next generation, which has a counter of its own. It is safe because only the winner of a generation
/// may write the next one, and a winner that does so will never answer with the picture. So one picture is sent at most,
/// whatever is lost, late or stale; a claim that was neither used nor released stays taken.
#[derive(Clone, PartialEq, Eq, Hash)]
pub struct Claim {
    hour: u64,
    id: String,
}

/// A claim of which the generation is known.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Attempt {
    claim: Claim,
    generation: u8,
}

/// What an attempt came to.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
pub enum Outcome {
    /// This request, and no other, may send the picture.
    Won(Won),
    /// Another request has it.
    Gone,
    /// Nobody knows: the store did not answer, or not with what a counter can be.
    Unknown,
}

/// A claim that is ours.
#[derive(Clone, Debug, PartialEq, Eq, Hash)]
#[must_use]
pub struct Won {
    claim: Claim,
    generation: u8,
}

/// What to store to give a claim back.
#[derive(Clone, PartialEq, Eq, Hash)]
#[must_use]
pub struct Release {
    /// Under which name.
    pub name: String,
    /// Which bytes.
    pub value: Vec<u8>,
}

impl Claim {
    /// The claim to the URL with this id that expires at `exp` (Unix seconds). Both come from what was verified, and no two
    /// URLs share an id: it is random, or a hash of what makes the URL unique.
    pub fn new(id: [u8; 16], exp: u64) -> Self {
        Self {
            hour: exp / BUCKET,
            id: URL_SAFE_NO_PAD.encode(id),
        }
    }

    /// Where the generation is stored; mostly, nothing is.
    pub fn generation_name(&self) -> String {
        format!("{GENERATION}/{}/{}", self.hour, self.id)
    }

    /// Goes on with what was read there. `None`: these are not the bytes of a generation, and nobody may go on.
    pub fn attempt(self, stored: Option<&[u8]>) -> Option<Attempt> {
        let generation = match stored {
            None => 0,
            Some([digit @ b'1'..=b'9']) if digit - b'0' <= MAX_RELEASES => digit - b'0',
            Some(_) => return None,
        };
        Some(Attempt {
            claim: self,
            generation,
        })
    }
}

impl Attempt {
    /// The counter to increment by one, once. It belongs in the store of counters, where nothing is ever set.
    pub fn counter(&self) -> String {
        format!("{USE}/{}/{}/{}", self.claim.hour, self.claim.id, self.generation)
    }

    /// Goes on with the counter's new value; `None` where there was no answer.
    pub fn decide(self, count: Option<i64>) -> Outcome {
        match count {
            Some(1) => Outcome::Won(Won {
                claim: self.claim,
                generation: self.generation,
            }),
            Some(2..) => Outcome::Gone,
            Some(_) | None => Outcome::Unknown,
        }
    }
}

impl Won {
    /// Gives the claim back. Only for a request that has sent no byte of the picture, and will not. `None`: it was given back
    /// too often, and stays taken.
    pub fn release(self) -> Option<Release> {
        let next = self.generation.checked_add(1).filter(|next| *next <= MAX_RELEASES)?;
        Some(Release {
            name: self.claim.generation_name(),
            value: vec![b'0'.checked_add(next)?],
        })
    }
}

/// A claim's names hold the id of a token that may still be good: it is not printed.
impl std::fmt::Debug for Claim {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

impl std::fmt::Debug for Release {
    fn fmt(&self, f: &mut std::fmt::Formatter<'_>) -> std::fmt::Result {
        f.write_str("[redacted]")
    }
}

#[cfg(test)]
mod tests {
    use super::*;

    const EXP: u64 = 1_700_000_000;

    fn claim() -> Claim {
        Claim::new([7; 16], EXP)
    }

    fn won(stored: Option<&[u8]>) -> Won {
        match claim().attempt(stored).unwrap().decide(Some(1)) {
            Outcome::Won(won) => won,
            other => panic!("{other:?}"),
        }
    }

    #[test]
    fn names_carry_their_hour() {
        let read = claim();
        assert_eq!(read.generation_name(), "gen/472222/BwcHBwcHBwcHBwcHBwcHBw");
        assert_eq!(
            read.attempt(None).unwrap().counter(),
            "use/472222/BwcHBwcHBwcHBwcHBwcHBw/0"
        );
        assert_eq!(
            claim().attempt(Some(b"2")).unwrap().counter(),
            "use/472222/BwcHBwcHBwcHBwcHBwcHBw/2"
        );
        assert_eq!(Claim::new([0; 16], 3599).hour, 0);
        assert_eq!(Claim::new([0; 16], 3600).hour, 1);
    }

    #[test]
    fn one_and_nothing_else_wins() {
        let decide = |count| claim().attempt(None).unwrap().decide(count);
        assert!(matches!(decide(Some(1)), Outcome::Won(_)));
        for count in [2, 3, 64, i64::MAX] {
            assert_eq!(decide(Some(count)), Outcome::Gone, "{count}");
        }
        for count in [None, Some(0), Some(-1), Some(i64::MIN)] {
            assert_eq!(decide(count), Outcome::Unknown, "{count:?}");
        }
    }

    #[test]
    fn a_generation_is_one_digit() {
        for stored in [
            &b""[..],
            b"0",
            b"3",
            b"9",
            b"01",
            b"1\n",
            b" 1",
            b"-1",
            b"\0",
            b"\x01",
            &[b'1'; 100],
        ] {
            assert_eq!(claim().attempt(Some(stored)), None, "{stored:?}");
        }
    }

    #[test]
    fn r2_a_claim_is_given_back_twice() {
        let first = won(None).release().unwrap();
        assert_eq!(first.name, claim().generation_name());
        let second = won(Some(&first.value)).release().unwrap();
        assert_eq!(second.name, claim().generation_name());
        assert_eq!(won(Some(&second.value)).release(), None);
    }

    #[test]
    fn debug_prints_no_id() {
        let release = won(None).release();
        let text = format!("{:?} {:?} {release:?}", claim(), claim().attempt(None));
        assert!(!text.contains("BwcH"), "{text}");
    }
}
