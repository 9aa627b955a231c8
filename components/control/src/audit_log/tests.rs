use super::*;
use crate::fake::{Fake, NOW};
use crate::sql::{Row, Value};
use audit::{Class, ClientId, Endpoint, Event, Fault, Key, Kind, Method, Proof, RequestId, Writer};
use futures::executor::block_on;
use futures::future::join_all;

fn event(kind: Kind, at: u64) -> Event {
    Event {
        at,
        writer: Writer::Control,
        kind,
        request_id: RequestId::new([1; 16]),
        endpoint: Endpoint::new("test"),
        method: Method::Get,
        client_id: Some(ClientId::parse("client_one").unwrap()),
        proof: Proof::Credential,
        barcode: None,
        ip: None,
        status: 200,
        error: None,
        credits: 0,
        picture: None,
        dropped: 0,
    }
}

fn key(fake: &Fake) -> &Key {
    &fake.world.settings.audit
}

fn written(fake: &Fake, events: &[Event]) {
    block_on(append(fake, key(fake), events)).unwrap();
}

fn count(fake: &Fake, chain: &str) -> i64 {
    let rows = fake.sql("SELECT COUNT(*) FROM audit WHERE chain = $1", &[chain.into()]);
    rows[0].get(0).unwrap()
}

fn verified(fake: &Fake, class: Class) -> Result<i64, (i64, Fault)> {
    let found = block_on(verify(fake, key(fake), class, None)).unwrap();
    found
        .map(|verified| verified.entries)
        .map_err(|broken| (broken.seq, broken.fault))
}

#[test]
fn a5_each_request_is_one_row_and_the_chain_holds() {
    let fake = Fake::new();
    for _ in 0..3 {
        fake.ask(Fake::request("GET", "/api/v1/account", &[], b""));
    }
    assert_eq!(count(&fake, "requests"), 0);
    fake.tend();
    assert_eq!(count(&fake, "requests"), 3);
    fake.operate("GET", "/admin/projects", None);
    assert_eq!(count(&fake, "authentication"), 1);
    assert_eq!(
        (verified(&fake, Class::Requests), verified(&fake, Class::Authentication)),
        (Ok(3), Ok(1))
    );
    let rows = fake.sql(
        "SELECT endpoint, method, status, error, proof, ip FROM audit WHERE chain = 'requests' AND seq = 1",
        &[],
    );
    let expected = [
        "account".into(),
        "GET".into(),
        Value::Integer(401),
        "unauthenticated".into(),
        "none".into(),
        "203.0.113.7".into(),
    ];
    assert_eq!(rows, [Row(expected.to_vec())]);
}

#[test]
fn a5_writers_at_the_same_time_make_one_chain() {
    let fake = Fake::new();
    fake.world.yields.set(true);
    let hosts: Vec<Fake> = (0..12).map(|_| fake.another()).collect();
    let events = |host: usize| {
        let named = |at| Event {
            request_id: RequestId::new([host as u8; 16]),
            ..event(Kind::Image, at)
        };
        (0..5).map(named).collect::<Vec<Event>>()
    };
    let appended = hosts
        .iter()
        .enumerate()
        .map(async |(number, host)| append(host, key(&fake), &events(number)).await);
    let appended = block_on(join_all(appended));
    assert!(appended.iter().all(Result::is_ok), "{appended:?}");
    assert_eq!(
        (count(&fake, "requests"), verified(&fake, Class::Requests)),
        (60, Ok(60))
    );
}

#[test]
fn a5_a_row_that_was_changed_or_taken_out_is_named() {
    let fake = Fake::new();
    written(&fake, &vec![event(Kind::Request, NOW); 6]);
    fake.sql("UPDATE audit SET client_id = 'client_two' WHERE seq = 4", &[]);
    assert_eq!(verified(&fake, Class::Requests), Err((4, Fault::Content)));
    fake.sql("DELETE FROM audit WHERE seq = 3", &[]);
    assert_eq!(verified(&fake, Class::Requests), Err((3, Fault::Gap)));
    fake.sql("DELETE FROM audit WHERE seq < 5", &[]);
    assert_eq!(verified(&fake, Class::Requests), Err((1, Fault::Gap)));
    // A checkpoint that would excuse it needs the key.
    let forged = "INSERT INTO audit_checkpoints SELECT chain, 4, prev_hash, hash FROM audit WHERE seq = 5";
    fake.sql(forged, &[]);
    assert_eq!(verified(&fake, Class::Requests), Err((4, Fault::Checkpoint)));
}

