use super::*;

fn attempt(id: &str, key: &str) -> Request {
    Fake::post("/api/v1/auth/token", &json!({"client_id": id, "api_key": key}))
}

#[test]
fn a1_ten_attempts_a_minute_for_a_client() {
    let (fake, known) = world();
    for at in 0..10 {
        assert_eq!(fake.ask(from(log_in(&known), &format!("192.0.2.{at}"))).status, 200);
    }
    let answer = fake.ask(log_in(&known));
    assert_eq!(Fake::error(&answer), (429, "auth_rate_limit".to_owned()));
    let wait: u64 = answer.get("retry-after").unwrap().parse().unwrap();
    assert_eq!((seconds(&fake) + wait) % 60, 0);
    assert_eq!(answer.get("x-ratelimit-remaining-minute"), Some("0"));
    later(&fake, wait);
    assert_eq!(fake.ask(log_in(&known)).status, 200);
}

#[test]
fn a1_a_hundred_attempts_a_minute_from_an_address() {
    let (fake, known) = world();
    for at in 0..100 {
        // Without a client there is nothing to hash: the limit is the address's.
        assert_eq!(error(&fake, attempt("", "")).0, 400, "{at}");
    }
    let answer = fake.ask(log_in(&known));
    assert_eq!(Fake::error(&answer), (429, "ip_rate_limit".to_owned()));
    assert!(answer.get("retry-after").is_some());
    assert_eq!(fake.ask(from(log_in(&known), "198.51.100.1")).status, 200);
}

#[test]
fn a2_what_is_over_a_limit_is_not_hashed() {
    let (fake, known) = world();
    for _ in 0..4 {
        refused(&fake, attempt(&known.id, "wrong"), 401, "invalid_credentials");
    }
    for at in 0..6 {
        assert_eq!(fake.ask(from(log_in(&known), &format!("192.0.2.{at}"))).status, 200);
    }
    let statements = fake.world.statements.get();
    refused(&fake, attempt(&known.id, "wrong"), 429, "auth_rate_limit");
    // All that it costs is to be accounted for.
    assert_eq!(fake.world.statements.get(), statements + 3);
}

#[test]
fn a1_five_failures_lock_for_five_minutes_where_they_came_from() {
    let (fake, known) = world();
    for _ in 0..5 {
        refused(&fake, attempt(&known.id, "wrong"), 401, "invalid_credentials");
    }
    let answer = fake.ask(log_in(&known));
    assert_eq!(Fake::error(&answer), (429, "auth_rate_limit".to_owned()));
    assert_eq!(answer.get("retry-after"), Some("300"));
    // The client itself, elsewhere, is not locked out; and that does not unlock the first place.
    assert_eq!(fake.ask(from(log_in(&known), "198.51.100.1")).status, 200);
    refused(&fake, log_in(&known), 429, "auth_rate_limit");
    later(&fake, 299);
    refused(&fake, log_in(&known), 429, "auth_rate_limit");
    later(&fake, 1);
    assert_eq!(fake.ask(log_in(&known)).status, 200);
}

#[test]
fn a1_an_unknown_client_locks_like_a_known_one() {
    let fake = Fake::new();
    for _ in 0..5 {
        refused(&fake, attempt("client_nobody", "wrong"), 401, "invalid_credentials");
    }
    refused(&fake, attempt("client_nobody", "wrong"), 429, "auth_rate_limit");
}

#[test]
fn a1_a_success_begins_the_count_anew() {
    let (fake, known) = world();
    let other = client(&fake);
    for round in 0..3 {
        for _ in 0..4 {
            refused(&fake, attempt(&known.id, "wrong"), 401, "invalid_credentials");
            later(&fake, 20);
        }
        // Another client's success is not this one's.
        assert_eq!(fake.ask(log_in(&other)).status, 200);
        if round < 2 {
            assert_eq!(fake.ask(log_in(&known)).status, 200);
        }
    }
    refused(&fake, attempt(&known.id, "wrong"), 401, "invalid_credentials");
    refused(&fake, log_in(&known), 429, "auth_rate_limit");
}

#[test]
fn after_a_lock_there_are_five_attempts_again() {
    let (fake, known) = world();
    for _ in 0..2 {
        for _ in 0..5 {
            refused(&fake, attempt(&known.id, "wrong"), 401, "invalid_credentials");
        }
        refused(&fake, attempt(&known.id, "wrong"), 429, "auth_rate_limit");
        later(&fake, 300);
    }
}

#[test]
fn sixty_refreshes_a_minute_for_a_client() {
    let (fake, known) = world();
    let mut token = pair(&fake.ask(log_in(&known))).refresh;
    later(&fake, 60 - seconds(&fake) % 60);
    for _ in 0..60 {
        token = pair(&fake.ask(refreshing(&token))).refresh;
    }
    let answer = fake.ask(refreshing(&token));
    assert_eq!(Fake::error(&answer), (429, "refresh_rate_limit".to_owned()));
    assert_eq!(answer.get("retry-after"), Some("60"));
    later(&fake, 60);
    pair(&fake.ask(refreshing(&token)));
}

#[test]
fn a_clients_limit_says_what_is_left_and_what_fails_here_is_not_counted() {
    let fake = Fake::new();
    let known = client(&fake);
    fake.sql("UPDATE clients SET per_minute = 2", &[]);
    let bought = pair(&fake.ask(log_in(&known)));
    for left in ["1", "0"] {
        let answer = fake.ask(account(&bought.access));
        assert_eq!(
            (answer.status, answer.get("x-ratelimit-remaining-minute")),
            (200, Some(left))
        );
    }
    let answer = fake.ask(account(&bought.access));
    assert_eq!(Fake::error(&answer), (429, "rate_limited".to_owned()));
    assert_eq!(answer.get("x-ratelimit-remaining-minute"), Some("0"));
    assert!(answer.get("retry-after").is_some());
}

#[test]
fn k1_without_a_store_nobody_is_let_in() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    fake.world.store_down.set(true);
    later(&fake, 60);
    refused(&fake, log_in(&known), 503, "unavailable");
    refused(&fake, refreshing(&bought.refresh), 503, "unavailable");
    refused(&fake, account(&bought.access), 503, "unavailable");
    fake.world.store_down.set(false);
    pair(&fake.ask(refreshing(&bought.refresh)));
}
