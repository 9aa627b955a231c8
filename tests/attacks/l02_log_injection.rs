//! L2: nothing in a request starts a line of its own in the log, or moves the cursor of whoever reads it.

use crate::target::{Target, with};
use anyhow::{Context, Result, ensure};
use deckle_tests::request;

pub fn attack(target: &Target) -> Result<()> {
    let log = target.deckle.data.path().join("logs/edge.jsonl");
    let before = std::fs::read_to_string(&log)?.lines().count();
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    let targets = [
        good.replacen("w_96", "w_%0A{\"status\":200}", 1).replace('"', "%22"),
        good.replacen("/shop/", "/%1B[31mshop/", 1),
        with(&good, "key", "pk_x%0A"),
        with(&good, "key", "pk_\\u000a"),
        target.v1("w_\u{2028}96", &target.source("good/x.jpg")),
        target.v1("\",\"status\":\"200", &target.source("good/x.jpg")),
        target.v1("w_96", &target.source("good/\u{202e}x.jpg")),
        good.clone(),
    ];
    for asked in &targets {
        let headers = [
            ("user-agent", "\t{\"x\":1}"),
            ("referer", "https://a/\\n{\"status\":200}"),
            ("accept", "\",\"a\":\""),
        ];
        request("GET", &target.deckle.url(asked), &headers)?;
    }
    let text = std::fs::read_to_string(&log)?;
    let lines: Vec<&str> = text.lines().skip(before).collect();
    ensure!(
        lines.len() == targets.len(),
        "{} lines for {} requests",
        lines.len(),
        targets.len()
    );
    for line in &lines {
        let event: serde_json::Value = serde_json::from_str(line).with_context(|| (*line).to_owned())?;
        ensure!(event["request_id"].is_string() && event["status"].is_u64(), "{line}");
        ensure!(
            !line.contains(char::is_control) && !line.contains(['\u{2028}', '\u{202e}']),
            "{line:?}"
        );
        ensure!(event.as_object().is_some_and(|members| members.len() == 17), "{line}");
    }
    ensure!(!target.deckle.log()?.contains('\u{1b}'), "an escape sequence");
    Ok(())
}
