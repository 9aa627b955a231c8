//! Originals that are decoded while they arrive.

use super::renditions::{PERIOD, fake, kept, last_line, photograph, picture_for};
use super::*;

/// The most bytes of an original that wait to be taken.
const WAITING: usize = 10_000;

fn url() -> String {
    signed("w_160,f_auto", SOURCE, None)
}

#[test]
fn it_makes_no_difference_to_the_answer() {
    let early = fake();
    let first = picture_for(&early, &url());
    assert!(early.untaken.get() < WAITING && photograph(0).len() > 2 * WAITING);
    // Whoever says that he has something may have this very picture: it is fetched whole.
    let whole = fake();
    let mut request = get(&url());
    request.if_none_match = Some("\"another\"".into());
    let second = ask(&whole, &request);
    assert_eq!(whole.untaken.get(), photograph(0).len());
    assert_eq!((second.status, &second.body), (200, &first.body));
    for name in ["etag", "content-type", "cache-control", "vary", "x-deckle-mark"] {
        assert_eq!(first.get(name), second.get(name), "{name}");
    }
    assert_eq!(kept(&early), kept(&whole));
    assert_eq!(last_line(&early)["variant"], last_line(&whole)["variant"]);
}

#[test]
fn what_is_compared_is_fetched_whole() {
    let fake = fake();
    let first = picture_for(&fake, &url());
    fake.now.set(fake.now.get() + PERIOD);
    let second = picture_for(&fake, &url());
    assert_eq!(fake.untaken.get(), photograph(0).len());
    assert_eq!(first.body, second.body);
    fake.now.set(fake.now.get() + PERIOD);
    *fake.original.borrow_mut() = Ok(photograph(9));
    assert_ne!(picture_for(&fake, &url()).body, second.body);
    assert_eq!(fake.untaken.get(), photograph(9).len());
}

#[test]
fn nothing_is_made_of_an_answer_that_breaks_off() {
    let fake = fake();
    // However much was decoded, and even if only what follows the picture is missing.
    fake.original.borrow_mut().as_mut().unwrap().extend([0; 3000]);
    for pieces in [1, 12, photograph(0).len().div_ceil(1000)] {
        fake.cut.set(Some(pieces));
        assert_eq!(refused(&fake, &url()).0, 502);
        assert!(kept(&fake).is_empty());
    }
    fake.cut.set(None);
    picture_for(&fake, &url());
}

#[test]
fn a_damaged_original_has_the_status_that_it_has_when_it_is_whole() {
    let fake = fake();
    let mut damaged = photograph(0);
    let half = damaged.len() / 2;
    damaged[half..half + 2].copy_from_slice(&[0xFF, 0xC4]);
    *fake.original.borrow_mut() = Ok(damaged);
    assert_eq!(refused(&fake, &url()).0, 422);
    assert!(fake.untaken.get() < WAITING);
    // The origin's failure comes first.
    fake.cut.set(Some(20));
    assert_eq!(refused(&fake, &url()).0, 502);
}

#[test]
fn what_may_be_decoded_more_than_once_is_fetched_whole() {
    let fake = fake();
    fake.put_project(|project| project.untraceable = identity::Untraceable::Refuse);
    ask(&fake, &get(&url()));
    assert_eq!((fake.fetches.get(), fake.untaken.get()), (1, photograph(0).len()));
    ask(&fake, &get(&signed("w_160,f_jpeg", SOURCE, None)));
    assert_eq!(fake.fetches.get(), 2);
    assert!(fake.untaken.get() < WAITING);
}
