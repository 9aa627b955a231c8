use crate::context::Context;
use crate::fake::{Fake, NOW};
use crate::ports::Host;
use answer::Answer;
use audit::{Barcode, ClientId, Endpoint, Event, Kind, Method, Outcome, Proof, RequestId, Writer};
use futures::executor::block_on;
use serde_json::Value;
use std::cell::RefCell;

/// Writes an event of `client`, `number` seconds after [`NOW`].
fn write(fake: &Fake, client: &str, number: u64, change: impl FnOnce(&mut Event)) {
    let mut event = Event {
        at: NOW + number * 1000,
        writer: Writer::Control,
        kind: Kind::Request,
        request_id: RequestId::new(fake.random()),
        endpoint: Endpoint::new("products/barcode"),
        method: Method::Get,
        client_id: Some(ClientId::parse(client).unwrap()),
        proof: Proof::Credential,
        barcode: Some(Barcode::parse("017000161563").unwrap()),
        ip: Some("203.0.113.7".parse().unwrap()),
        status: 200,
        error: None,
        credits: 4,
        picture: None,
        dropped: 0,
    };
    change(&mut event);
    block_on(crate::audit_log::append(fake, &fake.world.settings.audit, &[event])).unwrap();
}

/// Three requests of one client, newest last, among those of another one and a login.
fn world() -> Fake {
    let fake = Fake::new();
    write(&fake, "client_one", 0, |_| {});
    write(&fake, "client_two", 1, |_| {});
    write(&fake, "client_one", 2, |event| {
        (event.status, event.error, event.credits) = (403, Some(Outcome::new("out_of_scope")), 0);
    });
    write(&fake, "client_one", 3, |event| event.kind = Kind::Authentication);
    write(&fake, "client_one", 4, |event| {
        (event.endpoint, event.barcode, event.credits) = (Endpoint::new("balance"), None, 0);
    });
    fake
}

fn ask(fake: &Fake, client: &str, query: &str) -> Result<Answer, problem::Code> {
    let (event, counted) = (RefCell::default(), RefCell::default());
    let context = Context {
        host: fake,
        instance: &fake.world.instance,
        settings: &fake.world.settings,
        request_id: "req_1",
        now: NOW,
        address: None,
        event: &event,
        counted: &counted,
    };
    block_on(super::read(&context, client, query)).map_err(|refusal| refusal.code)
}

fn seconds(fake: &Fake, client: &str, query: &str) -> Vec<u64> {
    let body: Value = serde_json::from_slice(&ask(fake, client, query).unwrap().body).unwrap();
    let usage = body["usage"].as_array().unwrap();
    usage
        .iter()
        .map(|used| (used["at"].as_u64().unwrap() - NOW) / 1000)
        .collect()
}

#[test]
fn h10_a_client_reads_of_itself_alone() {
    let fake = world();
    assert_eq!(seconds(&fake, "client_one", ""), [4, 2, 0]);
    assert_eq!(seconds(&fake, "client_two", ""), [1]);
    assert_eq!(seconds(&fake, "client_none", ""), [0; 0]);
    for query in ["client_id=client_two", "chain=authentication", "proof=none"] {
        assert_eq!(
            ask(&fake, "client_one", query).unwrap_err(),
            problem::Code::BadRequest,
            "{query}"
        );
    }
}

#[test]
fn filters_and_pages() {
    let fake = world();
    let from = NOW / 1000;
    for (query, expected) in [
        (format!("from={}", from + 2), vec![4, 2]),
        (format!("from={from}&to={}", from + 4), vec![2, 0]),
        ("status=403".to_owned(), vec![2]),
        ("endpoint=products%2Fbarcode".to_owned(), vec![2, 0]),
        ("barcode=017000161563&status=200".to_owned(), vec![0]),
        ("barcode=00000000".to_owned(), vec![]),
    ] {
        assert_eq!(seconds(&fake, "client_one", &query), expected, "{query}");
    }
    let mut cursor = String::new();
    let mut seen = Vec::new();
    for _ in 0..3 {
        let query = format!("limit=1{cursor}");
        seen.extend(seconds(&fake, "client_one", &query));
        let body: Value = serde_json::from_slice(&ask(&fake, "client_one", &query).unwrap().body).unwrap();
        cursor = body["next_cursor"]
            .as_str()
            .map_or(String::new(), |next| format!("&cursor={next}"));
    }
    assert_eq!((seen, cursor.as_str()), (vec![4, 2, 0], ""));
    for query in [
        "limit=0",
        "limit=1001",
        "status=99",
        "from=x",
        "endpoint=%27",
        "cursor=0",
        "format=xml",
        "barcode=1",
    ] {
        assert_eq!(
            ask(&fake, "client_one", query).unwrap_err(),
            problem::Code::BadRequest,
            "{query}"
        );
    }
}

#[test]
fn a_table_for_spreadsheets() {
    let fake = world();
    let answer = ask(&fake, "client_one", "format=csv&limit=2").unwrap();
    assert_eq!(answer.get("content-type"), Some("text/csv; charset=utf-8"));
    assert_eq!(
        (answer.get("cache-control"), answer.get("x-next-cursor")),
        (Some("no-store"), Some("3"))
    );
    let text = String::from_utf8(answer.body).unwrap();
    let rows: Vec<Vec<&str>> = text.lines().map(|line| line.split(',').collect()).collect();
    assert_eq!(rows.len(), 3);
    assert!(rows.iter().all(|row| row.len() == rows[0].len()));
    assert_eq!(
        rows[2][3..],
        [
            "products/barcode",
            "GET",
            "017000161563",
            "203.0.113.7",
            "403",
            "out_of_scope",
            "0"
        ]
    );
}
