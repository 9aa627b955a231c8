use anyhow::{Context, Result};
use deckle_tests::{Fleet, Operator, Receiver, get};
use serde_json::{Value, json};
use std::sync::atomic::{AtomicBool, Ordering};
use std::time::Duration;

/// A notice is signed, sent again after a failure, and not sent again by any host once it was taken.
pub fn is_sent_until_it_is_taken(start: fn(&[&str]) -> Result<Fleet>) -> Result<()> {
    let receiver = Receiver::failing_first(1)?;
    let fleet = start(&["--variable", &format!("webhook_host={}", receiver.url)])?;
    let operator = Operator::of(fleet.first()?)?;
    let hook = format!("{}/hook", receiver.url);
    let made = operator.run(&["client", "create", "Shop", "--webhook", &hook])?;
    let id = made["client"]["id"].as_str().context("no id")?;
    let secret = made["webhook_secret"].as_str().context("no secret")?;
    fleet.sql(&format!(
        "INSERT INTO outbox (id, client_id, kind, body, created_at, attempts, next_at) \
         VALUES ('n_1', '{id}', 'anomaly', '{{\"a\":1}}', 1, 0, 0)"
    ))?;
    // Any request brings the work on the side along.
    let done = AtomicBool::new(false);
    let ask = |url: &str| {
        while !done.load(Ordering::Relaxed) {
            let _ = get(url);
            std::thread::sleep(Duration::from_millis(200));
        }
    };
    let (first, second, third) = std::thread::scope(|scope| {
        for host in &fleet.hosts {
            let url = host.url("/api/v1/account");
            scope.spawn(move || ask(&url));
        }
        let posts = (
            receiver.next(Duration::from_secs(20)),
            receiver.next(Duration::from_secs(20)),
            receiver.next(Duration::from_secs(2)),
        );
        done.store(true, Ordering::Relaxed);
        posts
    });
    let (first, second) = (first.context("no POST")?, second.context("it is not sent again")?);
    assert!(third.is_none(), "it is sent although it was taken");
    assert_eq!((first.path.as_str(), &first.body), ("/hook", &second.body));
    let sent: Value = serde_json::from_str(&second.body)?;
    assert_eq!(
        (&sent["id"], &sent["kind"], &sent["data"]["a"]),
        (&json!("n_1"), &json!("anomaly"), &json!(1))
    );
    let signature = second.header("deckle-signature").context("no signature")?;
    let form = signature.strip_prefix("t=").and_then(|rest| rest.split_once(",v1="));
    let (at, mac) = form.context("its form")?;
    let script = "import hmac,sys;print(hmac.new(sys.argv[1].encode(),sys.argv[2].encode(),'sha256').hexdigest())";
    let expected = std::process::Command::new("python3")
        .args(["-c", script, secret, &format!("{at}.{}", second.body)])
        .output()?;
    assert_eq!(String::from_utf8_lossy(&expected.stdout).trim(), mac);
    let listed = operator.run(&["audit", "webhooks"])?;
    assert_eq!(listed["webhooks"][0]["attempts"], 2, "{listed}");
    Ok(())
}
