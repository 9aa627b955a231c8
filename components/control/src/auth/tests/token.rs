use super::*;

#[test]
fn credentials_buy_a_pair_that_works() {
    let (fake, known) = world();
    let answer = fake.ask(log_in(&known));
    let bought = pair(&answer);
    assert_eq!(bought.refresh.len(), 44);
    assert!(bought.refresh.starts_with("rt_") && known.key.starts_with("sk_live_") && known.key.len() == 44);
    assert_eq!(answer.get("x-ratelimit-limit-minute"), Some("10"));
    assert_eq!(answer.get("x-ratelimit-remaining-minute"), Some("9"));
    let answer = fake.ask(account(&bought.access));
    assert_eq!(body(&answer)["client_id"], known.id.as_str());
    for (name, value) in [
        ("x-ratelimit-limit-minute", "60"),
        ("x-ratelimit-remaining-minute", "59"),
        ("x-ratelimit-limit-day", "10000"),
        ("x-ratelimit-remaining-day", "9999"),
    ] {
        assert_eq!(answer.get(name), Some(value), "{name}");
    }
}

#[test]
fn missing_credentials() {
    let (fake, known) = world();
    for body in [
        json!({}),
        json!({"client_id": known.id}),
        json!({"api_key": known.key}),
        json!({"client_id": "", "api_key": known.key}),
        json!({"client_id": known.id, "api_key": ""}),
        json!({"client_id": null, "api_key": known.key}),
    ] {
        refused(
            &fake,
            Fake::post("/api/v1/auth/token", &body),
            400,
            "missing_credentials",
        );
    }
    refused(
        &fake,
        Fake::request("POST", "/api/v1/auth/token", &[], b""),
        400,
        "missing_credentials",
    );
}

#[test]
fn a_body_that_is_not_understood_is_refused() {
    let (fake, known) = world();
    let json = [("content-type", "application/json")];
    let ask = |body: &str| Fake::request("POST", "/api/v1/auth/token", &json, body.as_bytes());
    let good = format!("\"client_id\":\"{}\",\"api_key\":\"{}\"", known.id, known.key);
    for body in [
        "{",
        "[]",
        "null",
        &format!("{{{good},\"grant_type\":\"client_credentials\"}}"),
        &format!("{{{good},\"client_id\":\"x\"}}"),
        &format!("{{{good},\"\\u0061pi_key\":\"x\"}}"),
        "{\"client_id\":1,\"api_key\":2}",
    ] {
        refused(&fake, ask(body), 400, "bad_request");
    }
    refused(
        &fake,
        ask(&format!("{{{good},\"x\":\"{}\"}}", "y".repeat(65_536))),
        413,
        "payload_too_large",
    );
    let form = [("content-type", "application/x-www-form-urlencoded")];
    refused(
        &fake,
        Fake::request("POST", "/api/v1/auth/token", &form, b"client_id=a&api_key=b"),
        415,
        "unsupported_media_type",
    );
    refused(
        &fake,
        Fake::request("GET", "/api/v1/auth/token", &[], b""),
        405,
        "method_not_allowed",
    );
}

#[test]
fn h7_an_unknown_client_is_a_wrong_key() {
    let (fake, known) = world();
    let other = client(&fake);
    // The first request of an instance also looks at the migrations.
    fake.ask(account("x"));
    let mut answers = Vec::new();
    for (id, key) in [
        (known.id.as_str(), other.key.as_str()),
        (known.id.as_str(), "sk_live_000000000000000000000000000000000000"),
        (known.id.as_str(), "wrong"),
        ("client_0000000000000000000000", known.key.as_str()),
        ("nobody", "nothing"),
    ] {
        let statements = fake.world.statements.get();
        let mut answer = fake.ask(Fake::post(
            "/api/v1/auth/token",
            &json!({"client_id": id, "api_key": key}),
        ));
        assert_eq!(Fake::error(&answer), (401, "invalid_credentials".to_owned()));
        assert_eq!(answer.get("www-authenticate"), Some("Bearer"));
        let id = answer.get("x-request-id").unwrap().to_owned();
        answer.body = String::from_utf8(answer.body).unwrap().replace(&id, "").into_bytes();
        answer.headers.retain(|(name, _)| !name.starts_with("x-r"));
        // The same answer, by the same number of statements: every one of them also hashed once.
        answers.push((answer.headers, answer.body, fake.world.statements.get() - statements));
    }
    assert!(answers.windows(2).all(|two| two[0] == two[1]), "{answers:?}");
}

#[test]
fn h7_disabled_is_said_only_to_who_has_the_key() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    block_on(clients::disable(&fake, &known.id, "abuse", seconds(&fake))).unwrap();
    refused(&fake, log_in(&known), 403, "client_disabled");
    refused(&fake, account(&bought.access), 403, "client_disabled");
    refused(&fake, refreshing(&bought.refresh), 403, "client_disabled");
    let wrong = Known {
        key: "wrong".into(),
        ..known
    };
    refused(&fake, log_in(&wrong), 401, "invalid_credentials");
}

