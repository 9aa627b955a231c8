mod arrival;
mod renditions;

use super::*;
use crate::caching;
use crate::fake::{Fake, KEY, NOW, SECRET, picture, settings};
use crate::ports::FetchError;
use futures::executor::block_on;
use imaging::Budget;
use secret::{MasterKey, SecretText};
use signed_url::signed_path;
use watermark::Subject;

const SOURCE: &str = "images.example.com/photo.jpg";

fn get(url: &str) -> Request {
    let (path, query) = url.split_once('?').unwrap_or((url, ""));
    Request {
        method: "GET".into(),
        path: path.into(),
        query: query.into(),
        ..Request::default()
    }
}

fn signed(operations: &str, source: &str, exp: Option<u64>) -> String {
    signed_path("demo", operations, source, KEY, &SecretText::new(SECRET.into()), exp)
}

fn ask(fake: &Fake, request: &Request) -> Answer {
    block_on(serve(fake, &fake.leases, Ok(&settings("production")), request))
}

fn error_of(answer: &Answer) -> (u16, String) {
    assert_eq!(answer.get("content-type"), Some("application/problem+json"));
    assert_eq!(answer.get("cache-control"), Some("no-store"));
    let body: serde_json::Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(body["request_id"].as_str(), answer.get("x-request-id"));
    (answer.status, body["error"].as_str().unwrap().to_owned())
}

fn refused(fake: &Fake, url: &str) -> (u16, String) {
    error_of(&ask(fake, &get(url)))
}

#[test]
fn a_signed_url_is_answered_with_a_picture_that_names_its_client() {
    let fake = Fake::new();
    let exp = NOW / 1000 + 60;
    let answer = ask(&fake, &get(&signed("w_64", SOURCE, Some(exp))));
    assert_eq!(answer.status, 200, "{}", String::from_utf8_lossy(&answer.body));
    assert_eq!(answer.get("content-type"), Some("image/png"));
    assert_eq!(answer.get("cache-control"), Some("public, max-age=60"));
    assert_eq!(
        answer.get("content-length"),
        Some(answer.body.len().to_string().as_str())
    );
    assert_eq!(answer.get("vary"), None);
    assert_eq!(answer.get("x-deckle-mark"), Some("fragile"));
    let payload = imaging::trace(&answer.body, &settings("production").marking, &Budget::default())
        .unwrap()
        .unwrap();
    assert_eq!(payload.subject, Subject::of("client_one"));
    assert_eq!(payload.time, exp);
    assert_eq!((fake.reads.get(), fake.writes.get(), fake.fetches.get()), (3, 0, 1));
}

#[test]
fn the_bytes_are_a_function_of_the_url() {
    let fake = Fake::new();
    let url = signed("w_64,f_jpeg", SOURCE, None);
    let (first, second) = (ask(&fake, &get(&url)), ask(&fake, &get(&url)));
    assert_eq!(first.body, second.body);
    let mut again = get(&url);
    again.if_none_match = first.get("etag").map(str::to_owned);
    let unchanged = ask(&fake, &again);
    assert_eq!((unchanged.status, unchanged.body.len()), (304, 0));
    assert_eq!(unchanged.get("etag"), first.get("etag"));
    assert_eq!(unchanged.get("content-type"), None);
}

#[test]
fn steps_one_to_five_refuse_with_the_specified_texts() {
    let fake = Fake::new();
    let good = signed("w_64", SOURCE, None);
    let (path, query) = good.split_once('?').unwrap();
    let error = |status: u16, text: &str| (status, text.to_owned());
    assert_eq!(refused(&fake, path), error(401, "Missing signature parameters"));
    assert_eq!(
        refused(&fake, &format!("{good}&w=1")),
        error(400, "Invalid query parameters")
    );
    assert_eq!(
        refused(&fake, &format!("{good}&exp=1706500000000")),
        error(400, "Invalid expiration")
    );
    assert_eq!(
        refused(&fake, &good.replace("pk_test", "pk_other")),
        error(401, "Invalid API key")
    );
    assert_eq!(
        refused(&fake, &good.replace("pk_test", "other")),
        error(401, "Invalid API key")
    );
    assert_eq!(
        refused(&fake, &good.replace("/demo/", "/shop/")),
        error(401, "API key does not belong to this project")
    );
    assert_eq!(
        refused(&fake, &format!("/api/v1/demo/w_64?{query}")),
        error(400, "Invalid path format")
    );
    assert_eq!(
        refused(&fake, &good.replace("w_64", "w_65")),
        error(403, "Invalid or expired signature")
    );
    let expired = signed("w_64", SOURCE, Some(NOW / 1000 - 1));
    assert_eq!(refused(&fake, &expired), error(403, "Invalid or expired signature"));
    assert_eq!(
        refused(&fake, &signed("w_64", "127.0.0.1/x", None)),
        error(400, "Invalid image URL")
    );
    assert_eq!(
        refused(&fake, &signed("w_0800", SOURCE, None)),
        error(400, "Invalid operations")
    );
    assert_eq!(fake.fetches.get(), 0);

    fake.put_key(|key| key.revoked_at = Some(1));
    assert_eq!(refused(&fake, &good), error(401, "API key has been revoked"));
    fake.put_key(|key| key.expires_at = Some(NOW / 1000));
    assert_eq!(refused(&fake, &good), error(401, "API key has expired"));
    fake.put_key(|key| key.project.id = "prj_gone".into());
    assert_eq!(refused(&fake, &good), error(404, "Project not found"));
}

