use super::*;
use crate::context::Counted;
use crate::event::Event;
use crate::fake::Fake;
use crate::sql::Value;
use futures::executor::block_on;
use std::cell::{Cell, RefCell};

const KEY: &str = "0123456789-0123456789";

/// Runs a request whose work is counted, over a connection of its own.
async fn ask(
    fake: &Fake,
    owner: &str,
    key: &str,
    body: &str,
    done: &Cell<u32>,
    result: Result<(), Code>,
) -> Result<(u16, String, bool), Code> {
    let host = fake.another();
    let (event, counted) = (RefCell::new(Event::default()), RefCell::new(Counted::default()));
    let context = Context {
        host: &host,
        instance: &fake.world.instance,
        settings: &fake.world.settings,
        request_id: "req_1",
        now: fake.world.now.get(),
        address: None,
        event: &event,
        counted: &counted,
    };
    let request = Repeatable {
        owner,
        key: Some(key),
        target: "POST /things",
        body: body.as_bytes(),
    };
    let answer = once(&context, request, async || {
        done.set(done.get() + 1);
        host.sleep(1).await;
        result?;
        context.json(201, &format!("made {}", done.get()))
    })
    .await;
    let answer = answer.map_err(|refusal| refusal.code)?;
    let text = String::from_utf8(answer.body.clone()).unwrap();
    Ok((answer.status, text, answer.get("idempotency-replayed") == Some("1")))
}

#[test]
fn r12_a_request_is_done_once() {
    let (fake, done) = (Fake::new(), Cell::new(0));
    let run = |owner: &str, key: &str, body: &str| block_on(ask(&fake, owner, key, body, &done, Ok(())));
    assert_eq!(run("a", KEY, "x"), Ok((201, "\"made 1\"".into(), false)));
    assert_eq!(run("a", KEY, "x"), Ok((201, "\"made 1\"".into(), true)));
    assert_eq!(run("a", KEY, "y"), Err(Code::IdempotencyKeyMismatch));
    assert_eq!(run("b", KEY, "y"), Ok((201, "\"made 2\"".into(), false)));
    // What is kept is sealed.
    let stored = format!("{:?}", fake.sql("SELECT * FROM idempotency", &[]));
    assert!(!stored.contains("made"), "{stored}");
    fake.world.now.set(fake.world.now.get() + 86_401_000);
    assert_eq!(run("a", KEY, "z"), Ok((201, "\"made 3\"".into(), false)));
}

#[test]
fn r12_side_by_side_one_is_done() {
    let (fake, done) = (Fake::new(), Cell::new(0));
    fake.world.yields.set(true);
    let all = (0..8).map(|_| ask(&fake, "a", KEY, "x", &done, Ok(())));
    let answers = block_on(futures::future::join_all(all));
    assert_eq!(done.get(), 1);
    assert!(
        answers
            .iter()
            .all(|answer| matches!(answer, Ok((201, body, _)) if body == "\"made 1\"")),
        "{answers:?}"
    );
    assert_eq!(
        answers
            .iter()
            .filter(|answer| matches!(answer, Ok((_, _, false))))
            .count(),
        1
    );
}

#[test]
fn a_refusal_is_not_kept() {
    let (fake, done) = (Fake::new(), Cell::new(0));
    assert_eq!(
        block_on(ask(&fake, "a", KEY, "x", &done, Err(Code::Conflict))),
        Err(Code::Conflict)
    );
    assert_eq!(
        block_on(ask(&fake, "a", KEY, "x", &done, Ok(()))),
        Ok((201, "\"made 2\"".into(), false))
    );
}

#[test]
fn a_request_whose_host_died_is_done_again() {
    let (fake, done) = (Fake::new(), Cell::new(0));
    block_on(ask(&fake, "a", KEY, "x", &done, Ok(()))).unwrap();
    fake.sql("UPDATE idempotency SET status = NULL, answer = NULL", &[]);
    assert_eq!(
        block_on(ask(&fake, "a", KEY, "x", &done, Ok(()))),
        Err(Code::IdempotencyKeyInUse)
    );
    let long_ago: [Value; 1] = [(fake.world.now.get() / 1000 - ABANDONED - 1).into()];
    fake.sql("UPDATE idempotency SET created_at = $1", &long_ago);
    assert_eq!(
        block_on(ask(&fake, "a", KEY, "x", &done, Ok(()))),
        Ok((201, "\"made 2\"".into(), false))
    );
}

#[test]
fn keys_have_a_form() {
    let (fake, done) = (Fake::new(), Cell::new(0));
    for key in [
        "",
        &KEY[..19],
        &"k".repeat(256),
        "0123456789 0123456789",
        "0123456789\u{e4}0123456789",
    ] {
        assert_eq!(
            block_on(ask(&fake, "a", key, "x", &done, Ok(()))),
            Err(Code::BadRequest),
            "{key}"
        );
    }
    assert_eq!(done.get(), 0);
}
