//! What was served to whom, and when, as the logs tell it: the audit log, or the lines that the edge component prints.

use super::suspects::Suspects;
use anyhow::{Context as _, Result};
use fingerprint::Variant;
use rusqlite::{Connection, OpenFlags};
use serde::Deserialize;
use std::collections::BTreeMap;
use std::fs::File;
use std::io::{BufRead as _, BufReader};
use std::path::Path;
use watermark::Subject;

/// Renditions with a tracing code that were delivered.
#[derive(Debug, Default)]
pub struct Served {
    /// Each with its deliveries, in the log's order.
    pub renditions: BTreeMap<Rendition, Vec<Delivery>>,
}

/// One rendition, as the logs name it.
#[derive(Clone, Debug, PartialEq, Eq, PartialOrd, Ord)]
pub struct Rendition {
    /// The original's address.
    pub source: String,
    /// Operations in canonical form.
    pub operations: String,
    /// The short name of the format.
    pub format: String,
    /// What its tracing code is derived from.
    pub variant: Variant,
}

/// One answer with a picture.
#[derive(Clone, Debug, PartialEq, Eq)]
pub struct Delivery {
    /// Whom its mark names.
    pub subject: Subject,
    /// Unix milliseconds.
    pub at: u64,
    /// The request's name.
    pub request_id: String,
}

/// A line that the edge component printed; what else stands in it does not matter here.
#[derive(Deserialize)]
struct Line {
    time: u64,
    request_id: String,
    client_id: Option<String>,
    status: u16,
    #[serde(flatten)]
    picture: Picture,
}

/// The rendition in a line, and in the column `picture` of the audit log.
#[derive(Deserialize)]
struct Picture {
    source: Option<String>,
    operations: Option<String>,
    format: Option<String>,
    variant: Option<String>,
    viewer: Option<String>,
}

/// An event of the audit log, as the admin API shows it.
#[derive(Deserialize)]
struct Shown {
    at: u64,
    request_id: String,
    client_id: Option<String>,
    status: u16,
    picture: Option<Picture>,
}

/// The status of an answer that has a picture in it.
const DELIVERED: u16 = 200;

impl Served {
    /// Adds what a file of log lines tells. Lines that are no deliveries are passed over.
    ///
    /// # Errors
    /// A file that cannot be read.
    pub fn read_lines(&mut self, file: &Path, suspects: &mut Suspects) -> Result<()> {
        let lines = File::open(file).with_context(|| format!("the log {} cannot be read", file.display()))?;
        for line in BufReader::new(lines).split(b'\n') {
            let line = line.with_context(|| format!("the log {} cannot be read", file.display()))?;
            if let Ok(line) = serde_json::from_slice::<Line>(&line)
                && line.status == DELIVERED
            {
                self.add(line.picture, line.client_id, line.time, line.request_id, suspects);
            }
        }
        Ok(())
    }

    /// Adds what the audit log in an SQLite database tells.
    ///
    /// # Errors
    /// A database that cannot be read, or has no such log.
    pub fn read_database(&mut self, file: &Path, suspects: &mut Suspects) -> Result<()> {
        let flags = OpenFlags::SQLITE_OPEN_READ_ONLY | OpenFlags::SQLITE_OPEN_NO_MUTEX;
        let connection = Connection::open_with_flags(file, flags)?;
        let mut statement = connection.prepare(
            "SELECT picture, client_id, answered_at, request_id FROM audit \
             WHERE chain = 'requests' AND picture IS NOT NULL AND status = ?1 ORDER BY seq",
        )?;
        let mut rows = statement.query([DELIVERED])?;
        while let Some(row) = rows.next()? {
            let picture: Picture = serde_json::from_str(row.get_ref(0)?.as_str()?)?;
            let at = u64::try_from(row.get::<_, i64>(2)?).unwrap_or_default();
            self.add(picture, row.get(1)?, at, row.get(3)?, suspects);
        }
        Ok(())
    }