#[test]
fn a_refused_signature_costs_one_read() {
    let fake = Fake::new();
    refused(&fake, &signed("w_64", SOURCE, None).replace("w_64", "w_65"));
    assert_eq!((fake.reads.get(), fake.writes.get(), fake.fetches.get()), (1, 0, 0));
}

#[test]
fn an_address_that_keeps_failing_is_not_heard_any_more() {
    let fake = Fake::new();
    let settings = settings("production");
    let good = signed("w_64", SOURCE, None);
    let ask_from = |peer: Option<&str>, url: &str| {
        let peer = peer.map(|peer| peer.parse().unwrap());
        block_on(serve(&fake, &fake.leases, Ok(&settings), &Request { peer, ..get(url) }))
    };
    let forged = good.replace("w_64", "w_65");
    for number in 0..5 {
        let peer = format!("2001:db8:0:1::{number}");
        assert_eq!(ask_from(Some(&peer), &forged).status, 403);
    }
    // Not even what is signed is looked at, and it costs nothing.
    let (reads, fetches) = (fake.reads.get(), fake.fetches.get());
    for url in [&good, &forged, &v2(signed_url::v2::Options::until(SOON))] {
        let answer = ask_from(Some("2001:db8:0:1:ffff::1"), url);
        assert_eq!(error_of(&answer), (429, "ip_rate_limit".to_owned()));
        let wait: u64 = answer.get("retry-after").unwrap().parse().unwrap();
        assert!((1..=60).contains(&wait));
    }
    assert_eq!(
        (fake.reads.get(), fake.writes.get(), fake.fetches.get()),
        (reads, 0, fetches)
    );
    for peer in [Some("2001:db8:0:2::1"), Some("203.0.113.7"), None] {
        assert_eq!(ask_from(peer, &good).status, 200, "{peer:?}");
    }
    // What a signed URL is refused for is no guess.
    for _ in 0..9 {
        assert_eq!(ask_from(Some("203.0.113.7"), &signed("w_0", SOURCE, None)).status, 400);
        assert_eq!(
            ask_from(Some("203.0.113.7"), &signed("w_64", "elsewhere.example/x", None)).status,
            403
        );
    }
    assert_eq!(ask_from(Some("203.0.113.7"), &good).status, 200);
}

#[test]
fn the_rate_limit_comes_after_the_signature_and_is_exact() {
    let fake = Fake::new();
    fake.put_key(|key| {
        key.limits = identity::Limits {
            per_minute: Some(2),
            per_day: Some(5),
        }
    });
    let good = signed("w_64", SOURCE, None);
    for _ in 0..5 {
        refused(&fake, &good.replace("w_64", "w_65"));
    }
    assert_eq!(ask(&fake, &get(&good)).get("x-ratelimit-remaining-minute"), Some("1"));
    assert_eq!(ask(&fake, &get(&good)).status, 200);
    let third = ask(&fake, &get(&good));
    assert_eq!(error_of(&third), (429, "Rate limit exceeded".to_owned()));
    let wait: u64 = third.get("retry-after").unwrap().parse().unwrap();
    assert!((1..=60).contains(&wait));
    assert_eq!(third.get("x-ratelimit-limit-minute"), Some("2"));
    assert_eq!(third.get("x-ratelimit-remaining-minute"), Some("0"));
}

#[test]
fn presets_and_what_a_key_allows() {
    let fake = Fake::new();
    fake.put_project(|project| {
        project.presets.insert("thumb".into(), "w_64,f_png".into());
        project.presets.insert("damaged".into(), "preset_thumb".into());
    });
    let ask_for = |operations: &str| ask(&fake, &get(&signed(operations, SOURCE, None)));
    assert_eq!(ask_for("preset_thumb").status, 200);
    let fetched = fake.fetches.get();
    let invalid = (400, "Invalid operations".to_owned());
    let forbidden = (403, "Forbidden: Operations not allowed".to_owned());
    assert_eq!(error_of(&ask_for("preset_other")), invalid);
    assert_eq!(error_of(&ask_for("preset_thumb,w_4000")), invalid);
    assert_eq!(error_of(&ask_for("preset_damaged")).0, 503);

    fake.put_key(|key| key.operations = Some(vec!["preset".into()]));
    for operations in [
        "_",
        "w_64",
        "preset_thumb,q_100",
        "preset_thumb,width_4000",
        "preset_thumb,flip_false",
    ] {
        assert_eq!(error_of(&ask_for(operations)), forbidden, "{operations}");
    }
    fake.put_key(|key| key.operations = Some(vec!["w_64".into(), "f".into()]));
    for operations in ["preset_thumb", "preset_other", "w_65", "s_64", "_"] {
        assert_eq!(error_of(&ask_for(operations)), forbidden, "{operations}");
    }
    assert_eq!(fake.fetches.get(), fetched, "the origin was not asked");
    assert_eq!(ask_for("f_png,width=64").status, 200);
}

