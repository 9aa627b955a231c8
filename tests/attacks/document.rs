//! `docs/THREATS.md` names every row that has a file here, and only those.

use anyhow::{Context, Result, ensure};
use deckle_tests::repository;
use std::collections::BTreeMap;

/// The rows of a file: `u06_u08_parameters.rs` is about U6 and U8.
fn rows_of(file: &str) -> Vec<String> {
    file.split('_').map_while(row).collect()
}

fn row(part: &str) -> Option<String> {
    let (letter, number) = part.split_at_checked(1)?;
    let letter = letter.chars().next().filter(char::is_ascii_lowercase)?;
    let number: u8 = number.parse().ok().filter(|_| number.len() == 2)?;
    Some(format!("{}{number}", letter.to_ascii_uppercase()))
}

#[test]
fn the_document_and_the_suite_name_the_same_rows() -> Result<()> {
    let mut suite = BTreeMap::new();
    let main = std::fs::read_to_string(repository().join("tests/attacks/main.rs"))?;
    for entry in std::fs::read_dir(repository().join("tests/attacks"))? {
        let file = entry?.file_name().to_string_lossy().into_owned();
        let module = file.trim_end_matches(".rs");
        if main.contains(&format!("\nmod {module};")) {
            suite.extend(rows_of(module).into_iter().map(|row| (row, file.clone())));
        }
    }
    let text = std::fs::read_to_string(repository().join("docs/THREATS.md"))?;
    let (covered, not_yet) = text.split_once("## Not covered yet").context("no such heading")?;
    let mut document = BTreeMap::new();
    for line in covered.lines() {
        let cells: Vec<&str> = line.trim_matches('|').split('|').map(str::trim).collect();
        if let [id, _, _, test] = cells.as_slice()
            && id.starts_with(|c: char| c.is_ascii_uppercase())
            && id[1..].parse::<u8>().is_ok()
        {
            let test = test.trim_matches('`');
            if let Some((file, function)) = test.split_once("::") {
                let text = std::fs::read_to_string(repository().join(file)).with_context(|| file.to_owned())?;
                ensure!(
                    text.contains("#[test]\n") && text.contains(&format!("fn {function}()")),
                    "{id}: {test}"
                );
                continue;
            }
            document.insert((*id).to_owned(), test.to_owned());
        }
    }
    assert_eq!(document, suite);
    for line in not_yet.lines().filter(|line| line.starts_with("- ")) {
        for id in document.keys() {
            ensure!(
                !line.starts_with(&format!("- {id}:")),
                "{id} is covered and not covered"
            );
        }
    }
    Ok(())
}
