use crate::key::{Label, bytes, hex};
use crate::{Entry, Key};

/// A place in a chain that is known to be good: everything before it was checked, or cut off after it was kept long enough.
#[derive(Debug, Clone, PartialEq, Eq)]
pub struct Checkpoint {
    /// Name of the chain.
    pub chain: String,
    /// The last entry that it stands for; 0 at a chain's beginning.
    pub seq: i64,
    /// That entry's hash.
    pub hash: String,
    /// The proof that this deployment made it.
    pub tag: String,
}

/// Where a chain does not hold.
#[derive(Debug, Clone, PartialEq, Eq, thiserror::Error)]
#[error("entry {seq} of chain {chain}: {fault}")]
pub struct Broken {
    /// Name of the chain.
    pub chain: String,
    /// The first entry that does not fit; for a gap, the first that is missing.
    pub seq: i64,
    /// What is wrong there.
    pub fault: Fault,
}

/// What is wrong with an entry.
#[derive(Debug, Clone, Copy, PartialEq, Eq, thiserror::Error)]
pub enum Fault {
    /// Entries are missing, or stand twice.
    #[error("entries are missing or repeated here")]
    Gap,
    /// The entry does not continue the one before.
    #[error("it does not follow from the entry before it")]
    Link,
    /// A field is not what was written.
    #[error("it was changed after it was written")]
    Content,
    /// The checkpoint that the chain starts from was not made by this deployment.
    #[error("the checkpoint before it was not made with this deployment's key")]
    Checkpoint,
}

impl Checkpoint {
    /// The beginning of a chain.
    pub fn genesis(chain: &str, key: &Key) -> Self {
        Self::new(chain, 0, Entry::GENESIS, key)
    }

    /// A checkpoint in the place of this entry and all before it.
    pub fn of(entry: &Entry, key: &Key) -> Self {
        Self::new(&entry.chain, entry.seq, &entry.hash, key)
    }

    fn new(chain: &str, seq: i64, hash: &str, key: &Key) -> Self {
        let parts: [&[u8]; 3] = [chain.as_bytes(), &seq.to_be_bytes(), hash.as_bytes()];
        Self {
            chain: chain.to_owned(),
            seq,
            hash: hash.to_owned(),
            tag: hex(&key.tag(Label::Checkpoint, &parts)),
        }
    }

    fn is_ours(&self, key: &Key) -> bool {
        let parts: [&[u8]; 3] = [self.chain.as_bytes(), &self.seq.to_be_bytes(), self.hash.as_bytes()];
        bytes(&self.tag).is_some_and(|tag| key.fits(Label::Checkpoint, &parts, &tag))
    }
}

/// Walks a chain, entry by entry, so that a chain of any length is verified in little memory.
///
/// It cannot see that the newest entries were cut off: that needs a witness outside the database, such as the heads that the
/// operator's log repeats.
pub struct Verifier<'k> {
    key: &'k Key,
    chain: String,
    seq: i64,
    hash: String,
}

impl<'k> Verifier<'k> {
    /// Starts behind a checkpoint.
    pub fn new(key: &'k Key, checkpoint: &Checkpoint) -> Result<Self, Broken> {
        let verifier = Self {
            key,
            chain: checkpoint.chain.clone(),
            seq: checkpoint.seq,
            hash: checkpoint.hash.clone(),
        };
        match checkpoint.is_ours(key) {
            true => Ok(verifier),
            false => Err(verifier.broken(checkpoint.seq, Fault::Checkpoint)),
        }
    }

    /// Takes the next entry, in the order of `seq`.
    pub fn push(&mut self, entry: &Entry) -> Result<(), Broken> {
        let next = self.seq.saturating_add(1);
        if entry.seq != next || entry.chain != self.chain {
            return Err(self.broken(next, Fault::Gap));
        }
        if !entry.is_whole(self.key) {
            return Err(self.broken(next, Fault::Content));
        }
        if entry.prev_hash != self.hash {
            return Err(self.broken(next, Fault::Link));
        }
        self.seq = next;
        self.hash.clone_from(&entry.hash);
        Ok(())
    }

    /// Place and hash of the last good entry.
    pub fn head(&self) -> (i64, &str) {
        (self.seq, &self.hash)
    }