#[test]
fn referers() {
    let fake = Fake::new();
    fake.put_project(|project| project.referers = vec!["shop.example.com".into()]);
    let mut request = get(&signed("w_64", SOURCE, None));
    let from = |request: &mut Request, referer: Option<&str>| {
        request.referer = referer.map(str::to_owned);
        ask(&fake, request)
    };
    let allowed = from(&mut request, Some("https://www.shop.example.com/page"));
    assert_eq!(allowed.status, 200);
    assert!(allowed.get("cache-control").unwrap().starts_with("private"));
    assert_eq!(from(&mut request, None).status, 200);
    for referer in [
        "https://evil.example/shop.example.com",
        "https://evilshop.example.com",
        "",
        "null",
    ] {
        let answer = from(&mut request, Some(referer));
        assert_eq!(
            error_of(&answer),
            (403, "Forbidden: Invalid referer".to_owned()),
            "{referer}"
        );
    }
    fake.put_project(|project| {
        project.referers = vec!["shop.example.com".into()];
        project.allow_empty_referer = false;
    });
    request.referer = None;
    assert_eq!(ask(&fake, &request).status, 403);
}

#[test]
fn sources() {
    let fake = Fake::new();
    let elsewhere = get(&signed("w_64", "elsewhere.example/photo.jpg", None));
    let expected = (403, "Forbidden: Source domain not allowed".to_owned());
    assert_eq!(error_of(&ask(&fake, &elsewhere)), expected);
    fake.put_key(|key| key.sources.clear());
    assert_eq!(
        error_of(&ask(&fake, &elsewhere)),
        expected,
        "no list refuses all in production"
    );
    let development = settings("development");
    let anywhere = block_on(serve(&fake, &fake.leases, Ok(&development), &elsewhere));
    assert_eq!(anywhere.status, 200, "no list allows all in development");
    let loopback = get(&signed("w_64", "127.0.0.1:8081/photo.jpg", None));
    assert_eq!(
        block_on(serve(&fake, &fake.leases, Ok(&development), &loopback)).status,
        200
    );
    assert_eq!(
        ask(&fake, &loopback).status,
        400,
        "an address is no source in production"
    );
}

#[test]
fn what_the_origin_does_wrong() {
    let url = signed("w_64", SOURCE, None);
    for (failure, status) in [
        (FetchError::NotFound, 404),
        (FetchError::Failed, 502),
        (FetchError::TimedOut, 504),
        (FetchError::TooLarge, 422),
    ] {
        let fake = Fake::new();
        *fake.original.borrow_mut() = Err(failure.clone());
        assert_eq!(
            refused(&fake, &url),
            (status, "Image processing failed".to_owned()),
            "{failure:?}"
        );
    }
    let fake = Fake::new();
    *fake.original.borrow_mut() = Err(FetchError::Denied);
    assert_eq!(refused(&fake, &url).0, 403);
    *fake.original.borrow_mut() = Ok(b"<html>".to_vec());
    assert_eq!(refused(&fake, &url).0, 415);
    let mut damaged = picture();
    damaged.truncate(damaged.len() / 2);
    *fake.original.borrow_mut() = Ok(damaged);
    assert_eq!(refused(&fake, &url).0, 422);
    *fake.original.borrow_mut() = Ok(picture());
    assert_eq!(
        refused(&fake, &signed("s_4x4", SOURCE, None)),
        (422, "Image processing failed".to_owned())
    );
}

#[test]
fn nothing_is_served_where_something_is_missing() {
    let url = signed("w_64", SOURCE, None);
    let fake = Fake::new();
    let broken = block_on(serve(&fake, &fake.leases, Err("variable master_key"), &get(&url)));
    assert_eq!(error_of(&broken), (500, "Image processing failed".to_owned()));
    assert!(!String::from_utf8_lossy(&broken.body).contains("master_key"));
    fake.store_down.set(true);
    let down = ask(&fake, &get(&url));
    assert_eq!((error_of(&down).0, down.get("retry-after")), (503, Some("1")));
    fake.store_down.set(false);
    fake.put_key(|key| key.secret = "v1.AAAAAAAAAAAAAAAA.AAAA".into());
    assert_eq!(refused(&fake, &url).0, 503, "a secret that cannot be opened");
    fake.records
        .borrow_mut()
        .insert(KeyRecord::name_of(KEY), b"{}".to_vec());
    assert_eq!(refused(&fake, &url).0, 503, "a record that cannot be read");
}