    /// Adds events as the admin API shows them.
    ///
    /// # Errors
    /// Events that are none.
    pub fn read_events(&mut self, events: serde_json::Value, suspects: &mut Suspects) -> Result<()> {
        for event in serde_json::from_value::<Vec<Shown>>(events).context("the server's audit log")? {
            if let (Some(picture), DELIVERED) = (event.picture, event.status) {
                self.add(picture, event.client_id, event.at, event.request_id, suspects);
            }
        }
        Ok(())
    }

    fn add(
        &mut self,
        picture: Picture,
        client_id: Option<String>,
        at: u64,
        request_id: String,
        suspects: &mut Suspects,
    ) {
        let bytes = picture.variant.as_deref().and_then(digits::<32>);
        let (Some(source), Some(operations), Some(format), Some(variant)) =
            (picture.source, picture.operations, picture.format, bytes)
        else {
            return;
        };
        let viewer = picture.viewer.as_deref().and_then(digits).map(Subject);
        let subject = match (viewer, &client_id) {
            (Some(viewer), client) => {
                suspects.tagged(viewer, client.as_deref());
                viewer
            }
            (None, Some(client)) => suspects.client(client),
            (None, None) => return,
        };
        let variant = Variant(variant);
        let rendition = Rendition {
            source,
            operations,
            format,
            variant,
        };
        self.renditions.entry(rendition).or_default().push(Delivery {
            subject,
            at,
            request_id,
        });
    }
}

/// Bytes of hexadecimal digits.
fn digits<const N: usize>(text: &str) -> Option<[u8; N]> {
    let mut bytes = [0; N];
    if text.len() != 2 * N {
        return None;
    }
    let digit = |digit: u8| {
        char::from(digit)
            .to_digit(16)
            .and_then(|digit| u8::try_from(digit).ok())
    };
    for (byte, &[high, low]) in bytes.iter_mut().zip(text.as_bytes().as_chunks().0) {
        *byte = digit(high)? << 4 | digit(low)?;
    }
    Some(bytes)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn deliveries_are_gathered_by_rendition() {
        let (folder, variant) = (tempfile(), "0a".repeat(32));
        let line = |client: &str, status: u16, viewer: &str, time: u64| {
            format!(
                r#"{{"time":{time},"request_id":"req_{time}","ip":null,"client_id":"{client}","source":"http://o/a.jpg","operations":"w_8","format":"jpeg","variant":"{variant}","viewer":{viewer},"status":{status},"bytes":1}}"#
            )
        };
        let lines = [
            line("acme", 200, "null", 1),
            line("acme", 404, "null", 2),
            "no JSON".to_owned(),
            r#"{"time":3,"request_id":"req_3","status":200,"client_id":"acme"}"#.to_owned(),
            line("acme", 200, r#""0101010101010101""#, 4),
        ];
        std::fs::write(&folder, lines.join("\n")).unwrap();
        let (mut served, mut suspects) = (Served::default(), Suspects::default());
        served.read_lines(&folder, &mut suspects).unwrap();
        std::fs::remove_file(&folder).unwrap();
        let [(rendition, deliveries)] = served.renditions.into_iter().collect::<Vec<_>>().try_into().unwrap();
        assert_eq!(
            (rendition.source.as_str(), rendition.variant.0[0]),
            ("http://o/a.jpg", 10)
        );
        let seen: Vec<(Subject, u64)> = deliveries.iter().map(|one| (one.subject, one.at)).collect();
        assert_eq!(seen, [(Subject::of("acme"), 1), (Subject([1; 8]), 4)]);
        assert_eq!(suspects.subjects().len(), 2);
        assert_eq!(suspects.get(1).to_string(), "viewer 0101010101010101 of acme");
    }

    fn tempfile() -> std::path::PathBuf {
        std::env::temp_dir().join(format!("deckle-served-{}.jsonl", std::process::id()))
    }

    #[test]
    fn digits_are_two_for_each_byte() {
        assert_eq!(digits("0aff"), Some([10, 255]));
        for wrong in ["0af", "0aff0", "0a+f", "ä8f"] {
            assert_eq!(digits::<2>(wrong), None, "{wrong}");
        }
    }
}
