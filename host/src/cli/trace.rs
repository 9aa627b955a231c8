use super::api::Api;
use super::{StorePlace, print};
use crate::clock::rfc3339;
use crate::data::{master_key, previous_master_key};
use crate::log;
use crate::records::Records;
use crate::trace::{
    Bench, Beside, Finding, Originals, Outcome, Progress, Renditions, Served, Suspects, chessboard, identify,
    informed_line, line, marking, work_off,
};
use anyhow::{Context as _, Result, bail, ensure};
use clap::Args;
use identity::KeyRecord;
use operations::{Format, Operations};
use serde_json::json;
use std::cell::Cell;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use watermark::{MarkKey, Subject};

/// Read the invisible mark of pictures: which client received them, by which URL, when
///
/// Needs the master key of the server that delivered them (SPIN_VARIABLE_MASTER_KEY or the data folder's, and beside it
/// SPIN_VARIABLE_MASTER_KEY_PREVIOUS for pictures from before it was replaced) and, for names, its
/// key records.
///
/// A file as it was delivered says all by itself. One that was encoded again, resized, cropped, turned, photographed from a screen
/// or mixed with others still names its client where it was delivered as JPEG, PNG or lossy WebP, but only beside the original:
/// give --original. It is compared with the renditions that were served, by the audit log of the data folder, of --url, or by the
/// lines that the edge component printed (--log); or else with those that --operations would have given. Who is accused then is
/// accused wrongly in one of a million searches at most.
///
/// Where a URL named a viewer of the client's own (`sub`), mark and log hold a tag of that name and not the name: ask with
/// --viewer or --viewers.
#[derive(Args)]
#[command(after_help = "Examples:
  deckle trace leaked.jpg
  deckle trace --data /var/lib/deckle --json *.png
  deckle trace screenshot.png --original photos
  deckle trace screenshot.png --original photos --log .spin/logs/edge_stdout.txt
  deckle trace screenshot.png --original photos --operations w_800 --operations w_1200,q_70
  deckle trace --jobs --original photos --url https://img.example.com

Of each original a sketch is kept in DATA/sketches.db, so that the next search among many is quicker.
Exit codes: 0 all files were read, with or without a mark; 2 at least one could not be read.")]
pub struct Trace {
    /// JPEG, PNG or WebP files
    #[arg(required_unless_present = "jobs", value_name = "FILE")]
    files: Vec<PathBuf>,
    /// Trace what was handed in to the server at --url (POST /admin/trace), until nothing waits; `deckle up` does so by itself
    #[arg(long, requires = "original", conflicts_with_all = ["files", "picture"])]
    jobs: bool,
    /// A viewer who may have received them; may be repeated
    #[arg(long, value_name = "NAME")]
    viewer: Vec<String>,
    /// A file of viewers who may have received them, a name a line
    #[arg(long, value_name = "FILE")]
    viewers: Option<PathBuf>,
    /// The original, or a folder of originals, that the pictures may have been made from; may be repeated
    #[arg(long, value_name = "PATH")]
    original: Vec<PathBuf>,
    /// What the edge component printed, a line of JSON for each request, instead of the audit log; may be repeated
    #[arg(long, value_name = "FILE", requires = "original")]
    log: Vec<PathBuf>,
    /// A server: its audit log is read instead of the data folder's, unless there is --log; DECKLE_OPERATOR_TOKEN holds the operator's credential
    #[arg(long, value_name = "URL", requires = "original")]
    url: Option<String>,
    /// Operations that they may have been asked for with, instead of a log; may be repeated
    #[arg(long, value_name = "OPERATIONS", requires = "original", conflicts_with_all = ["log", "url"])]
    operations: Vec<String>,
    /// The visible mark that the server paints, if it is not the one that comes with it
    #[arg(long, value_name = "PNG", requires = "original")]
    overlay: Option<PathBuf>,
    /// Write a picture that shows where the original was found in the last file: squares of both in turn
    #[arg(long, value_name = "PNG", requires = "original")]
    picture: Option<PathBuf>,
    #[command(flatten)]
    place: StorePlace,
    /// Print a line of JSON for each file
    #[arg(long)]
    json: bool,
}