#[test]
fn methods_and_lengths() {
    let fake = Fake::new();
    let url = signed("w_64", SOURCE, None);
    for method in ["POST", "PUT", "DELETE", "OPTIONS", "TRACE", "get"] {
        let answer = ask(
            &fake,
            &Request {
                method: method.into(),
                ..get(&url)
            },
        );
        assert_eq!(
            (answer.status, answer.get("allow")),
            (405, Some("GET, HEAD")),
            "{method}"
        );
    }
    assert_eq!(refused(&fake, &format!("{url}{}", "x".repeat(9000))).0, 414);
    for path in ["/", "/API/v1/demo", "/api//v1/demo", "/api/v1"] {
        assert_eq!(refused(&fake, path).0, 404, "{path}");
    }
    assert_eq!((fake.reads.get(), fake.fetches.get()), (0, 0));
}

#[test]
fn the_log_names_the_request_and_never_its_signature() {
    let fake = Fake::new();
    let url = signed("w_64", SOURCE, None);
    let answer = ask(&fake, &get(&url));
    refused(&fake, &url.replace("w_64", "w_65"));
    let log = fake.log.borrow().join("\n");
    assert_eq!(log.lines().count(), 2);
    let first: serde_json::Value = serde_json::from_str(log.lines().next().unwrap()).unwrap();
    assert_eq!(first["request_id"].as_str(), answer.get("x-request-id"));
    assert_eq!(first["client_id"], "client_one");
    assert_eq!(first["reference"].as_str().unwrap().len(), 16);
    let sig = url.split_once("sig=").unwrap().1;
    assert!(!log.contains(sig) && !log.contains(SECRET));
}

fn v2(options: signed_url::v2::Options<'_>) -> String {
    let (key, secret) = (
        signed_url::PublicKey::parse(KEY).unwrap(),
        SecretText::new(SECRET.into()),
    );
    signed_url::v2::signed_path("demo", "w_64", SOURCE, &key, &secret, &options).unwrap()
}

const SOON: u64 = NOW / 1000 + 60;

