use super::{Outcome, claim, find, finish, prune};
use crate::fake::{Fake, NOW, OPERATOR};
use crate::request::{Body, BodyLost};
use futures::StreamExt;
use futures::executor::block_on;
use problem::Code;
use serde_json::{Value, json};

fn upload(fake: &Fake, media_type: &str, bytes: &[u8]) -> answer::Answer {
    let bearer = format!("Bearer {OPERATOR}");
    let headers = [("authorization", bearer.as_str()), ("content-type", media_type)];
    fake.ask(Fake::request("POST", "/admin/trace", &headers, bytes))
}

fn job(answer: &answer::Answer) -> Value {
    let read: Value = serde_json::from_slice(&answer.body).unwrap();
    read["trace"].clone()
}

fn queued(fake: &Fake, bytes: &[u8]) -> String {
    job(&upload(fake, "image/jpeg", bytes))["id"]
        .as_str()
        .unwrap()
        .to_owned()
}

#[test]
fn a_picture_waits_is_taken_and_has_an_answer() {
    let fake = Fake::new();
    // More than one piece of what is stored.
    let picture: Vec<u8> = (0..500_000_u32).map(|at| at.to_le_bytes()[at as usize % 3]).collect();
    let accepted = upload(&fake, "image/jpeg", &picture);
    let queued = job(&accepted);
    let path = accepted.get("location").unwrap().to_owned();
    assert_eq!((accepted.status, queued["state"].as_str()), (202, Some("queued")));
    assert_eq!(path, format!("/admin/trace/{}", queued["id"].as_str().unwrap()));
    assert_eq!(job(&fake.operate("GET", &path, None)), queued);

    let claimed = job(&fake.operate("POST", "/admin/trace/claim", None));
    assert_eq!(
        (claimed["state"].as_str(), claimed["attempts"].as_u64()),
        (Some("working"), Some(1))
    );
    assert!(job(&fake.operate("POST", "/admin/trace/claim", None)).is_null());
    let file = fake.operate("GET", &format!("{path}/file"), None);
    assert_eq!(
        (file.status, file.get("content-type")),
        (200, Some("application/octet-stream"))
    );
    assert_eq!(file.body, picture);

    let result = json!({ "attempt": 1, "result": { "marked": true } });
    let done = job(&fake.operate("POST", &format!("{path}/result"), Some(result.clone())));
    assert_eq!(
        (done["state"].as_str(), &done["result"]["marked"]),
        (Some("done"), &json!(true))
    );
    assert_eq!(job(&fake.operate("GET", &path, None)), done);
    // It says so once, and the picture is gone.
    assert_eq!(
        fake.operate("POST", &format!("{path}/result"), Some(result)).status,
        404
    );
    assert_eq!(fake.operate("GET", &format!("{path}/file"), None).status, 404);
    assert!(fake.sql("SELECT 1 FROM trace_files", &[]).is_empty());
}

#[test]
fn what_is_no_picture_or_too_much_is_refused() {
    let fake = Fake::new();
    for (media_type, bytes, refusal) in [
        ("text/html", vec![1], (415, "unsupported_media_type")),
        ("image/png", vec![], (400, "bad_request")),
        ("image/png", vec![0; (16 << 20) + 1], (413, "payload_too_large")),
    ] {
        let refused = Fake::error(&upload(&fake, media_type, &bytes));
        assert_eq!(refused, (refusal.0, refusal.1.to_owned()));
    }
    let list: Value = serde_json::from_slice(&fake.operate("GET", "/admin/trace", None).body).unwrap();
    assert_eq!(list, json!({ "traces": [], "next": null }));
    assert!(block_on(claim(&fake, NOW)).unwrap().is_none());
    // Without the credential there is nothing at all.
    let anybody = Fake::request("POST", "/admin/trace", &[("content-type", "image/png")], b"picture");
    assert_eq!(Fake::error(&fake.ask(anybody)).0, 401);
}

