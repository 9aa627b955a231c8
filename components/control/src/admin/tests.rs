use super::*;
use crate::fake::{Fake, OPERATOR};
use crate::route::Route;
use serde_json::{Value, json};

fn ask(fake: &Fake, method: &str, target: &str, body: Value) -> (u16, Value) {
    let answer = fake.operate(method, target, (!body.is_null()).then_some(body));
    (answer.status, serde_json::from_slice(&answer.body).unwrap())
}

fn client(fake: &Fake) -> String {
    let (status, made) = ask(fake, "POST", "/admin/clients", json!({ "name": "Shop" }));
    assert_eq!(status, 201, "{made}");
    made["client"]["id"].as_str().unwrap().to_owned()
}

#[test]
fn only_the_operator_is_let_in_and_everybody_is_counted() {
    let fake = Fake::new();
    let with = |authorization: &str| {
        let headers = [("authorization", authorization)];
        fake.ask(Fake::request("GET", "/admin/clients", &headers, b"")).status
    };
    assert_eq!(with(&format!("Bearer {OPERATOR}")), 200);
    assert_eq!(with(&format!("bearer {OPERATOR}")), 200);
    for wrong in [
        "",
        "Bearer",
        "Bearer ",
        &format!("Basic {OPERATOR}"),
        &format!("Bearer {OPERATOR}A"),
        &format!("Bearer {}", &OPERATOR[1..]),
    ] {
        assert_eq!(with(wrong), 401, "{wrong}");
    }
    let twice = format!("Bearer {OPERATOR}");
    let headers = [("authorization", twice.as_str()), ("authorization", twice.as_str())];
    assert_eq!(
        fake.ask(Fake::request("GET", "/admin/clients", &headers, b"")).status,
        401
    );
    let left = (0..300)
        .map(|_| with("Bearer x"))
        .filter(|status| *status == 401)
        .count();
    assert_eq!(left, 300 - 9);
    assert_eq!(with(&format!("Bearer {OPERATOR}")), 429);
}

#[test]
fn a_client_is_made_shown_once_changed_and_ended() {
    let fake = Fake::new();
    let (status, made) = ask(
        &fake,
        "POST",
        "/admin/clients",
        json!({
            "name": "Shop", "tier": "enterprise", "scope": { "brands": ["Acme"] }, "allowlist": ["2001:DB8::/32"],
            "webhook_url": "https://shop.example.com/hook",
        }),
    );
    assert_eq!(status, 201, "{made}");
    let id = made["client"]["id"].as_str().unwrap();
    let (key, secret) = (
        made["api_key"].as_str().unwrap(),
        made["webhook_secret"].as_str().unwrap(),
    );
    assert!(key.starts_with("sk_live_") && key.len() == 44 && secret.starts_with("whsec_"));
    let path = format!("/admin/clients/{id}");
    let (_, read) = ask(&fake, "GET", &path, Value::Null);
    assert_eq!(read["client"], made["client"]);
    assert_eq!(read["client"]["allowlist"], json!(["2001:db8::/32"]));
    assert!(!read.to_string().contains(key) && !read.to_string().contains(secret));
    let stored = format!("{:?}", fake.sql("SELECT * FROM clients", &[]))
        + &format!("{:?}", fake.sql("SELECT * FROM api_keys", &[]));
    assert!(
        !stored.contains(key) && !stored.contains(secret),
        "a secret in the clear"
    );

    let (_, changed) = ask(&fake, "PATCH", &path, json!({ "per_minute": 5, "webhook_url": null }));
    assert_eq!(
        (&changed["client"]["per_minute"], &changed["client"]["webhook_url"]),
        (&json!(5), &Value::Null)
    );
    assert_eq!(changed["client"]["tier"], "enterprise");

    let epoch = || fake.sql("SELECT epoch, key_id FROM clients", &[]);
    let before = epoch();
    let (status, rotated) = ask(&fake, "POST", &format!("{path}/rotate"), Value::Null);
    assert_eq!(status, 200, "{rotated}");
    assert_ne!(rotated["api_key"], made["api_key"]);
    assert_ne!(epoch(), before);

    assert_eq!(
        ask(&fake, "POST", &format!("{path}/disable"), Value::Null).1["client"]["status"],
        "disabled"
    );
    assert_eq!(
        ask(&fake, "POST", &format!("{path}/enable"), Value::Null).1["client"]["status"],
        "active"
    );
    let revoked = ask(&fake, "POST", &format!("/admin/api-clients/{id}/revoke"), Value::Null).1;
    assert_eq!(revoked["client"]["status"], "revoked");
    for (method, action, body) in [
        ("POST", "/enable", Value::Null),
        ("POST", "/rotate", Value::Null),
        ("PATCH", "", json!({ "name": "x" })),
    ] {
        assert_eq!(ask(&fake, method, &format!("{path}{action}"), body).0, 403, "{action}");
    }
    let again = ask(&fake, "POST", &format!("{path}/revoke"), Value::Null).1;
    assert_eq!(again["client"]["revoked_at"], revoked["client"]["revoked_at"]);
}

