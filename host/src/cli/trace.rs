use super::{StorePlace, print};
use crate::data::{master_key, previous_master_key};
use crate::log;
use crate::records::Records;
use crate::trace::{Finding, Match, Progress, Search, chessboard, identify, informed_line, line};
use anyhow::{Context as _, Result, bail};
use clap::Args;
use identity::KeyRecord;
use operations::{Format, Operations};
use secret::Purpose;
use std::collections::BTreeSet;
use std::io::Read as _;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use watermark::{MarkKey, Overlay, Subject};

/// Read the invisible mark of pictures: which client received them, by which URL, when
///
/// Needs the master key of the server that delivered them (SPIN_VARIABLE_MASTER_KEY or the data folder's, and beside it
/// SPIN_VARIABLE_MASTER_KEY_PREVIOUS for pictures from before it was replaced) and, for names, its
/// key records.
///
/// A file as it was delivered says all by itself. One that was encoded again, resized, cropped, turned, photographed from a screen
/// or mixed with others still names its client where it was delivered as JPEG, PNG or lossy WebP, but only beside the original:
/// give --original, and the operations that the picture may have been asked for with. Who is accused then is accused wrongly in
/// one of a million searches at most.
///
/// Where a URL named a viewer of the client's own (`sub`), the mark holds a tag of that name and not the name: ask with --viewer.
#[derive(Args)]
#[command(after_help = "Examples:
  deckle trace leaked.jpg
  deckle trace --data /var/lib/deckle --json *.png
  deckle trace screenshot.png --original photos --operations w_800 --operations w_1200,q_70

Exit codes: 0 all files were read, with or without a mark; 2 at least one could not be read.")]
pub struct Trace {
    /// JPEG, PNG or WebP files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A viewer who may have received them; may be repeated
    #[arg(long, value_name = "NAME")]
    viewer: Vec<String>,
    /// The original, or a folder of originals, that the pictures may have been made from; may be repeated
    #[arg(long, value_name = "PATH")]
    original: Vec<PathBuf>,
    /// Operations that they may have been asked for with; may be repeated
    #[arg(long, value_name = "OPERATIONS", default_value = "_", requires = "original")]
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
        let masters = [Some(master_key(&self.place.place.data)?), previous_master_key()?];
        let marking: Vec<MarkKey> = masters
            .iter()
            .flatten()
            .map(|master| MarkKey::new(*master.derive(Purpose::Marking)))
            .collect();
        let keys = Records::new(&*self.place.open()?).keys()?;
        let informed = Informed::new(&self, &keys)?;
        let mut code = ExitCode::SUCCESS;
        for file in &self.files {
            let outcome = std::fs::read(file)
                .context("cannot be read")
                .and_then(|bytes| Ok((identify(&bytes, &marking, &keys)?, bytes)))
                .and_then(|(found, bytes)| self.report(file, found.as_ref(), &bytes, &marking, informed.as_ref()));
            if let Err(error) = outcome {
                log::error(&format!("{}: {error:#}", file.display()));
                code = ExitCode::from(2);
            }
        }
        Ok(code)
    }

    /// Prints what the fragile mark says, or without one what a comparison with the originals does.
    fn report(
        &self,
        file: &Path,
        found: Option<&Finding>,
        bytes: &[u8],
        marking: &[MarkKey],
        informed: Option<&Informed>,
    ) -> Result<()> {
        if let Some(informed) = informed.filter(|_| found.is_none()) {
            let found = informed.search(marking).find(bytes, &Progress::new())?;
            if let (Some(path), Some(found)) = (&self.picture, &found) {
                let png = chessboard(&found.pictures.0, &found.pictures.1)?;
                std::fs::write(path, png).with_context(|| format!("{} cannot be written", path.display()))?;
            }
            let name = |subject: usize| informed.names.get(subject).cloned().unwrap_or_default();
            return print(&if self.json {
                informed_line(&file.to_string_lossy(), found.as_ref(), name).to_string()
            } else {
                informed_sentence(file, found.as_ref(), name)
            });
        }
        let viewer = found.and_then(|found| self.name_of(found.viewer?));
        if !self.json {
            return print(&sentence(file, found, viewer));
        }
        let mut line = line(&file.to_string_lossy(), found);
        if let Some(viewer) = viewer {
            line["viewer"] = viewer.into();
        }
        print(&line.to_string())
    }

    fn name_of(&self, viewer: Subject) -> Option<&str> {
        self.viewer
            .iter()
            .map(String::as_str)
            .find(|name| Subject::of(name) == viewer)
    }
}

