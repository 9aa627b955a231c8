use anyhow::{Context, Result, ensure};
use deckle_tests::{Fleet, Operator, PARALLEL, get};
use serde_json::{Value, json};
use std::collections::BTreeSet;

/// Each request of both components is one event, whichever host it came to; a change of the log is noticed. The edge's events
/// get there through the control component's private route.
pub fn each_request_is_one_event(fleet: Fleet) -> Result<()> {
    let operator = Operator::of(fleet.last()?)?;
    let picture = fleet.signed(&fleet.key, "w_32,f_jpeg", "good", None)?;
    let forged = picture.replace("w_32", "w_33");
    let mut names = Vec::new();
    for (number, asked) in [&picture, &forged, "/api/v1/account", &picture].into_iter().enumerate() {
        let host = &fleet.hosts[number / 2 % fleet.hosts.len()];
        let reply = get(&host.url(asked))?;
        names.push(reply.header("x-request-id").context("no request id")?.to_owned());
    }
    let events = operator.events("requests", "", 4)?;
    let find = |name: &String| {
        let found: Vec<_> = events
            .iter()
            .filter(|event| event["request_id"] == name.as_str())
            .collect();
        ensure!(found.len() == 1, "{} events of {name}: {events:?}", found.len());
        Ok(found[0].clone())
    };
    let found: Vec<Value> = names.iter().map(find).collect::<Result<_>>()?;
    let said = |event: &Value| json!([event["writer"], event["status"], event["proof"], event["client_id"]]);
    let client = fleet.key.client.as_str();
    assert_eq!(
        found.iter().map(said).collect::<Vec<_>>(),
        [
            json!(["edge", 200, "url", client]),
            json!(["edge", 403, "none", client]),
            json!(["control", 401, "none", null]),
            json!(["edge", 200, "url", client]),
        ]
    );
    assert_eq!(found[0]["ip"], "127.0.0.1");

    // Many at once, from every host into one chain: none is lost, none is there twice, and the chain holds.
    fleet.storm(&picture, PARALLEL, || ());
    let events = operator.events("requests", "", PARALLEL + 4)?;
    let different: BTreeSet<_> = events.iter().map(|event| event["request_id"].as_str()).collect();
    assert_eq!((events.len(), different.len()), (PARALLEL + 4, PARALLEL + 4));
    let whole = operator.run(&["audit", "verify"])?;
    assert_eq!(whole["valid"], true, "{whole}");

    let forged = "chain = 'requests' AND status = 403";
    assert_eq!(fleet.sql(&format!("SELECT COUNT(*) FROM audit WHERE {forged}"))?, "1");
    fleet.sql(&format!("UPDATE audit SET status = 200 WHERE {forged}"))?;
    let broken = operator.command(&["audit", "verify", "--chain", "requests"]).output()?;
    let said = String::from_utf8_lossy(&broken.stdout);
    assert!(
        !broken.status.success() && said.contains("BROKEN") && said.contains("changed after it was written"),
        "{said}"
    );
    Ok(())
}