#[test]
fn h9_what_is_not_meant_to_be_set_is_refused() {
    let fake = Fake::new();
    let id = client(&fake);
    let path = format!("/admin/clients/{id}");
    for member in [
        "credits",
        "epoch",
        "id",
        "key_id",
        "scope_hash",
        "revoked_at",
        "disabled_at",
        "created_at",
        "webhook_secret",
    ] {
        assert_eq!(ask(&fake, "PATCH", &path, json!({ member: 1 })).0, 400, "{member}");
        assert_eq!(
            ask(&fake, "POST", "/admin/clients", json!({ "name": "x", member: 1 })).0,
            400,
            "{member}"
        );
    }
    for bad in [
        json!({ "allowlist": ["0.0.0.0/0"] }),
        json!({ "allowlist": ["10.0.0.5/8"] }),
        json!({ "scope": { "brands": [] } }),
        json!({ "ip_prefix_v4": 0 }),
        json!({ "ip_prefix_v6": 129 }),
        json!({ "per_minute": 0 }),
        json!({ "name": "a\nb" }),
        json!({ "webhook_url": "http://shop.example.com/" }),
        json!({ "webhook_url": "https://user@shop.example.com/" }),
        json!({ "webhook_url": "https:///x" }),
    ] {
        assert_eq!(ask(&fake, "PATCH", &path, bad.clone()).0, 422, "{bad}");
    }
    for bad in [json!({ "tier": 7 }), json!({ "name": 1 }), json!([])] {
        assert_eq!(ask(&fake, "PATCH", &path, bad.clone()).0, 400, "{bad}");
    }
}

#[test]
fn h10_what_does_not_exist_answers_alike() {
    let fake = Fake::new();
    for (method, path) in [
        ("GET", "/admin/clients/client_none"),
        ("GET", "/admin/clients/sk_live_something"),
        ("POST", "/admin/clients/client_none/rotate"),
        ("POST", "/admin/clients/client_none/revoke"),
        ("GET", "/admin/projects/none"),
        ("GET", "/admin/keys/pk_none"),
        ("POST", "/admin/keys/pk_none/revoke"),
        ("POST", "/admin/anomalies/7/acknowledge"),
        ("GET", "/admin/nothing"),
    ] {
        let (status, body) = ask(&fake, method, path, Value::Null);
        assert_eq!((status, &body["error"]), (404, &json!("not_found")), "{path}");
    }
}