    fn broken(&self, seq: i64, fault: Fault) -> Broken {
        Broken {
            chain: self.chain.clone(),
            seq,
            fault,
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::event::tests::event;
    use crate::key::tests::{key, master};
    use proptest::prelude::*;

    fn chain(length: i64) -> Vec<Entry> {
        let mut entries: Vec<Entry> = Vec::new();
        for seq in 0..length {
            let prev = entries.last().map_or(Entry::GENESIS, |entry| entry.hash.as_str());
            entries.push(Entry::append(&event(), &key(0), seq, prev));
        }
        entries
    }

    fn verify(entries: &[Entry], from: &Checkpoint) -> Result<i64, Broken> {
        let key = key(0);
        let mut verifier = Verifier::new(&key, from)?;
        entries.iter().try_for_each(|entry| verifier.push(entry))?;
        Ok(verifier.head().0)
    }

    fn genesis() -> Checkpoint {
        Checkpoint::genesis("requests", &key(0))
    }

    #[test]
    fn a5_a_chain_holds_and_each_kind_of_damage_is_named() {
        let good = chain(5);
        assert_eq!(verify(&good, &genesis()), Ok(5));
        let fault = |entries: &[Entry]| verify(entries, &genesis()).map_err(|broken| (broken.seq, broken.fault));

        let mut gap = good.clone();
        gap.remove(2);
        assert_eq!(fault(&gap), Err((3, Fault::Gap)));
        assert_eq!(fault(&good[1..]), Err((1, Fault::Gap)));
        let mut swapped = good.clone();
        swapped.swap(1, 2);
        assert_eq!(fault(&swapped), Err((2, Fault::Gap)));
        let mut changed = good.clone();
        changed[3].status = 200;
        assert_eq!(fault(&changed), Err((4, Fault::Content)));
        // Without the key an entry can be replaced by a genuine one of elsewhere at most.
        let mut moved = good.clone();
        moved[3] = Entry::append(&event(), &key(0), 3, Entry::GENESIS);
        assert_eq!(fault(&moved), Err((4, Fault::Link)));
        let mut rewritten = good;
        for seq in 3..5 {
            let prev = rewritten[seq - 1].hash.clone();
            rewritten[seq] = Entry::append(&event(), &key(1), i64::try_from(seq).unwrap(), &prev);
        }
        assert_eq!(fault(&rewritten), Err((4, Fault::Content)));
    }

    #[test]
    fn a5_the_old_end_can_be_cut_off_only_with_the_key() {
        let good = chain(5);
        let checkpoint = Checkpoint::of(&good[2], &key(0));
        assert_eq!(verify(&good[3..], &checkpoint), Ok(5));
        assert_eq!(verify(&good[2..], &checkpoint).unwrap_err().fault, Fault::Gap);
        assert_eq!(verify(&good[4..], &checkpoint).unwrap_err().fault, Fault::Gap);
        let forged = Checkpoint::of(&good[3], &key(1));
        assert_eq!(verify(&good[4..], &forged).unwrap_err().fault, Fault::Checkpoint);
        let moved = Checkpoint { seq: 4, ..checkpoint };
        assert_eq!(verify(&good[4..], &moved).unwrap_err().fault, Fault::Checkpoint);
    }

    #[test]
    fn l4_a_chain_holds_across_one_change_of_the_master_key() {
        let mut entries = chain(2);
        let both = Key::new(&master(1), Some(&master(0)));
        entries.push(Entry::append(&event(), &both, 2, &entries[1].hash));
        let from = Checkpoint::of(&entries[0], &key(0));
        let walk = |key: &Key| -> Result<i64, Broken> {
            let mut verifier = Verifier::new(key, &from)?;
            entries[1..].iter().try_for_each(|entry| verifier.push(entry))?;
            Ok(verifier.head().0)
        };
        assert_eq!(walk(&both), Ok(3));
        assert_eq!(walk(&key(0)).unwrap_err().seq, 3);
        assert_eq!(walk(&key(1)).unwrap_err().fault, Fault::Checkpoint);
    }

    proptest! {
        #[test]
        fn a5_no_field_can_be_changed(which in 0usize..18, entry in 0usize..4) {
            let mut entries = chain(4);
            let changed = &mut entries[entry];
            let text = |text: &mut String| text.push('x');
            let optional = |text: &mut Option<String>| *text = match text { Some(_) => None, None => Some(String::new()) };
            match which {
                0 => text(&mut changed.chain),
                1 => changed.seq += 1,
                2 => changed.at -= 1,
                3 => text(&mut changed.writer),
                4 => text(&mut changed.kind),
                5 => text(&mut changed.request_id),
                6 => text(&mut changed.endpoint),
                7 => text(&mut changed.method),
                8 => optional(&mut changed.client_id),
                9 => text(&mut changed.proof),
                10 => optional(&mut changed.barcode),
                11 => optional(&mut changed.ip),
                12 => changed.status += 1,
                13 => optional(&mut changed.error),
                14 => changed.credits += 1,
                15 => changed.dropped += 1,
                16 => optional(&mut changed.picture),
                _ => text(&mut changed.prev_hash),
            }
            let broken = verify(&entries, &genesis()).unwrap_err();
            prop_assert_eq!(broken.seq, i64::try_from(entry).unwrap() + 1);
        }
    }
}