#[test]
fn version_2_serves_and_names_its_viewer() {
    let fake = Fake::new();
    let options = signed_url::v2::Options::until(SOON);
    let plain = ask(&fake, &get(&v2(options)));
    assert_eq!(
        (plain.status, plain.get("cache-control")),
        (200, Some("public, max-age=60"))
    );
    let for_viewer = ask(&fake, &get(&v2(options.subject("viewer-7"))));
    assert_eq!(
        (for_viewer.status, for_viewer.get("cache-control")),
        (200, Some("private, max-age=60"))
    );
    let key = settings("production").marking;
    let payload = imaging::trace(&for_viewer.body, &key, &Budget::default())
        .unwrap()
        .unwrap();
    assert_eq!(payload.subject, Subject::of("viewer-7"));
    // The logs have the tag that the mark has, and not the name.
    let line = fake.log.borrow().last().unwrap().clone();
    let tag: String = payload.subject.0.iter().map(|byte| format!("{byte:02x}")).collect();
    assert!(
        line.contains(&format!(r#""viewer":"{tag}""#)) && !line.contains("viewer-7"),
        "{line}"
    );
    let event = fake.audited.borrow().last().unwrap().clone();
    let kept = event.picture.unwrap().to_text();
    assert!(kept.contains(&tag) && !kept.contains("viewer-7"), "{kept}");
}

#[test]
fn version_2_answers_every_failed_proof_alike() {
    let fake = Fake::new();
    let options = signed_url::v2::Options::until(SOON);
    let good = v2(options);
    let mut bound = get(&v2(options.bound_to(netaddr::Cidr::parse("203.0.113.7").unwrap())));
    bound.peer = Some([203, 0, 113, 8].into());
    let mut unknown_client = bound.clone();
    unknown_client.peer = None;
    let asked = [
        get(&good.replace("w_64", "w_65")),
        get(&good.replace("kid=pk_test", "kid=pk_other")),
        get(&good.replace("/demo/", "/shop/")),
        get(&good[..good.len() - 1]),
        get(&v2(signed_url::v2::Options::until(NOW / 1000 - 1))),
        get(&v2(signed_url::v2::Options::until(SOON + 600).not_before(SOON + 300))),
        bound.clone(),
        unknown_client,
    ];
    for request in &asked {
        let refused = ask(&fake, request);
        assert_eq!(
            error_of(&refused),
            (403, "Invalid or expired signature".to_owned()),
            "{}",
            request.query
        );
    }
    bound.peer = Some([203, 0, 113, 7].into());
    let answer = ask(&fake, &bound);
    assert_eq!(
        (answer.status, answer.get("cache-control")),
        (200, Some("private, no-store"))
    );
    // Behind a trusted proxy the client is whom the proxy talked to.
    bound.peer = Some([10, 1, 2, 3].into());
    bound.forwarded = vec![b"198.51.100.1, 203.0.113.7".to_vec()];
    assert_eq!(ask(&fake, &bound).status, 200);
    bound.peer = Some([11, 1, 2, 3].into());
    assert_eq!(ask(&fake, &bound).status, 403);
}

fn one_shot(address: Option<&str>, operations: &str) -> String {
    let grant = token::Grant {
        client_id: "client_one".into(),
        public_key: KEY.into(),
        epoch: 1,
        address: address.map(|address| address.parse().unwrap()),
        source: SOURCE.into(),
        operations: operations.into(),
    };
    let ring = token::KeyRing::new(&MasterKey::parse(crate::fake::MASTER).unwrap(), None);
    let token = token::mint(&ring, "deckle", &grant, token::Jti::new([7; 16]), NOW / 1000).unwrap();
    format!("/i/{}", token.expose())
}

#[test]
fn a_one_shot_url_is_good_once() {
    let fake = Fake::new();
    let mut request = get(&one_shot(Some("203.0.113.7"), "w_64"));
    request.peer = Some([203, 0, 113, 8].into());
    assert_eq!(
        error_of(&ask(&fake, &request)),
        (403, "signed_url_ip_mismatch".to_owned())
    );
    request.peer = Some([203, 0, 113, 7].into());

    request.method = "HEAD".into();
    let head = ask(&fake, &request);
    assert_eq!((head.status, head.body.len()), (200, 0));
    request.method = "GET".into();
    request.if_none_match = Some("*".into());
    assert_eq!(ask(&fake, &request).status, 304);
    request.if_none_match = None;
    assert_eq!(
        (fake.writes.get(), fake.fetches.get()),
        (0, 0),
        "none of them used it up"
    );

    let answer = ask(&fake, &request);
    assert_eq!(
        (answer.status, answer.get("cache-control"), answer.get("etag")),
        (200, Some("private, no-store"), None)
    );
    let key = settings("production").marking;
    let payload = imaging::trace(&answer.body, &key, &Budget::default()).unwrap().unwrap();
    assert_eq!((payload.kind, payload.time), (watermark::Kind::OneShot, NOW / 1000));
    let last: serde_json::Value = serde_json::from_str(fake.log.borrow().last().unwrap()).unwrap();
    let reference: String = payload.reference.iter().map(|byte| format!("{byte:02x}")).collect();
    assert_eq!(
        last["reference"],
        reference.as_str(),
        "the mark leads to the line in the log"
    );

    for _ in 0..2 {
        assert_eq!(error_of(&ask(&fake, &request)), (410, "gone".to_owned()));
    }
    assert_eq!(fake.fetches.get(), 1);
}

#[test]
fn a_failed_delivery_gives_the_claim_back_twice() {
    let fake = Fake::new();
    let request = get(&one_shot(None, "w_64"));
    for _ in 0..2 {
        *fake.original.borrow_mut() = Err(FetchError::Failed);
        assert_eq!(ask(&fake, &request).status, 502);
    }
    *fake.original.borrow_mut() = Ok(picture());
    assert_eq!(ask(&fake, &request).status, 200);
    assert_eq!(ask(&fake, &request).status, 410);

    let fake = Fake::new();
    *fake.original.borrow_mut() = Err(FetchError::Failed);
    for status in [502, 502, 502, 410] {
        assert_eq!(ask(&fake, &request).status, status);
    }
}

#[test]
fn an_origin_that_is_left_alone_costs_no_single_use() {
    let fake = Fake::new();
    *fake.original.borrow_mut() = Err(FetchError::Failed);
    for _ in 0..circuit::THRESHOLD {
        refused(&fake, &signed("w_64", SOURCE, None));
    }
    let request = get(&one_shot(None, "w_64"));
    for _ in 0..5 {
        assert_eq!(ask(&fake, &request).status, 503);
    }
    assert_eq!(fake.writes.get(), 0);
    *fake.original.borrow_mut() = Ok(picture());
    fake.now.set(NOW + circuit::COOL_DOWN * 3 / 2);
    assert_eq!(ask(&fake, &request).status, 200);
}

#[test]
fn a_single_use_signed_url_is_used_up_like_a_one_shot() {
    let fake = Fake::new();
    let url = v2(signed_url::v2::Options::until(SOON).once("0123456789abcdef"));
    assert_eq!(ask(&fake, &get(&url)).status, 200);
    assert_eq!(fake.writes.get(), 1);
    assert_eq!(ask(&fake, &get(&url)).status, 410);
}

#[test]
fn tokens_end_with_their_time_and_their_key() {
    let fake = Fake::new();
    let url = one_shot(None, "w_64");
    for changed in [
        format!("{url}x"),
        url.replace("/i/", "/i/x"),
        "/i/".into(),
        "/i/a.b.c".into(),
    ] {
        assert_eq!(
            refused(&fake, &changed),
            (403, "Invalid or expired signature".to_owned()),
            "{changed}"
        );
    }
    assert_eq!(refused(&fake, &format!("{url}?x=1")).0, 400);
    fake.put_key(|key| key.revoked_at = Some(1));
    assert_eq!(refused(&fake, &url).0, 403);
}

/// Every way to ask for a picture of the client: version 1 and 2, a use of version 2, and a one-shot URL.
fn ways() -> [String; 4] {
    let options = signed_url::v2::Options::until(SOON);
    [
        signed("w_64", SOURCE, Some(SOON)),
        v2(options),
        v2(options.once("0123456789abcdef")),
        one_shot(None, "w_64"),
    ]
}

#[test]
fn j9_everything_of_a_client_ends_with_it() {
    use identity::ClientStatus::*;
    let fake = Fake::new();
    for status in [Disabled, Revoked] {
        fake.put_client(|client| client.status = status);
        for url in ways() {
            assert_eq!(refused(&fake, &url), (403, "client_disabled".to_owned()), "{url}");
        }
    }
    fake.put_client(|client| client.expires_at = Some(NOW / 1000));
    for url in ways() {
        assert_eq!(refused(&fake, &url), (403, "client_disabled".to_owned()), "{url}");
    }
    let event = fake.audited.borrow().last().unwrap().clone();
    assert_eq!(event.proof, audit::Proof::Url, "who asked had proved it");
    assert_eq!((fake.fetches.get(), fake.writes.get()), (0, 0));
    fake.put_client(|client| client.expires_at = Some(NOW / 1000 + 1));
    for url in ways() {
        assert_eq!(ask(&fake, &get(&url)).status, 200, "{url}");
    }
}

#[test]
fn j9_a_new_epoch_ends_tokens_and_leaves_signed_urls() {
    let fake = Fake::new();
    fake.put_client(|client| client.epoch = 2);
    let [first, second, once, token] = ways();
    assert_eq!(refused(&fake, &token), (403, "Invalid or expired signature".to_owned()));
    for url in [first, second, once] {
        assert_eq!(ask(&fake, &get(&url)).status, 200, "{url}");
    }
}

#[test]
fn j9_a_client_without_a_record_has_its_signed_urls_and_no_token() {
    let fake = Fake::new();
    fake.records.borrow_mut().remove("client/client_one");
    let [first, second, once, token] = ways();
    for url in [first, second, once] {
        assert_eq!(ask(&fake, &get(&url)).status, 200, "{url}");
    }
    assert_eq!(refused(&fake, &token), (403, "Invalid or expired signature".to_owned()));
    // One that cannot be read is not none: it may be a restriction.
    fake.records
        .borrow_mut()
        .insert("client/client_one".to_owned(), b"{}".to_vec());
    for url in ways() {
        assert_eq!(refused(&fake, &url).0, 503, "{url}");
    }
}

#[test]
fn a_client_s_record_is_read_once_and_after_the_proof() {
    let reads = |url: &str| {
        let fake = Fake::new();
        ask(&fake, &get(url));
        fake.reads.get()
    };
    // Key, client, project; and the generation of what can be used once.
    assert_eq!(ways().map(|url| reads(&url)), [3, 3, 4, 4]);
    let forged = ways().map(|url| match url.contains("w_64") {
        true => url.replace("w_64", "w_65"),
        false => format!("{url}x"),
    });
    assert_eq!(forged.map(|url| reads(&url)), [1, 1, 1, 0]);
}

#[test]
fn what_a_client_signs_is_within_its_own_terms() {
    let fake = Fake::new();
    fake.put_project(|project| {
        project.presets.insert("thumb".to_owned(), "w_64".to_owned());
    });
    let asked = |operations: &str, exp| ask(&fake, &get(&signed(operations, SOURCE, exp))).status;
    fake.put_client(|client| client.max_lifetime = Some(60));
    assert_eq!(
        [Some(SOON), Some(SOON + 1), None].map(|exp| asked("w_64", exp)),
        [200, 403, 403]
    );
    fake.put_client(|client| client.only_presets = true);
    let operations = ["preset_thumb", "w_64", "preset_thumb,f_webp", "_"];
    assert_eq!(
        operations.map(|operations| asked(operations, None)),
        [200, 403, 403, 403]
    );
    // The key's list stands beside it: what both allow.
    for (allowed, statuses) in [
        (["preset_thumb", "w"], [200, 403, 403, 403]),
        (["preset_other", "_"], [403, 403, 403, 403]),
    ] {
        fake.put_key(|key| key.operations = Some(allowed.map(str::to_owned).to_vec()));
        assert_eq!(operations.map(|operations| asked(operations, None)), statuses);
    }
    // What a token says is the deployment's choice.
    fake.put_key(|_| {});
    assert_eq!(ask(&fake, &get(&one_shot(None, "w_64"))).status, 200);
}

#[test]
fn n6_how_much_of_an_address_agrees_is_the_client_s_setting() {
    let fake = Fake::new();
    let mut request = get(&one_shot(Some("203.0.113.7"), "w_64"));
    request.peer = Some([203, 0, 113, 200].into());
    request.method = "HEAD".into();
    assert_eq!(ask(&fake, &request).status, 403);
    fake.put_client(|client| client.ip_prefix_v4 = 24);
    assert_eq!(ask(&fake, &request).status, 200);
    request.peer = None;
    assert_eq!(ask(&fake, &request).status, 403);
    fake.put_client(|client| client.ip_prefix_v4 = 0);
    assert_eq!(ask(&fake, &request).status, 503);
}

fn conditional(fake: &Fake, url: &str, condition: &str) -> Answer {
    let mut request = get(url);
    request.if_none_match = Some(condition.to_owned());
    ask(fake, &request)
}

fn tag_of(answer: &Answer) -> String {
    answer.get("etag").unwrap().to_owned()
}

#[test]
fn a_picture_that_the_caller_has_is_neither_fetched_nor_rendered() {
    let fake = Fake::new();
    let url = signed("w_64", SOURCE, Some(SOON));
    let first = ask(&fake, &get(&url));
    let tag = tag_of(&first);
    assert_eq!(fake.fetches.get(), 1);
    for condition in [tag.clone(), format!("W/{tag}"), format!("\"other\", {tag}")] {
        let again = conditional(&fake, &url, &condition);
        assert_eq!((again.status, again.body.len()), (304, 0));
        assert_eq!(again.get("etag"), Some(tag.as_str()));
        assert_eq!(again.get("cache-control"), Some("public, max-age=60"));
        assert_eq!(again.get("content-type"), None);
    }
    assert_eq!(fake.fetches.get(), 1, "the origin is not asked");
    assert_eq!(conditional(&fake, &url, "\"other\"").status, 200);
    assert_eq!(fake.fetches.get(), 1, "the rendition was kept");
    // Whether there is any picture is known only once it was made.
    fake.renditions.borrow_mut().clear();
    assert_eq!(conditional(&fake, &url, "*").status, 304);
    assert_eq!(fake.fetches.get(), 2);
    fake.renditions.borrow_mut().clear();
    *fake.original.borrow_mut() = Err(FetchError::NotFound);
    assert_eq!(conditional(&fake, &url, "*").status, 404);
    assert_eq!(fake.fetches.get(), 3);
}

#[test]
fn a_tag_is_worth_nothing_for_another_picture() {
    let fake = Fake::new();
    let url = signed("w_64", SOURCE, None);
    let tag = tag_of(&ask(&fake, &get(&url)));
    let viewer = v2(signed_url::v2::Options::until(SOON).subject("viewer-7"));
    let other_viewer = v2(signed_url::v2::Options::until(SOON).subject("viewer-8"));
    for other in [
        signed("w_65", SOURCE, None),
        signed("w_64", "images.example.com/other.jpg", None),
        signed("w_64", SOURCE, Some(SOON)),
        signed("w_64,f_auto", SOURCE, None),
        viewer.clone(),
    ] {
        assert_eq!(conditional(&fake, &other, &tag).status, 200, "{other}");
    }
    let tag = tag_of(&ask(&fake, &get(&viewer)));
    assert_eq!(conditional(&fake, &viewer, &tag).status, 304);
    assert_eq!(conditional(&fake, &other_viewer, &tag).status, 200);
    // Spellings of one request have one tag.
    let spelled = signed("width_64", SOURCE, None);
    assert_ne!(
        tag_of(&ask(&fake, &get(&spelled))),
        tag,
        "another URL is marked with its own reference"
    );
}

#[test]
fn negotiated_pictures_have_a_tag_for_each_format() {
    let fake = Fake::new();
    let mut request = get(&signed("w_64,f_auto", SOURCE, None));
    request.accept = Some("image/webp,*/*".into());
    let webp = ask(&fake, &request);
    request.accept = Some("*/*".into());
    let jpeg = ask(&fake, &request);
    assert_ne!(tag_of(&webp), tag_of(&jpeg));
    let fetched = fake.fetches.get();
    request.if_none_match = Some(tag_of(&jpeg));
    let unchanged = ask(&fake, &request);
    assert_eq!((unchanged.status, unchanged.get("vary")), (304, Some("Accept")));
    request.accept = Some("image/png,*/*;q=0.5".into());
    assert_eq!(ask(&fake, &request).status, 304, "it would get the same format");
    assert_eq!(fake.fetches.get(), fetched);
    request.accept = Some("image/webp".into());
    let other = ask(&fake, &request);
    assert_eq!((other.status, other.get("vary")), (200, Some("Accept")));
    assert_eq!(
        conditional(&fake, &signed("w_64", SOURCE, None), "\"x\"").get("vary"),
        None
    );
}

/// What came from the origin longer ago than a cache may keep it is fetched again, and not rendered if it is the same.
#[test]
fn an_original_that_changed_is_noticed_within_a_day() {
    let fake = Fake::new();
    let url = signed("w_64", SOURCE, None);
    let tag = tag_of(&ask(&fake, &get(&url)));
    let mut other = picture();
    other.extend(b"trailing");
    fake.now.set(NOW + 1000 * (caching::TTL - 1));
    let within = conditional(&fake, &url, &tag);
    if within.status == 304 && fake.fetches.get() == 1 {
        let age: u64 = within
            .get("cache-control")
            .unwrap()
            .rsplit('=')
            .next()
            .unwrap()
            .parse()
            .unwrap();
        assert!(age <= 1, "{age}");
    }
    fake.now.set(NOW + 1000 * caching::TTL);
    let fetched = fake.fetches.get();
    let same = conditional(&fake, &url, &tag);
    assert_eq!((same.status, same.get("etag")), (304, Some(tag.as_str())));
    assert_eq!(same.get("cache-control"), Some("public, max-age=86400"));
    assert_eq!(fake.fetches.get(), fetched + 1);
    *fake.original.borrow_mut() = Ok(other);
    let changed = conditional(&fake, &url, &tag);
    assert_eq!(changed.status, 200);
    assert_ne!(tag_of(&changed), tag);
}

#[test]
fn a_condition_opens_nothing() {
    let fake = Fake::new();
    fake.put_key(|key| key.limits.per_minute = Some(3));
    let url = signed("w_64", SOURCE, None);
    let tag = tag_of(&ask(&fake, &get(&url)));
    let refused = |url: &str| error_of(&conditional(&fake, url, &tag)).0;
    assert_eq!(refused(&url.replace("sig=", "sig=x")), 403);
    assert_eq!(refused(&signed("w_64", SOURCE, Some(NOW / 1000 - 1))), 403);
    assert_eq!(
        conditional(&fake, &url, &tag).get("x-ratelimit-remaining-minute"),
        Some("1")
    );
    let referred = |referer: &str| {
        let mut request = get(&url);
        request.if_none_match = Some(tag.clone());
        request.referer = Some(referer.to_owned());
        ask(&fake, &request).status
    };
    fake.put_project(|project| project.referers = vec!["shop.example.com".into()]);
    assert_eq!(referred("https://evil.example/"), 403);
    assert_eq!(refused(&url), 429);
    fake.put_key(|key| key.sources = vec!["elsewhere.example".into()]);
    assert_eq!(refused(&url), 403);
    fake.put_key(|key| key.revoked_at = Some(1));
    assert_eq!(refused(&url), 401);
    fake.store_down.set(true);
    assert_eq!(refused(&url), 503);
    assert_eq!(fake.fetches.get(), 1);
}

#[test]
fn what_nobody_may_keep_has_no_tag() {
    let fake = Fake::new();
    let options = signed_url::v2::Options::until(SOON);
    let mut bound = get(&v2(options.bound_to(netaddr::Cidr::parse("203.0.113.7").unwrap())));
    bound.peer = Some([203, 0, 113, 7].into());
    let plain = tag_of(&ask(&fake, &get(&v2(options))));
    bound.if_none_match = Some(plain.clone());
    for request in [bound, get(&v2(options.once("0123456789abcdef")))] {
        let answer = ask(
            &fake,
            &Request {
                if_none_match: Some(plain.clone()),
                ..request
            },
        );
        assert_eq!(
            (answer.status, answer.get("etag"), answer.get("cache-control")),
            (200, None, Some("private, no-store"))
        );
    }
}

#[test]
fn a4_an_event_says_what_was_proved_and_not_only_named() {
    let fake = Fake::new();
    let good = signed("w_64", SOURCE, None);
    let answer = ask(&fake, &get(&good));
    ask(&fake, &get(&good.replace("w_64", "w_65")));
    ask(&fake, &get(&good.replace(KEY, "pk_other")));
    let events = fake.audited.take();
    let said: Vec<_> = events
        .iter()
        .map(|event| {
            let client = event.client_id.as_ref().map(|id| id.as_str());
            (event.status, event.proof, client, event.endpoint.as_str())
        })
        .collect();
    assert_eq!(
        said,
        [
            (200, audit::Proof::Url, Some("client_one"), "image/v1"),
            (403, audit::Proof::None, Some("client_one"), "image/v1"),
            (401, audit::Proof::None, None, "image/v1"),
        ]
    );
    assert_eq!(
        answer.get("x-request-id"),
        Some(events[0].request_id.to_string().as_str())
    );
    assert_eq!(
        events[1].error.as_ref().unwrap().as_str(),
        "Invalid or expired signature"
    );
    // What one component packs, the other reads.
    let key = settings("production").audit.unwrap();
    let parcel = audit::Parcel::pack(&events, &key);
    assert_eq!(audit::Parcel::open(&parcel.body, &parcel.tag, &key).unwrap(), events);
}

#[test]
fn every_refusal_fits_into_an_event() {
    use problem::Reason::*;
    for reason in [
        MissingSignature,
        InvalidQuery,
        InvalidExpiry,
        ExpiryInMilliseconds,
        UnknownKey,
        RevokedKey,
        ExpiredKey,
        WrongProject,
        UnknownProject,
        InvalidPath,
        InvalidSource,
        InvalidOperations,
        InvalidSignature,
        ClientDisabled,
        AddressMismatch,
        Gone,
        RateLimited,
        Referer,
        SourceDomain,
        NotFound,
        Method,
        TargetTooLong,
        OriginalNotFound,
        Origin,
        OriginTimeout,
        OriginalTooLarge,
        UnsupportedFormat,
        Unprocessable,
        TooSmall,
        Untraceable,
        Processing,
        Unavailable,
    ] {
        let text = reason.entry().1;
        assert!(audit::Outcome::try_from(text.to_owned()).is_ok(), "{text}");
    }
}
