use crate::fake::Fake;

#[test]
fn every_answer_names_its_request_and_is_kept_by_nobody() {
    let fake = Fake::new();
    for (method, path, status, error) in [
        ("GET", "/api/v1/account", 401, "unauthenticated"),
        ("POST", "/api/v1/account", 405, "method_not_allowed"),
        ("GET", "/api/v1/account/", 404, "not_found"),
        ("GET", "/api/v1//account", 404, "not_found"),
    ] {
        let answer = fake.ask(Fake::request(method, path, &[], b""));
        assert_eq!(Fake::error(&answer), (status, error.to_owned()), "{method} {path}");
        assert!(answer.get("x-request-id").unwrap().starts_with("req_"));
    }
    let long = format!("/api/v1/account?{}", "x".repeat(8192));
    assert_eq!(Fake::error(&fake.ask(Fake::request("GET", &long, &[], b""))).0, 414);
}

#[test]
fn a_401_names_its_scheme_and_a_405_its_methods() {
    let fake = Fake::new();
    let answer = fake.ask(Fake::request("GET", "/api/v1/account", &[], b""));
    assert_eq!(answer.get("www-authenticate"), Some("Bearer"));
    let answer = fake.ask(Fake::request("DELETE", "/api/v1/account", &[], b""));
    assert_eq!(answer.get("allow"), Some("GET, HEAD"));
}

#[test]
fn without_a_database_nothing_is_answered() {
    let fake = Fake::new();
    fake.world.database_down.set(true);
    let answer = fake.ask(Fake::request("GET", "/api/v1/account", &[], b""));
    assert_eq!(Fake::error(&answer), (503, "unavailable".to_owned()));
    assert_eq!(answer.get("retry-after"), Some("1"));
    fake.world.database_down.set(false);
    assert_eq!(fake.ask(Fake::request("GET", "/api/v1/account", &[], b"")).status, 401);
}
