use super::*;

fn revoking(token: &str) -> Request {
    Fake::post("/api/v1/auth/revoke", &json!({"token": token}))
}

#[test]
fn a_revoked_access_token_ends_alone() {
    let (fake, known) = world();
    let (first, second) = (pair(&fake.ask(log_in(&known))), pair(&fake.ask(log_in(&known))));
    assert_eq!(body(&fake.ask(revoking(&first.access))), json!({}));
    refused(&fake, account(&first.access), 401, "unauthenticated");
    assert_eq!(fake.ask(account(&second.access)).status, 200);
    let next = pair(&fake.ask(refreshing(&first.refresh)));
    assert_eq!(fake.ask(account(&next.access)).status, 200);
}

#[test]
fn a_revoked_refresh_token_ends_its_session() {
    let (fake, known) = world();
    let (first, other) = (pair(&fake.ask(log_in(&known))), pair(&fake.ask(log_in(&known))));
    let second = pair(&fake.ask(refreshing(&first.refresh)));
    assert_eq!(fake.ask(revoking(&second.refresh)).status, 200);
    refused(&fake, refreshing(&second.refresh), 401, "refresh_token_invalid");
    for access in [&first.access, &second.access] {
        refused(&fake, account(access), 401, "unauthenticated");
    }
    assert_eq!(fake.ask(account(&other.access)).status, 200);
    pair(&fake.ask(refreshing(&other.refresh)));
}

#[test]
fn what_means_nothing_is_revoked_already() {
    let (fake, known) = world();
    let bought = pair(&fake.ask(log_in(&known)));
    let last = if bought.refresh.ends_with('0') { '1' } else { '0' };
    for text in [
        "",
        "x",
        "rt_",
        &known.key,
        &format!("{}{last}", &bought.refresh[..43]),
        &bought.access[..200],
    ] {
        assert_eq!(body(&fake.ask(revoking(text))), json!({}), "{text}");
    }
    assert_eq!(fake.ask(account(&bought.access)).status, 200);
    pair(&fake.ask(refreshing(&bought.refresh)));
    refused(&fake, Fake::post("/api/v1/auth/revoke", &json!({})), 400, "bad_request");
    let hint = json!({"token": "x", "token_type_hint": "refresh_token"});
    assert_eq!(fake.ask(Fake::post("/api/v1/auth/revoke", &hint)).status, 200);
}
