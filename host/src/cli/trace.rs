use super::{StorePlace, print};
use crate::data::{master_key, previous_master_key};
use crate::log;
use crate::records::Records;
use crate::trace::{Finding, identify, line};
use anyhow::{Context as _, Result};
use clap::Args;
use secret::Purpose;
use std::path::{Path, PathBuf};
use std::process::ExitCode;
use watermark::{MarkKey, Subject};

/// Read the invisible mark of pictures: which client received them, by which URL, when
///
/// Needs the master key of the server that delivered them (SPIN_VARIABLE_MASTER_KEY or the data folder's, and beside it
/// SPIN_VARIABLE_MASTER_KEY_PREVIOUS for pictures from before it was replaced) and, for names, its
/// key records. The file must be as it was delivered: a picture that was rendered again has lost this mark.
///
/// Where a URL named a viewer of the client's own (`sub`), the mark holds a tag of that name and not the name: ask with --viewer.
#[derive(Args)]
#[command(after_help = "Examples:
  deckle trace leaked.jpg
  deckle trace --data /var/lib/deckle --json *.png

Exit codes: 0 all files were read, with or without a mark; 2 at least one could not be read.")]
pub struct Trace {
    /// JPEG, PNG or WebP files
    #[arg(required = true, value_name = "FILE")]
    files: Vec<PathBuf>,
    /// A viewer who may have received them; may be repeated
    #[arg(long, value_name = "NAME")]
    viewer: Vec<String>,
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
        let mut code = ExitCode::SUCCESS;
        for file in &self.files {
            let found = std::fs::read(file)
                .context("cannot be read")
                .and_then(|bytes| identify(&bytes, &marking, &keys));
            match found {
                Ok(found) => {
                    let viewer = found.as_ref().and_then(|found| self.name_of(found.viewer?));
                    if self.json {
                        let mut line = line(&file.to_string_lossy(), found.as_ref());
                        if let Some(viewer) = viewer {
                            line["viewer"] = viewer.into();
                        }
                        print(&line.to_string())?;
                    } else {
                        print(&sentence(file, found.as_ref(), viewer))?;
                    }
                }
                Err(error) => {
                    log::error(&format!("{}: {error:#}", file.display()));
                    code = ExitCode::from(2);
                }
            }
        }
        Ok(code)
    }

    fn name_of(&self, viewer: Subject) -> Option<&str> {
        self.viewer
            .iter()
            .map(String::as_str)
            .find(|name| Subject::of(name) == viewer)
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