#[test]
fn a_client_that_expired_is_disabled() {
    let fake = Fake::new();
    let known = client(&fake);
    let end = seconds(&fake) + 100;
    fake.sql("UPDATE clients SET expires_at = $1", &[end.into()]);
    let bought = pair(&fake.ask(log_in(&known)));
    later(&fake, 100);
    refused(&fake, log_in(&known), 403, "client_disabled");
    refused(&fake, account(&bought.access), 403, "client_disabled");
    refused(&fake, refreshing(&bought.refresh), 403, "client_disabled");
}

#[test]
fn a_revoked_client_stays_revoked() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    block_on(clients::revoke(&fake, &known.id, seconds(&fake))).unwrap();
    assert!(block_on(clients::enable(&fake, &known.id)).is_err());
    assert!(block_on(clients::rotate(&fake, &known.id, seconds(&fake))).is_err());
    block_on(clients::revoke(&fake, &known.id, seconds(&fake) + 9)).unwrap();
    refused(&fake, log_in(&known), 403, "client_disabled");
    refused(&fake, account(&bought.access), 403, "client_disabled");
    refused(&fake, refreshing(&bought.refresh), 403, "client_disabled");
}

#[test]
fn a3_rotation_ends_the_old_key_and_every_token() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    let key = block_on(clients::rotate(&fake, &known.id, seconds(&fake))).unwrap();
    refused(&fake, log_in(&known), 401, "invalid_credentials");
    refused(&fake, account(&bought.access), 401, "unauthenticated");
    refused(&fake, refreshing(&bought.refresh), 401, "refresh_token_invalid");
    let known = Known {
        key: key.expose().to_owned(),
        ..known
    };
    let bought = pair(&fake.ask(log_in(&known)));
    assert_eq!(fake.ask(account(&bought.access)).status, 200);
}

#[test]
fn j9_a_token_of_another_scope_is_refused() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    fake.sql(
        "UPDATE clients SET scope = $1, scope_hash = $2",
        &["{\"brands\":[\"acme\"]}".into(), "other".into()],
    );
    refused(&fake, account(&bought.access), 401, "unauthenticated");
    let again = pair(&fake.ask(refreshing(&bought.refresh)));
    assert_eq!(fake.ask(account(&again.access)).status, 200);
    fake.sql("DELETE FROM clients", &[]);
    refused(&fake, account(&again.access), 401, "unauthenticated");
}

#[test]
fn j10_a_bearer_token_stands_in_one_place() {
    let (fake, known) = world();
    let token = pair(&fake.ask(log_in(&known))).access;
    let ask = |target: &str, headers: &[(&str, &str)]| fake.ask(Fake::request("GET", target, headers, b""));
    let bearer = format!("Bearer {token}");
    for scheme in ["Bearer", "bearer", "BEARER"] {
        assert_eq!(
            ask("/api/v1/account", &[("authorization", &format!("{scheme} {token}"))]).status,
            200
        );
    }
    let basic = format!("Basic {token}");
    let query = format!("/api/v1/account?access_token={token}");
    let cookie = format!("access_token={token}");
    for (target, headers) in [
        ("/api/v1/account", vec![]),
        ("/api/v1/account", vec![("authorization", basic.as_str())]),
        ("/api/v1/account", vec![("authorization", token.as_str())]),
        ("/api/v1/account", vec![("authorization", "Bearer")]),
        ("/api/v1/account", vec![("authorization", "Bearer ")]),
        (
            "/api/v1/account",
            vec![("authorization", bearer.as_str()), ("authorization", bearer.as_str())],
        ),
        ("/api/v1/account", vec![("proxy-authorization", bearer.as_str())]),
        ("/api/v1/account", vec![("cookie", cookie.as_str())]),
        (query.as_str(), vec![]),
        (query.as_str(), vec![("authorization", bearer.as_str())]),
    ] {
        let answer = ask(target, &headers);
        assert_eq!(
            Fake::error(&answer),
            (401, "unauthenticated".to_owned()),
            "{target} {headers:?}"
        );
        assert_eq!(answer.get("www-authenticate"), Some("Bearer"));
    }
}

#[test]
fn an_access_token_ends_after_an_hour() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    later(&fake, 3600 + ::token::LEEWAY - 1);
    assert_eq!(fake.ask(account(&bought.access)).status, 200);
    later(&fake, 1);
    refused(&fake, account(&bought.access), 401, "unauthenticated");
}

#[test]
fn a_client_calls_from_its_networks() {
    let fake = Fake::new();
    let known = client(&fake);
    fake.sql("UPDATE clients SET allowlist = '[\"203.0.113.0/24\"]'", &[]);
    let bought = pair(&fake.ask(log_in(&known)));
    assert_eq!(fake.ask(account(&bought.access)).status, 200);
    let elsewhere = "198.51.100.1";
    refused(
        &fake,
        from(account(&bought.access), elsewhere),
        403,
        "client_ip_not_allowed",
    );
    refused(&fake, from(log_in(&known), elsewhere), 403, "client_ip_not_allowed");
    refused(
        &fake,
        from(refreshing(&bought.refresh), elsewhere),
        403,
        "client_ip_not_allowed",
    );
    let mut nowhere = account(&bought.access);
    nowhere.peer = None;
    refused(&fake, nowhere, 403, "client_ip_not_allowed");
    // The refused refresh has not used the token.
    pair(&fake.ask(refreshing(&bought.refresh)));
}