/// What is needed for a comparison with originals.
struct Informed {
    originals: Vec<PathBuf>,
    operations: Vec<Operations>,
    overlay: Overlay,
    /// Clients and viewers, by the places of their subjects.
    names: Vec<String>,
    subjects: Vec<Subject>,
}

/// The visible mark that spin.toml mounts.
const OVERLAY: &[u8] = include_bytes!("../../../static/brand/overlay.png");

impl Informed {
    fn new(arguments: &Trace, keys: &[KeyRecord]) -> Result<Option<Self>> {
        if arguments.original.is_empty() {
            return Ok(None);
        }
        let operations = arguments.operations.iter().map(|text| {
            let operations = operations::parse(text).with_context(|| format!("`{text}` cannot be operations"))?;
            match operations.format {
                Some(Format::Gif) => bail!("`{text}` asks for GIF, which has no tracing code"),
                _ => Ok(operations),
            }
        });
        let overlay = match &arguments.overlay {
            Some(path) => &std::fs::read(path).with_context(|| format!("{} cannot be read", path.display()))?,
            None => OVERLAY,
        };
        let clients = keys.iter().map(|key| key.client_id.clone());
        let names: BTreeSet<String> = clients.chain(arguments.viewer.iter().cloned()).collect();
        Ok(Some(Self {
            originals: pictures(&arguments.original)?,
            operations: operations.collect::<Result<_>>()?,
            overlay: imaging::decode_overlay(overlay).context("the visible mark cannot be read")?,
            subjects: names.iter().map(|name| Subject::of(name)).collect(),
            names: names.into_iter().collect(),
        }))
    }

    fn search<'a>(&'a self, marking: &'a [MarkKey]) -> Search<'a> {
        Search {
            marking,
            overlay: &self.overlay,
            originals: &self.originals,
            operations: &self.operations,
            subjects: &self.subjects,
        }
    }
}

/// The files of a list of files and folders. Of a folder's only those that begin like a picture.
fn pictures(paths: &[PathBuf]) -> Result<Vec<PathBuf>> {
    let mut files = Vec::new();
    for path in paths {
        if !path.is_dir() {
            files.push(path.clone());
            continue;
        }
        let folder = std::fs::read_dir(path).with_context(|| format!("{} cannot be read", path.display()))?;
        let mut inside = folder.map(|entry| Ok(entry?.path())).collect::<Result<Vec<_>>>()?;
        inside.sort();
        files.extend(inside.into_iter().filter(|file| begins_like_a_picture(file)));
    }
    Ok(files)
}

fn begins_like_a_picture(file: &Path) -> bool {
    let mut start = [0; 16];
    let read = std::fs::File::open(file).and_then(|mut file| file.read(&mut start));
    read.is_ok_and(|length| imaging::SourceFormat::sniff(start.get(..length).unwrap_or_default()).is_some())
}

fn informed_sentence(file: &Path, found: Option<&Match>, name: impl Fn(usize) -> String) -> String {
    let file = file.display();
    let Some(found) = found else {
        return format!("{file}: no mark found, and none of the originals in it");
    };
    let (original, operations) = (found.original.display(), &found.operations);
    let request = found.request.map_or_else(String::new, |request| {
        format!(", request {}", crate::trace::hex(&request))
    });
    let place = format!(
        "  {original} as {operations}, details {:.0} % alike{request}",
        found.registration.likeness * 100.0
    );
    let accused: Vec<String> = found
        .verdict
        .accused
        .iter()
        .map(|accusation| {
            format!(
                "{} (wrong with a probability below 10^{:.1})",
                name(accusation.subject),
                accusation.log10
            )
        })
        .collect();
    match (accused.as_slice(), found.verdict.closest) {
        ([], Some(closest)) => format!(
            "{file}: nobody can be named; closest is {}, by chance with a probability up to 10^{:.1}\n{place}",
            name(closest.subject),
            closest.log10
        ),
        ([], None) => format!("{file}: nobody can be named; what is left says nothing\n{place}"),
        ([one], _) => format!("{file}: delivered to {one}\n{place}"),
        (several, _) => format!(
            "{file}: mixed from what was delivered to {}\n{place}",
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