#[test]
fn a_file_that_breaks_off_is_no_job() {
    let fake = Fake::new();
    let cut = futures::stream::iter([Ok(vec![1; 200_000]), Err(BodyLost)]).boxed_local();
    let refused = block_on(super::upload(&fake, Body(cut))).unwrap_err();
    assert_eq!(refused.code, Code::BadRequest);
    assert!(block_on(claim(&fake, NOW)).unwrap().is_none());
    block_on(prune(&fake, NOW + 3_600_001)).unwrap();
    assert!(
        fake.sql("SELECT 1 FROM traces UNION SELECT 1 FROM trace_files", &[])
            .is_empty()
    );
}

#[test]
fn as_many_wait_as_there_is_room_for() {
    let fake = Fake::new();
    for _ in 0..32 {
        assert_eq!(upload(&fake, "image/gif", b"GIF").status, 202);
    }
    let refused = upload(&fake, "image/gif", b"GIF");
    assert_eq!((refused.status, refused.get("retry-after")), (429, Some("60")));
    let page: Value = serde_json::from_slice(&fake.operate("GET", "/admin/trace?limit=2", None).body).unwrap();
    assert_eq!(page["traces"].as_array().unwrap().len(), 2);
}

#[test]
fn whoever_gets_lost_is_followed_by_another() {
    let fake = Fake::new();
    let id = queued(&fake, b"picture");
    let minutes = |minutes: u64| NOW + minutes * 60_000;
    assert_eq!(block_on(claim(&fake, NOW)).unwrap().unwrap().attempts, 1);
    assert!(block_on(claim(&fake, minutes(29))).unwrap().is_none());
    assert_eq!(block_on(claim(&fake, minutes(30))).unwrap().unwrap().attempts, 2);
    // The first one comes back: the job is not his any more.
    let late = block_on(finish(&fake, &id, 1, Outcome::Found("{}".into()), minutes(31)));
    assert!(late.unwrap().is_none());
    assert_eq!(block_on(claim(&fake, minutes(60))).unwrap().unwrap().attempts, 3);
    assert!(block_on(claim(&fake, minutes(90))).unwrap().is_none());
    let given_up = block_on(find(&fake, &id)).unwrap().unwrap().shown();
    assert_eq!(
        (given_up["state"].as_str(), given_up["error"].as_str()),
        (Some("failed"), Some("abandoned"))
    );
    block_on(prune(&fake, minutes(90 * 24 * 60 + 1))).unwrap();
    assert!(block_on(find(&fake, &id)).unwrap().is_none());
    assert!(fake.sql("SELECT 1 FROM trace_files", &[]).is_empty());
}

#[test]
fn a_result_is_findings_or_a_word() {
    let fake = Fake::new();
    let id = queued(&fake, b"picture");
    fake.operate("POST", "/admin/trace/claim", None);
    let path = format!("/admin/trace/{id}/result");
    for wrong in [
        json!({ "attempt": 1 }),
        json!({ "attempt": 1, "result": [] }),
        json!({ "attempt": 1, "error": "a path: /srv" }),
        json!({ "attempt": 1, "error": "" }),
        json!({ "attempt": 1, "error": "unreadable", "result": {} }),
        json!({ "attempt": 1, "error": "unreadable", "state": "done" }),
    ] {
        assert_eq!(fake.operate("POST", &path, Some(wrong.clone())).status, 400, "{wrong}");
    }
    let failed = job(&fake.operate("POST", &path, Some(json!({ "attempt": 1, "error": "unreadable" }))));
    assert_eq!(
        (failed["state"].as_str(), failed["error"].as_str()),
        (Some("failed"), Some("unreadable"))
    );
    assert!(failed["result"].is_null());
    assert_eq!(
        fake.operate(
            "POST",
            "/admin/trace/trc_none/result",
            Some(json!({ "attempt": 1, "error": "x" }))
        )
        .status,
        404
    );
}
