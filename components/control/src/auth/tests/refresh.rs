use super::*;

#[test]
fn a_refresh_token_buys_a_pair_once() {
    let (fake, known) = world();
    let first = pair(&fake.ask(log_in(&known)));
    let answer = fake.ask(refreshing(&first.refresh));
    let second = pair(&answer);
    assert_ne!(first, second);
    assert_eq!(answer.get("x-ratelimit-limit-minute"), Some("60"));
    for access in [&first.access, &second.access] {
        assert_eq!(fake.ask(account(access)).status, 200);
    }
    let third = pair(&fake.ask(refreshing(&second.refresh)));
    assert_eq!(fake.ask(account(&third.access)).status, 200);
}

#[test]
fn missing_refresh_token() {
    let fake = Fake::new();
    for body in [json!({}), json!({"refresh_token": ""}), json!({"refresh_token": null})] {
        refused(
            &fake,
            Fake::post("/api/v1/auth/refresh", &body),
            400,
            "missing_refresh_token",
        );
    }
    refused(
        &fake,
        Fake::request("POST", "/api/v1/auth/refresh", &[], b""),
        400,
        "missing_refresh_token",
    );
    refused(
        &fake,
        Fake::post("/api/v1/auth/refresh", &json!({"refresh_token": "x", "more": 1})),
        400,
        "bad_request",
    );
}

#[test]
fn what_is_no_refresh_token_is_invalid() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    let token = &bought.refresh;
    let last = if token.ends_with('0') { '1' } else { '0' };
    for text in [
        "rt_",
        "x",
        &bought.access,
        &known.key,
        &token.to_uppercase(),
        &format!("{token}0"),
        &format!("{}{last}", &token[..43]),
    ] {
        refused(&fake, refreshing(text), 401, "refresh_token_invalid");
    }
    // Nothing of it has used the token.
    pair(&fake.ask(refreshing(token)));
}

#[test]
fn a_refresh_token_ends_after_ninety_days() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    later(&fake, 90 * 86_400 - 1);
    let next = pair(&fake.ask(refreshing(&bought.refresh)));
    later(&fake, 90 * 86_400);
    refused(&fake, refreshing(&next.refresh), 401, "refresh_token_expired");
    refused(&fake, refreshing(&bought.refresh), 401, "refresh_token_expired");
    assert_eq!(fake.ask(log_in(&known)).status, 200);
}

#[test]
fn r11_reuse_ends_everything_that_the_client_holds_and_tells_its_owner_once() {
    let (fake, known) = world();
    let other = client(&fake);
    let theirs = pair(&fake.ask(log_in(&other)));
    let (first, elsewhere) = (pair(&fake.ask(log_in(&known))), pair(&fake.ask(log_in(&known))));
    let second = pair(&fake.ask(refreshing(&first.refresh)));
    for _ in 0..3 {
        refused(&fake, refreshing(&first.refresh), 401, "refresh_token_reused");
    }
    for dead in [&second, &elsewhere] {
        refused(&fake, refreshing(&dead.refresh), 401, "refresh_token_invalid");
        refused(&fake, account(&dead.access), 401, "unauthenticated");
    }
    refused(&fake, account(&first.access), 401, "unauthenticated");
    // The key waits for its owner to replace it.
    refused(&fake, log_in(&known), 403, "client_disabled");
    let told = fake.sql("SELECT client_id, kind, delivered_at FROM outbox", &[]);
    assert_eq!(told.len(), 1);
    assert_eq!(told[0].get::<String>(0).unwrap(), known.id);
    assert_eq!(told[0].get::<String>(1).unwrap(), "refresh_token_reused");
    let record = fake.world.records.borrow()[&identity::ClientRecord::name_of(&known.id)].clone();
    assert_eq!(identity::ClientRecord::from_bytes(&known.id, &record).unwrap().epoch, 2);
    // Nobody else notices.
    assert_eq!(fake.ask(account(&theirs.access)).status, 200);
    pair(&fake.ask(refreshing(&theirs.refresh)));

    let key = block_on(clients::rotate(&fake, &known.id, seconds(&fake))).unwrap();
    let known = Known {
        key: key.expose().to_owned(),
        ..known
    };
    let fresh = pair(&fake.ask(log_in(&known)));
    // What was stolen before says nothing about what came after.
    refused(&fake, refreshing(&first.refresh), 401, "refresh_token_reused");
    pair(&fake.ask(refreshing(&fresh.refresh)));
    assert_eq!(fake.sql("SELECT id FROM outbox", &[]).len(), 1);
}

#[test]
fn a_database_that_fails_in_between_leaves_no_half_state() {
    let (fake, known) = world();
    let mut current = pair(&fake.ask(log_in(&known)));
    // Whatever statement fails, the token is as good as before, or its successor was handed out.
    let mut answered = 0;
    for statement in 1..10 {
        fake.world.fail_at.set(Some(fake.world.statements.get() + statement));
        let answer = fake.ask(refreshing(&current.refresh));
        fake.world.fail_at.set(None);
        if answer.status == 200 {
            current = pair(&answer);
            answered += 1;
            continue;
        }
        assert_eq!(Fake::error(&answer).0, 503);
        current = pair(&fake.ask(refreshing(&current.refresh)));
        later(&fake, 60);
    }
    assert!(answered > 0, "{answered}");
}