impl Trace {
    pub fn run(self) -> Result<ExitCode> {
        let data = &self.place.place.data;
        let marking = marking(Some(master_key(data)?), previous_master_key()?);
        let keys = Records::new(&*self.place.open()?).keys()?;
        let viewers = self.viewers()?;
        if self.jobs {
            return self.work_off(marking, keys, &viewers);
        }
        let mut beside = match self.original.is_empty() {
            true => None,
            false => Some(self.beside(&keys, &viewers)?),
        };
        let mut code = ExitCode::SUCCESS;
        for file in &self.files {
            let told = std::fs::read(file).context("cannot be read").and_then(|bytes| {
                match (identify(&bytes, &marking, &keys), &mut beside) {
                    // What is too large to have been delivered, or in none of our formats, can be a leak.
                    (Ok(None) | Err(_), Some(beside)) => self.search(file, &bytes, &marking, beside),
                    (found, _) => self.report(file, found?.as_ref(), &viewers),
                }
            });
            if let Err(error) = told {
                log::error(&format!("{}: {error:#}", file.display()));
                code = ExitCode::from(2);
            }
        }
        Ok(code)
    }

    /// Traces what was handed in to a server.
    fn work_off(&self, marking: Vec<MarkKey>, keys: Vec<KeyRecord>, viewers: &[String]) -> Result<ExitCode> {
        let code = Cell::new(ExitCode::SUCCESS);
        let bench = || {
            Ok(Bench {
                beside: self.beside(&keys, viewers)?,
                marking,
                keys,
            })
        };
        let wrong = |id: &str, error: &anyhow::Error| {
            log::error(&format!("{id}: {error:#}"));
            code.set(ExitCode::from(2));
        };
        let api = Api::at(self.url.as_deref(), &self.place.place.data)?;
        let done = work_off(&api, bench, &Progress::new(), wrong)?;
        print(&match self.json {
            true => json!({ "traced": done }).to_string(),
            false => format!("{done} traced"),
        })?;
        Ok(code.get())
    }

    /// Prints what the fragile mark says.
    fn report(&self, file: &Path, found: Option<&Finding>, viewers: &[String]) -> Result<()> {
        let named = found.and_then(|found| {
            let viewer = found.viewer?;
            viewers.iter().find(|name| Subject::of(name) == viewer)
        });
        if !self.json {
            return print(&sentence(file, found, named.map(String::as_str)));
        }
        let mut line = line(&file.to_string_lossy(), found);
        if let Some(viewer) = named {
            line["viewer"] = viewer.as_str().into();
        }
        print(&line.to_string())
    }

    /// Prints what a comparison with the originals says.
    fn search(&self, file: &Path, leak: &[u8], marking: &[MarkKey], beside: &mut Beside) -> Result<()> {
        let outcome = beside.find(marking, leak, self.picture.is_some(), &Progress::new())?;
        let pictures = outcome.found.as_ref().and_then(|found| found.pictures.as_ref());
        if let (Some(path), Some((rendition, leak))) = (&self.picture, pictures) {
            std::fs::write(path, chessboard(rendition, leak)?)
                .with_context(|| format!("{} cannot be written", path.display()))?;
        }
        print(&match self.json {
            true => informed_line(&file.to_string_lossy(), &outcome, beside.suspects()).to_string(),
            false => informed_sentence(file, &outcome, beside.suspects()),
        })
    }

    fn beside(&self, keys: &[KeyRecord], viewers: &[String]) -> Result<Beside> {
        let mut suspects = Suspects::default();
        for viewer in viewers {
            suspects.viewer(viewer);
        }
        let renditions = match self.operations.is_empty() {
            true => Renditions::Served(self.served(&mut suspects)?),
            false => Renditions::Guessed(self.operations()?),
        };
        let overlay = self
            .overlay
            .as_ref()
            .map(|path| std::fs::read(path).with_context(|| format!("{} cannot be read", path.display())));
        let originals = Originals::of(&self.original)?;
        let data = &self.place.place.data;
        let beside = Beside::new(
            &originals,
            renditions,
            suspects,
            keys,
            overlay.transpose()?.as_deref(),
            data,
        )?;
        ensure!(
            self.jobs || !beside.is_empty(),
            "the log tells of no rendition whose original is here: name another one, or --operations"
        );
        Ok(beside)
    }

    fn viewers(&self) -> Result<Vec<String>> {
        let listed = match &self.viewers {
            Some(file) => {
                std::fs::read_to_string(file).with_context(|| format!("{} cannot be read", file.display()))?
            }
            None => String::new(),
        };
        let listed = listed.lines().filter(|name| !name.is_empty()).map(str::to_owned);
        Ok(self.viewer.iter().cloned().chain(listed).collect())
    }

    fn operations(&self) -> Result<Vec<Operations>> {
        let operations = self.operations.iter().map(|text| {
            let operations = operations::parse(text).with_context(|| format!("`{text}` cannot be operations"))?;
            match operations.format {
                Some(Format::Gif) => bail!("`{text}` asks for GIF, which has no tracing code"),
                _ => Ok(operations),
            }
        });
        operations.collect()
    }