#[test]
fn a_project_and_its_keys_are_made_rotated_and_revoked() {
    let fake = Fake::new();
    let (status, made) = ask(
        &fake,
        "POST",
        "/admin/projects",
        json!({ "slug": "shop", "referers": ["shop.example.com"] }),
    );
    assert_eq!(
        (status, &made["project"]["referers"]),
        (201, &json!(["shop.example.com"]))
    );
    assert_eq!(ask(&fake, "POST", "/admin/projects", json!({ "slug": "shop" })).0, 409);
    assert_eq!(
        ask(&fake, "POST", "/admin/projects", json!({ "slug": "Not A Slug" })).0,
        422
    );
    let (status, first) = ask(
        &fake,
        "POST",
        "/admin/projects/shop/keys",
        json!({ "client_id": "acme", "sources": ["images.example.com"], "per_minute": 9, "operations": ["preset"] }),
    );
    assert_eq!(status, 201, "{first}");
    let public = first["key"]["public_key"].as_str().unwrap();
    assert!(first["secret_key"].as_str().unwrap().starts_with("sk_"));
    let path = format!("/admin/keys/{public}");
    let (_, changed) = ask(
        &fake,
        "PATCH",
        &path,
        json!({ "per_minute": null, "require_exp": true }),
    );
    assert_eq!(
        (&changed["key"]["per_minute"], &changed["key"]["require_exp"]),
        (&Value::Null, &json!(true))
    );
    let (status, rotated) = ask(&fake, "POST", &format!("{path}/rotate"), json!({ "overlap": 60 }));
    assert_eq!(status, 201, "{rotated}");
    let now = crate::fake::NOW / 1000;
    assert_eq!(
        (&rotated["previous"]["expires_at"], &rotated["key"]["sources"]),
        (&json!(now + 60), &json!(["images.example.com"]))
    );
    assert_ne!(rotated["secret_key"], first["secret_key"]);
    assert_eq!(
        ask(&fake, "POST", &format!("{path}/revoke"), Value::Null).1["key"]["state"],
        "revoked"
    );
    // No later change brings it back, not even one that read the record before.
    if let Some(record) = fake.world.records.borrow_mut().get_mut(&format!("key/{public}")) {
        let text = String::from_utf8(record.clone()).unwrap();
        *record = text
            .replace(&format!("\"revoked_at\":{now}"), "\"revoked_at\":null")
            .into_bytes();
    }
    assert_eq!(ask(&fake, "GET", &path, Value::Null).1["key"]["state"], "live");
    assert_eq!(
        ask(&fake, "PATCH", &path, json!({ "exp_grace": 1 })).1["key"]["state"],
        "revoked"
    );
    let (_, listed) = ask(&fake, "GET", "/admin/projects/shop/keys", Value::Null);
    assert_eq!(listed["keys"].as_array().unwrap().len(), 2);
    assert!(!listed.to_string().contains("secret"));
    assert_eq!(
        ask(&fake, "GET", "/admin/projects", Value::Null).1["projects"][0]["project"],
        "shop"
    );
}

#[test]
fn credits_are_granted_and_never_become_negative() {
    let fake = Fake::new();
    let path = format!("/admin/clients/{}/credits", client(&fake));
    assert_eq!(
        ask(&fake, "POST", &path, json!({ "change": 10 })).1["credit_balance"],
        10
    );
    assert_eq!(
        ask(&fake, "POST", &path, json!({ "change": -4 })).1["credit_balance"],
        6
    );
    assert_eq!(ask(&fake, "POST", &path, json!({ "change": -7 })).0, 422);
    assert_eq!(ask(&fake, "POST", &path, json!({ "change": 1, "note": "x" })).0, 400);
    assert_eq!(
        ask(
            &fake,
            "POST",
            "/admin/clients/client_none/credits",
            json!({ "change": 1 })
        )
        .0,
        404
    );
    let credits = fake.sql(
        "SELECT credits FROM audit WHERE endpoint = 'admin/client/credits' AND status = 200 ORDER BY seq",
        &[],
    );
    assert_eq!(format!("{credits:?}").matches("Integer").count(), 2);
}

#[test]
fn an_import_reports_each_bad_row() {
    let fake = Fake::new();
    let bearer = format!("Bearer {OPERATOR}");
    let import = |kind: &str, file: &str| {
        let headers = [("authorization", bearer.as_str()), ("content-type", kind)];
        let answer = fake.ask(Fake::request(
            "POST",
            "/admin/products/import",
            &headers,
            file.as_bytes(),
        ));
        (answer.status, serde_json::from_slice::<Value>(&answer.body).unwrap())
    };
    let file = "barcode,name,brand,category\n12345678,Beans,Acme,Food\nx,Beans,Acme,Food\n12345679,Peas,Acme,Food\n";
    let (status, report) = import("text/csv", file);
    assert_eq!(
        (status, &report["imported"], &report["failed"]),
        (200, &json!(2), &json!(1))
    );
    assert_eq!(report["errors"][0]["row"], 2);
    assert_eq!(import("application/json", file).0, 415);
}

