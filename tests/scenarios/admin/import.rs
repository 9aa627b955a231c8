use anyhow::{Context, Result};
use deckle_tests::{Fleet, Operator};
use serde_json::{Value, json};
use std::path::Path;
use std::process::{Command, Stdio};
use std::time::{Duration, Instant};

const ROWS: u64 = 10_000;
/// Every hundredth row is none.
const BAD: u64 = ROWS / 100;

/// Writes a file of products.
fn products(file: &Path) -> Result<()> {
    let mut text = String::from("barcode,name,brand,category,front\n");
    for row in 1..=ROWS {
        text += &match row % 100 {
            0 => format!("{row},Bad,Acme,Food,\n"),
            _ => format!("{:012},Product {row},Acme,Food,\n", 30_000_000_000 + row),
        };
    }
    Ok(std::fs::write(file, text)?)
}

fn import(operator: &Operator<'_>, file: &Path) -> Command {
    operator.command(&["product", "import", &file.to_string_lossy(), "--json"])
}

fn count(fleet: &Fleet) -> Result<u64> {
    let all = "SELECT COUNT(*) FROM products WHERE brand = 'Acme' AND name LIKE 'Product %'";
    Ok(fleet.sql(all)?.parse()?)
}

/// Good rows are imported, bad ones reported.
pub fn rows(fleet: Fleet) -> Result<()> {
    let file = tempfile::NamedTempFile::with_suffix(".csv")?;
    products(file.path())?;
    let output = import(&Operator::of(fleet.first()?)?, file.path()).output()?;
    let report: Value =
        serde_json::from_slice(&output.stdout).with_context(|| String::from_utf8_lossy(&output.stderr).into_owned())?;
    assert!(!output.status.success(), "bad rows are a failure");
    assert_eq!(
        (&report["imported"], &report["failed"]),
        (&json!(ROWS - BAD), &json!(BAD))
    );
    assert_eq!(
        (&report["errors"][0]["row"], report["errors"].as_array().map(Vec::len)),
        (&json!(100), Some(100))
    );
    assert_eq!(count(&fleet)?, ROWS - BAD);
    Ok(())
}

/// A kill leaves whole groups of rows, and the file can be sent again.
pub fn killed(mut fleet: Fleet) -> Result<()> {
    let file = tempfile::NamedTempFile::with_suffix(".csv")?;
    products(file.path())?;
    // The first request makes the tables.
    Operator::of(fleet.last()?)?.get("/clients")?;
    let mut importing = import(&Operator::of(fleet.last()?)?, file.path())
        .stdout(Stdio::null())
        .stderr(Stdio::null())
        .spawn()?;
    let began = Instant::now();
    while count(&fleet)? == 0 && began.elapsed() < Duration::from_secs(20) {
        std::thread::sleep(Duration::from_millis(2));
    }
    fleet.hosts.last_mut().context("no host")?.kill()?;
    assert!(
        !importing.wait()?.success(),
        "the import ended before the kill: nothing was tried"
    );
    fleet.kill_and_restart_last()?;
    let left = count(&fleet)?;
    assert!((1..ROWS - BAD).contains(&left), "{left} rows");
    let half = "SELECT COUNT(*) FROM products WHERE brand_key IS NULL OR category_key IS NULL OR name = ''";
    assert_eq!(fleet.sql(half)?, "0");
    if fleet.postgres.is_none() {
        assert_eq!(fleet.sql("PRAGMA integrity_check")?, "ok");
    }
    let operator = Operator::of(fleet.last()?)?;
    let again = import(&operator, file.path()).output()?;
    let report: Value = serde_json::from_slice(&again.stdout)?;
    assert_eq!(report["imported"], ROWS - BAD);
    assert_eq!(count(&fleet)?, ROWS - BAD);
    assert_eq!(operator.run(&["audit", "verify"])?["valid"], true);
    Ok(())
}