    /// What the log tells that was asked for.
    fn served(&self, suspects: &mut Suspects) -> Result<Served> {
        let (mut served, data) = (Served::default(), &self.place.place.data);
        for file in &self.log {
            served.read_lines(file, suspects)?;
        }
        if !self.log.is_empty() {
            return Ok(served);
        }
        if self.url.is_some() {
            let api = Api::at(self.url.as_deref(), data)?;
            let mut path = AUDIT.to_owned();
            loop {
                let mut page = api.ask("GET", &path, None)?;
                served.read_events(page["events"].take(), suspects)?;
                match page["next"].as_str() {
                    Some(next) => path = format!("{AUDIT}&after={}", super::api::name(next)?),
                    None => return Ok(served),
                }
            }
        }
        let database = data.join("sqlite.db");
        served.read_database(&database, suspects).with_context(|| {
            let database = database.display();
            format!("{database} has no audit log: name another one with --log or --url, or --operations")
        })?;
        Ok(served)
    }
}

/// The events of the log that pictures are in, a page at a time.
const AUDIT: &str = "/admin/audit?chain=requests&status=200&limit=200";

fn informed_sentence(file: &Path, outcome: &Outcome, suspects: &Suspects) -> String {
    let file = file.display();
    let changed = match outcome.changed {
        0 => String::new(),
        changed => format!(
            "\n  {changed} of {} renditions cannot be made again as they were served",
            outcome.compared
        ),
    };
    let Some(found) = &outcome.found else {
        return format!("{file}: no mark found, and none of the originals in it{changed}");
    };
    let (original, operations) = (found.original.display(), &found.operations);
    let request = found.request.map_or_else(String::new, |request| {
        format!(", request {}", crate::trace::hex(&request))
    });
    let place = format!(
        "  {original} as {operations} ({}), details {:.0} % alike{request}{changed}",
        found.format.name(),
        found.registration.likeness * 100.0
    );
    let accused = found.verdict.accused.iter().map(|accusation| {
        let person = suspects.get(accusation.subject);
        format!("{person} (wrong with a probability below 10^{:.1})", accusation.log10)
    });
    let accused: Vec<String> = accused.collect();
    let requests = found.verdict.accused.iter().flat_map(|accusation| {
        let person = suspects.get(accusation.subject);
        let had = found.requests(accusation, suspects);
        had.map(move |one| format!("\n  {person} had it {} ({})", rfc3339(one.at / 1000), one.request_id))
    });
    let requests: String = requests.collect();
    match (accused.as_slice(), found.verdict.closest) {
        ([], Some(closest)) => format!(
            "{file}: nobody can be named; closest is {}, by chance with a probability up to 10^{:.1}\n{place}",
            suspects.get(closest.subject),
            closest.log10
        ),
        ([], None) => format!("{file}: nobody can be named; what is left says nothing\n{place}"),
        ([one], _) => format!("{file}: delivered to {one}\n{place}{requests}"),
        (several, _) => format!(
            "{file}: mixed from what was delivered to {}\n{place}{requests}",
            several.join(", ")
        ),
    }
}

fn sentence(file: &Path, found: Option<&Finding>, viewer: Option<&str>) -> String {
    let file = file.display();
    let Some(Finding {
        client_id,
        viewer: tag,
        public_key,
        payload,
    }) = found
    else {
        return format!("{file}: no mark found");
    };
    let line = line("", found);
    let client = client_id.clone().unwrap_or_else(|| {
        format!(
            "a client without a key here (tag {})",
            crate::trace::hex(&payload.subject.0)
        )
    });
    let viewer = match (viewer, tag) {
        (Some(name), _) => format!(", viewer {name}"),
        (None, Some(tag)) if client_id.is_some() => format!(", a viewer with the tag {}", crate::trace::hex(&tag.0)),
        (None, _) => String::new(),
    };
    let key = public_key.clone().unwrap_or_else(|| {
        format!(
            "a key that is not stored here (tag {})",
            crate::trace::hex(&payload.key.0)
        )
    });
    let time = match (line["time"].as_str(), line["time_meaning"].as_str()) {
        (Some(time), Some("request")) => format!("requested {time}"),
        (Some(time), _) => format!("URL expires {time}"),
        (None, _) => "URL without expiry".to_owned(),
    };
    let request = crate::trace::hex(&payload.reference);
    format!("{file}: delivered to {client}{viewer}\n  key {key}, request {request}, {time}")
}