#[test]
fn a_list_goes_on_where_its_last_page_ended() {
    let fake = Fake::new();
    let mut ids: Vec<String> = (0..5).map(|_| client(&fake)).collect();
    ids.sort();
    let (mut seen, mut after) = (Vec::new(), String::new());
    loop {
        let (_, page) = ask(&fake, "GET", &format!("/admin/clients?limit=2{after}"), Value::Null);
        seen.extend(
            page["clients"]
                .as_array()
                .unwrap()
                .iter()
                .map(|client| client["id"].as_str().unwrap().to_owned()),
        );
        match page["next"].as_str() {
            Some(next) => after = format!("&after={next}"),
            None => break,
        }
    }
    assert_eq!(seen, ids);
}

#[test]
fn every_name_fits_into_an_event() {
    for (path, _, endpoint) in TABLE {
        let name = ::audit::Endpoint::try_from(endpoint.name().to_owned());
        assert!(name.is_ok(), "{path}");
    }
}

#[test]
fn a_path_has_one_spelling() {
    let found = |path: &str| Route::find("GET", path).ok();
    assert_eq!(found("/admin/clients/x"), Some(Route::Admin(Endpoint::Client)));
    for path in [
        "/admin/",
        "/admin",
        "/admin/clients/x/",
        "/admin//clients",
        "/admin/keys",
        "//admin/clients",
    ] {
        assert_eq!(found(path), None, "{path}");
    }
}

#[test]
fn r12_what_is_sent_again_is_done_once() {
    let fake = Fake::new();
    let authorization = format!("Bearer {OPERATOR}");
    let post = |key: &str, path: &str, body: Value| {
        let headers = [
            ("authorization", authorization.as_str()),
            ("content-type", "application/json"),
            ("idempotency-key", key),
        ];
        let answer = fake.ask(Fake::request("POST", path, &headers, body.to_string().as_bytes()));
        let again = answer.get("idempotency-replayed") == Some("1");
        let body: Value = serde_json::from_slice(&answer.body).unwrap();
        (answer.status, again, body)
    };
    let (one, two, three) = ("one-0123456789-0123456789", "two-0123456789-0123456789", "short");
    let (status, again, made) = post(one, "/admin/clients", json!({ "name": "Shop" }));
    assert_eq!((status, again), (201, false), "{made}");
    assert_eq!(
        post(one, "/admin/clients", json!({ "name": "Shop" })),
        (201, true, made.clone())
    );
    let (status, _, other) = post(one, "/admin/clients", json!({ "name": "Another" }));
    assert_eq!(
        (status, other["error"].as_str()),
        (409, Some("idempotency_key_mismatch"))
    );
    assert_eq!(post(three, "/admin/clients", json!({ "name": "Shop" })).0, 400);
    let (_, listed) = ask(&fake, "GET", "/admin/clients", Value::Null);
    assert_eq!(listed["clients"].as_array().unwrap().len(), 1, "{listed}");

    let credits = format!("/admin/clients/{}/credits", made["client"]["id"].as_str().unwrap());
    for _ in 0..3 {
        let (status, _, balance) = post(two, &credits, json!({ "change": 5 }));
        assert_eq!((status, &balance["credit_balance"]), (200, &json!(5)), "{balance}");
    }
    // A host that died before its answer was kept: the request is done again, and nothing is granted twice.
    fake.sql("DELETE FROM idempotency", &[]);
    let (status, again, balance) = post(two, &credits, json!({ "change": 5 }));
    assert_eq!(
        (status, again, &balance["credit_balance"]),
        (200, false, &json!(5)),
        "{balance}"
    );
    // The credential comes first, whoever has the key.
    let headers = [("authorization", "Bearer x"), ("idempotency-key", one)];
    assert_eq!(
        fake.ask(Fake::request("POST", "/admin/clients", &headers, b"")).status,
        401
    );
}