#[test]
fn a5_what_was_kept_long_enough_is_cut_off_and_the_rest_still_holds() {
    const DAY: u64 = 86_400_000;
    let fake = Fake::new();
    let days = [0, 1, 50, 2, 80];
    let events: Vec<Event> = days.iter().map(|day| event(Kind::Image, day * DAY)).collect();
    written(&fake, &events);
    let events: Vec<Event> = days.iter().map(|day| event(Kind::Authentication, day * DAY)).collect();
    written(&fake, &events);
    let cut = |class, day| block_on(prune(&fake, key(&fake), class, day * DAY)).unwrap();
    // An old entry behind one that must stay waits for it.
    assert_eq!((cut(Class::Requests, 95), cut(Class::Authentication, 95)), (2, 0));
    assert_eq!(
        (verified(&fake, Class::Requests), verified(&fake, Class::Authentication)),
        (Ok(3), Ok(5))
    );
    assert_eq!((cut(Class::Requests, 1000), cut(Class::Requests, 1000)), (3, 0));
    assert_eq!(verified(&fake, Class::Requests), Ok(0));
    // The chain goes on where it was cut.
    written(&fake, &[event(Kind::Image, 1000 * DAY)]);
    assert_eq!(
        fake.sql("SELECT seq FROM audit WHERE chain = 'requests'", &[]),
        [Row(vec![Value::Integer(6)])]
    );
    assert_eq!(verified(&fake, Class::Requests), Ok(1));
}

#[test]
fn k3_authentication_and_administration_fail_closed() {
    let fake = Fake::new();
    fake.sql("ALTER TABLE audit RENAME TO away", &[]);
    let answer = fake.operate("POST", "/admin/projects", Some(serde_json::json!({ "slug": "shop" })));
    assert_eq!(Fake::error(&answer), (503, "unavailable".to_owned()));
    fake.sql("ALTER TABLE away RENAME TO audit", &[]);
    // Nothing was done.
    assert_eq!(fake.operate("GET", "/admin/projects/shop", None).status, 404);
}

#[test]
fn k3_other_requests_are_served_and_told_of_later() {
    let fake = Fake::new();
    fake.sql("ALTER TABLE audit RENAME TO away", &[]);
    for _ in 0..600 {
        let answer = fake.ask(Fake::request("GET", "/api/v1/account", &[], b""));
        assert_eq!(answer.status, 401);
    }
    fake.tend();
    assert!(fake.world.log.borrow().iter().any(|line| line.contains("\"audit\":")));
    fake.sql("ALTER TABLE away RENAME TO audit", &[]);
    fake.tend();
    assert_eq!(count(&fake, "requests"), 512);
    fake.ask(Fake::request("GET", "/api/v1/account", &[], b""));
    fake.tend();
    let dropped = fake.sql("SELECT dropped FROM audit ORDER BY seq DESC LIMIT 1", &[]);
    assert_eq!(dropped, [Row(vec![Value::Integer(88)])]);
    assert_eq!(verified(&fake, Class::Requests), Ok(513));
}

#[test]
fn a4_events_of_the_edge_arrive_only_in_its_parcels() {
    let fake = Fake::new();
    let edge = Event {
        writer: Writer::Edge,
        ..event(Kind::Image, NOW)
    };
    let send = |parcel: &audit::Parcel, tag: &str| {
        let headers = [(audit::Parcel::HEADER, tag), ("content-type", "application/json")];
        fake.ask(Fake::request("POST", "/internal/events", &headers, &parcel.body))
            .status
    };
    let parcel = audit::Parcel::pack(&[edge.clone(), edge.clone()], key(&fake));
    assert_eq!(send(&parcel, &parcel.tag), 200);
    assert_eq!(send(&parcel, ""), 404);
    assert_eq!(send(&parcel, &"0".repeat(64)), 404);
    let pretends = audit::Parcel::pack(
        &[Event {
            writer: Writer::Control,
            ..edge
        }],
        key(&fake),
    );
    assert_eq!(send(&pretends, &pretends.tag), 404);
    fake.tend();
    // Private routes are nobody's requests, so they are not in the log themselves.
    assert_eq!(count(&fake, "requests"), 2);
}

#[test]
fn a_page_of_the_log_goes_on_where_the_last_one_ended() {
    let fake = Fake::new();
    written(&fake, &(0..5).map(|at| event(Kind::Image, at)).collect::<Vec<_>>());
    let read = |target: &str| -> serde_json::Value {
        let answer = fake.operate("GET", target, None);
        assert_eq!(answer.status, 200, "{answer:?}");
        serde_json::from_slice(&answer.body).unwrap()
    };
    let first = read("/admin/audit?limit=3&client_id=client_one");
    let next = first["next"].as_str().unwrap();
    let second = read(&format!("/admin/audit?limit=3&client_id=client_one&after={next}"));
    let times = |page: &serde_json::Value| {
        page["events"]
            .as_array()
            .unwrap()
            .iter()
            .map(|event| event["at"].as_u64().unwrap())
            .collect::<Vec<_>>()
    };
    assert_eq!((times(&first), times(&second)), (vec![4, 3, 2], vec![1, 0]));
    assert!(second["next"].is_null());
    assert_eq!(
        read("/admin/audit?client_id=client_two")["events"],
        serde_json::json!([])
    );
    let verified = read("/admin/audit/verify");
    assert_eq!((&verified["valid"], &verified["verified"]), (&true.into(), &5.into()));
}
