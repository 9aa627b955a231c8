use super::*;
use admission::{Claim, Window};
use futures::executor::block_on;
use identity::ProjectRef;
use std::cell::{Cell, RefCell};
use std::collections::BTreeMap;

const HOUR: u64 = 3600;
const NOW: u64 = 1_700_000_000;

#[derive(Default)]
struct Fake {
    records: RefCell<BTreeMap<String, Vec<u8>>>,
    listing: Cell<bool>,
    down: Cell<bool>,
}

impl Store for Fake {
    async fn list(&self, mut show: impl FnMut(String)) -> Result<(), String> {
        self.listing.set(true);
        self.records.borrow().keys().cloned().for_each(&mut show);
        self.listing.set(false);
        Ok(())
    }

    async fn get(&self, name: &str) -> Result<Option<Vec<u8>>, String> {
        assert!(!self.listing.get(), "the store was used while it was listed");
        Ok(self.records.borrow().get(name).cloned())
    }

    async fn delete(&self, name: &str) -> Result<(), String> {
        assert!(!self.listing.get(), "the store was used while it was listed");
        if self.down.get() {
            return Err("down".into());
        }
        self.records.borrow_mut().remove(name);
        Ok(())
    }
}

impl Fake {
    fn put(&self, name: &str, value: &[u8]) {
        self.records.borrow_mut().insert(name.to_owned(), value.to_vec());
    }

    fn put_key(&self, exp_grace: u64) {
        let project = ProjectRef {
            id: "prj_1".into(),
            slug: "demo".into(),
        };
        let mut key = KeyRecord::new("pk_a".into(), "sealed".into(), project, "client".into(), 1);
        key.exp_grace = exp_grace;
        self.put(&key.name(), &key.to_bytes());
    }

    /// Both names of a claim to a URL that expires then.
    fn put_claim(&self, exp: u64) -> [String; 2] {
        let claim = Claim::new([7; 16], exp);
        let generation = claim.generation_name();
        let counter = claim.attempt(None).map(|attempt| attempt.counter()).unwrap();
        self.put(&generation, b"1");
        self.put(&counter, &1i64.to_le_bytes());
        [generation, counter]
    }

    fn has(&self, name: &str) -> bool {
        self.records.borrow().contains_key(name)
    }

    fn sweep(&self, now: u64) -> Result<Swept, Interrupted> {
        block_on(sweep(self, now))
    }
}

#[test]
fn t7_what_can_be_used_again_by_any_clock_is_kept() {
    let fake = Fake::default();
    fake.put_key(0);
    let names = fake.put_claim(NOW);
    // The URL's hour ends at 472,223 hours; an hour and a minute later its claim may go.
    let end = (NOW / HOUR + 2) * HOUR + leeway(0);
    for now in [0, NOW - 1, NOW, NOW + HOUR, end - 1] {
        assert_eq!(fake.sweep(now).unwrap().deleted, 0, "{now}");
    }
    assert!(names.iter().all(|name| fake.has(name)));
    assert_eq!(
        fake.sweep(end).unwrap(),
        Swept {
            deleted: 2,
            more: false
        }
    );
    // A clock that is an hour late by then finds the URL expired for itself.
    assert!(end - HOUR > NOW + leeway(0));
}

#[test]
fn t7_a_grace_period_keeps_claims_for_longer() {
    let fake = Fake::default();
    fake.put_key(5 * HOUR);
    let names = fake.put_claim(NOW);
    let end = (NOW / HOUR + 2) * HOUR + leeway(0);
    assert_eq!(fake.sweep(end + 5 * HOUR - 1).unwrap().deleted, 0);
    assert!(names.iter().all(|name| fake.has(name)));
    assert_eq!(fake.sweep(end + 5 * HOUR).unwrap().deleted, 2);
}

#[test]
fn a_key_that_cannot_be_read_keeps_everything() {
    let fake = Fake::default();
    fake.put("key/pk_b", b"{}");
    let names = fake.put_claim(NOW);
    assert!(matches!(fake.sweep(NOW + 100 * HOUR), Err(Interrupted::Key(name, _)) if name == "key/pk_b"));
    assert!(names.iter().all(|name| fake.has(name)));
}

#[test]
fn records_and_open_windows_stay() {
    let fake = Fake::default();
    fake.put_key(0);
    fake.put("project/prj_1", b"anything");
    fake.put("something/else", b"anything");
    let (minute, day) = (Window::Minute.counter("pk_a", NOW), Window::Day.counter("pk_a", NOW));
    fake.put(&minute, &[1; 8]);
    fake.put(&day, &[1; 8]);
    assert_eq!(fake.sweep(NOW + 59).unwrap().deleted, 0);
    assert_eq!(fake.sweep(NOW + HOUR).unwrap().deleted, 1);
    assert!(!fake.has(&minute) && fake.has(&day));
    assert_eq!(fake.sweep(NOW + 100 * HOUR).unwrap().deleted, 1);
    for name in ["key/pk_a", "project/prj_1", "something/else"] {
        assert!(fake.has(name), "{name}");
    }
}

#[test]
fn a_sweep_is_bounded_and_the_next_goes_on() {
    let fake = Fake::default();
    for number in 0..MAX_NAMES as u64 + 5 {
        fake.put(&Window::Minute.counter("pk_a", number * 60), &[1; 8]);
    }
    assert_eq!(
        fake.sweep(NOW).unwrap(),
        Swept {
            deleted: MAX_NAMES,
            more: true
        }
    );
    assert_eq!(
        fake.sweep(NOW).unwrap(),
        Swept {
            deleted: 5,
            more: false
        }
    );
    fake.put(&Window::Minute.counter("pk_a", 0), &[1; 8]);
    fake.down.set(true);
    assert!(matches!(fake.sweep(NOW), Err(Interrupted::Store(_))));
}
