use crate::audit_log;
use crate::fake::{Fake, NOW};
use audit::{Barcode, ClientId, Endpoint, Event, Kind, Method, Proof, RequestId, Writer};
use futures::executor::block_on;
use serde_json::{Value, json};

fn client(fake: &Fake, webhook: bool) -> (String, String) {
    let url = webhook.then_some("https://owner.example.com/hook");
    let answer = fake.operate(
        "POST",
        "/admin/clients",
        Some(json!({ "name": "Shop", "webhook_url": url })),
    );
    let made: Value = serde_json::from_slice(&answer.body).unwrap();
    let text = |value: &Value| value.as_str().unwrap().to_owned();
    (text(&made["client"]["id"]), text(&made["webhook_secret"]))
}

/// Guesses barcodes one after the other.
fn guess(fake: &Fake, client_id: &str, proof: Proof, numbers: std::ops::Range<u64>) {
    let events: Vec<Event> = numbers
        .map(|number| Event {
            at: NOW + number,
            writer: Writer::Control,
            kind: Kind::Request,
            request_id: RequestId::new([number as u8; 16]),
            endpoint: Endpoint::new("products/barcode"),
            method: Method::Get,
            client_id: Some(ClientId::parse(client_id).unwrap()),
            proof,
            barcode: Some(Barcode::parse(&format!("{:012}", 17_000_161_000 + number)).unwrap()),
            ip: None,
            status: 403,
            error: None,
            credits: 0,
            picture: None,
            dropped: 0,
        })
        .collect();
    block_on(audit_log::append(fake, &fake.world.settings.audit, &events)).unwrap();
    fake.world.now.set(fake.world.now.get() + 5000);
    fake.tend();
}

fn status(fake: &Fake, id: &str) -> String {
    let answer = fake.operate("GET", &format!("/admin/clients/{id}"), None);
    let read: Value = serde_json::from_slice(&answer.body).unwrap();
    read["client"]["status"].as_str().unwrap().to_owned()
}

fn found(fake: &Fake) -> Vec<Value> {
    let answer = fake.operate("GET", "/admin/anomalies", None);
    let read: Value = serde_json::from_slice(&answer.body).unwrap();
    read["anomalies"].as_array().unwrap().clone()
}

#[test]
fn a4_confirmed_abuse_disables_the_client_and_tells_its_owner() {
    let fake = Fake::new();
    let (id, secret) = client(&fake, true);
    guess(&fake, &id, Proof::Credential, 0..40);
    assert_eq!(status(&fake, &id), "disabled");
    let found = found(&fake);
    assert_eq!(
        (found.len(), &found[0]["verdict"], &found[0]["score"]),
        (1, &json!("abuse"), &json!(100))
    );
    assert!(
        found[0]["signals"][0]["words"]
            .as_str()
            .unwrap()
            .contains("follow one another")
    );
    let seen = fake.operate(
        "POST",
        &format!("/admin/anomalies/{}/acknowledge", found[0]["id"].as_str().unwrap()),
        None,
    );
    assert_eq!(seen.status, 200);

    fake.world.now.set(fake.world.now.get() + 5000);
    fake.tend();
    let posted = fake.world.posted.borrow();
    assert_eq!(posted.len(), 1, "{posted:?}");
    let (url, headers, body) = &posted[0];
    assert_eq!(url, "https://owner.example.com/hook");
    let sent: Value = serde_json::from_str(body).unwrap();
    assert_eq!(
        (&sent["kind"], &sent["data"]["client_id"]),
        (&json!("client_disabled"), &json!(id))
    );
    let header = &headers
        .iter()
        .find(|(name, _)| name == crate::webhook::HEADER)
        .unwrap()
        .1;
    let at: u64 = header[2..].split(',').next().unwrap().parse().unwrap();
    assert_eq!(
        *header,
        crate::webhook::sign(&secret::SecretText::new(secret), at, body)
    );
}

#[test]
fn a4_nobody_can_have_another_client_disabled() {
    let fake = Fake::new();
    let (id, _) = client(&fake, true);
    guess(&fake, &id, Proof::None, 0..200);
    assert_eq!((status(&fake, &id).as_str(), found(&fake).len()), ("active", 0));
    // Whoever sees signed URLs can repeat them: it is reported.
    guess(&fake, &id, Proof::Url, 0..200);
    assert_eq!(status(&fake, &id), "active");
    assert!(!found(&fake).is_empty() && found(&fake).iter().all(|found| found["verdict"] == "noted"));
}

#[test]
fn an_event_counts_once_even_if_a_reader_died_before_it_moved_on() {
    let fake = Fake::new();
    let (id, _) = client(&fake, false);
    guess(&fake, &id, Proof::Credential, 0..20);
    fake.sql("UPDATE anomaly_cursor SET seq = 0", &[]);
    guess(&fake, &id, Proof::Credential, 20..31);
    assert_eq!(found(&fake), [] as [Value; 0]);
    fake.sql("UPDATE anomaly_cursor SET seq = 0", &[]);
    guess(&fake, &id, Proof::Credential, 31..32);
    assert_eq!(found(&fake).len(), 1);
    fake.sql("UPDATE anomaly_cursor SET seq = 0", &[]);
    guess(&fake, &id, Proof::Credential, 32..33);
    assert_eq!(found(&fake).len(), 1);
}

#[test]
fn a_webhook_that_nobody_takes_is_tried_again_later() {
    let fake = Fake::new();
    fake.world.receiver.set(500);
    let (id, _) = client(&fake, true);
    guess(&fake, &id, Proof::Credential, 0..40);
    let later = |seconds: u64| {
        fake.world.now.set(fake.world.now.get() + seconds * 1000);
        fake.tend();
        fake.world.posted.borrow().len()
    };
    assert_eq!(later(2), 1);
    assert_eq!(later(2), 1);
    assert_eq!(later(10), 2);
    assert_eq!(later(10), 2);
    fake.world.receiver.set(200);
    assert_eq!((later(20), later(3600)), (3, 3));
    let bodies: std::collections::BTreeSet<_> = fake
        .world
        .posted
        .borrow()
        .iter()
        .map(|(_, _, body)| body.clone())
        .collect();
    assert_eq!(bodies.len(), 1);
    let answer = fake.operate("GET", "/admin/webhooks", None);
    let listed: Value = serde_json::from_slice(&answer.body).unwrap();
    assert_eq!(
        (
            &listed["webhooks"][0]["attempts"],
            listed["webhooks"][0]["delivered_at"].is_u64()
        ),
        (&json!(3), true)
    );
}
