use super::{Backend, Error, Memory, Sqlite};
use crate::scratch::Scratch;
use std::sync::Arc;

fn backends(folder: &Scratch) -> Vec<Arc<dyn Backend>> {
    vec![
        Arc::new(Memory::new(1 << 20)),
        Arc::new(Sqlite::open(&folder.path().join("kv.db")).unwrap()),
    ]
}

#[test]
fn concurrent_increments_are_exact() {
    let folder = Scratch::new("kv-increment");
    for backend in backends(&folder) {
        let mut seen: Vec<i64> = std::thread::scope(|scope| {
            let workers: Vec<_> = (0..8)
                .map(|_| {
                    scope.spawn(|| {
                        (0..50)
                            .map(|_| backend.increment("default", "n", 1).unwrap())
                            .collect::<Vec<_>>()
                    })
                })
                .collect();
            workers.into_iter().flat_map(|worker| worker.join().unwrap()).collect()
        });
        seen.sort_unstable();
        assert_eq!(
            seen,
            (1..=400).collect::<Vec<_>>(),
            "every caller gets a number of its own"
        );
    }
}

#[test]
fn two_connections_to_one_file_share_counters() {
    let folder = Scratch::new("kv-two");
    let path = folder.path().join("kv.db");
    let (one, two) = (Sqlite::open(&path).unwrap(), Sqlite::open(&path).unwrap());
    std::thread::scope(|scope| {
        for backend in [&one, &two] {
            scope.spawn(move || (0..100).for_each(|_| assert!(backend.increment("default", "n", 1).unwrap() > 0)));
        }
    });
    assert_eq!(one.increment("default", "n", 0).unwrap(), 200);
}

#[test]
fn increment_refuses_foreign_bytes_and_overflow_and_keeps_the_store_usable() {
    let folder = Scratch::new("kv-foreign");
    for backend in backends(&folder) {
        backend.set("default", "text", b"hello").unwrap();
        assert!(matches!(
            backend.increment("default", "text", 1),
            Err(Error::NotACounter)
        ));
        assert_eq!(backend.increment("default", "max", i64::MAX).unwrap(), i64::MAX);
        assert!(matches!(backend.increment("default", "max", 1), Err(Error::Overflow)));
        assert_eq!(backend.get("default", "text").unwrap().as_deref(), Some(&b"hello"[..]));
        assert_eq!(backend.get("default", "max").unwrap().unwrap(), i64::MAX.to_le_bytes());
    }
}

#[test]
fn swap_lets_one_of_two_creators_win_and_checks_the_value_seen() {
    let folder = Scratch::new("kv-swap");
    for backend in backends(&folder) {
        assert!(backend.swap("default", "k", None, b"first").unwrap());
        assert!(!backend.swap("default", "k", None, b"second").unwrap());
        assert!(!backend.swap("default", "k", Some(b"other"), b"third").unwrap());
        assert!(backend.swap("default", "k", Some(b"first"), b"fourth").unwrap());
        assert_eq!(backend.get("default", "k").unwrap().unwrap(), b"fourth");
    }
}

#[test]
fn stores_are_apart() {
    let folder = Scratch::new("kv-apart");
    for backend in backends(&folder) {
        backend.set("a", "k", b"1").unwrap();
        backend.set("b", "k", b"2").unwrap();
        backend.set("a", "j", b"3").unwrap();
        backend.delete("b", "k").unwrap();
        assert_eq!(backend.get_at_once("a", "k"), Some(Some(b"1".to_vec())));
        assert_eq!(backend.get_at_once("b", "k"), Some(None));
        assert_eq!(backend.keys("a").unwrap(), ["j", "k"]);
        assert!(backend.keys("b").unwrap().is_empty());
    }
}

#[test]
fn a_read_at_once_waits_for_no_writer() {
    let folder = Scratch::new("kv-at-once");
    let path = folder.path().join("kv.db");
    let store = Sqlite::open(&path).unwrap();
    assert_eq!(store.get_at_once("default", "k"), Some(None));
    store.set("default", "k", b"one").unwrap();
    assert_eq!(store.get_at_once("default", "k"), Some(Some(b"one".to_vec())));
    // Another process in the middle of its write: what it has not committed is not there yet.
    let other = rusqlite::Connection::open(&path).unwrap();
    other
        .execute_batch("BEGIN IMMEDIATE; UPDATE spin_key_value SET value = x'00'")
        .unwrap();
    assert_eq!(store.get_at_once("default", "k"), Some(Some(b"one".to_vec())));
    other.execute_batch("COMMIT").unwrap();
    assert_eq!(store.get_at_once("default", "k"), Some(Some(vec![0])));
}
