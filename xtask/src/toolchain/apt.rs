//! apt with a sources list, package lists and a cache of its own; the mirror and the keyring are the machine's.

use std::fs;
use std::path::{Path, PathBuf};
use std::process::Command;
use std::time::Duration;

use anyhow::{Context, Result};

use crate::process;

/// What a step that may use the network has.
const NETWORK: Duration = Duration::from_secs(600);
const ARCHIVE_KEYRING: &str = "/usr/share/keyrings/debian-archive-keyring.gpg";

/// apt with nothing of the machine's but its network settings.
pub struct Apt {
    state: PathBuf,
    /// The address of the mirror.
    pub mirror: String,
}

impl Apt {
    /// Keeps everything in a folder below `work`, and knows the main part of these suites.
    pub fn new(work: &Path, suites: &[&str]) -> Result<Self> {
        let state = work.join("apt");
        fs::create_dir_all(state.join("lists/partial"))?;
        fs::create_dir_all(state.join("cache/archives/partial"))?;
        let known = process::output(Command::new("apt-get").args([
            "indextargets",
            // Also where no package list was ever read, as in a new container.
            "--no-release-info",
            "--format",
            "$(REPO_URI) $(SIGNED_BY)",
            "Created-By: Packages",
        ]))?;
        let (mirror, keyring) = mirror(&known).context("apt's own sources name no Debian mirror")?;
        let keyring = keyring.or_else(|| Path::new(ARCHIVE_KEYRING).exists().then(|| ARCHIVE_KEYRING.to_owned()));
        let signed_by = keyring
            .map(|keyring| format!("[signed-by={keyring}] "))
            .unwrap_or_default();
        let list: String = suites
            .iter()
            .map(|suite| format!("deb {signed_by}{mirror} {suite} main\n"))
            .collect();
        fs::write(state.join("sources.list"), list)?;
        Ok(Self { state, mirror })
    }

    /// Reads the package lists.
    pub fn update(&self) -> Result<()> {
        process::step(
            "apt: reading the package lists",
            self.private("apt-get").arg("update"),
            &self.log("update"),
            NETWORK,
        )
    }

    /// Fetches a package's file into a folder.
    pub fn download(&self, package: &str, version: &str, folder: &Path) -> Result<()> {
        let mut download = self.private("apt-get");
        download
            .args(["download", &format!("{package}={version}")])
            .current_dir(folder);
        process::step(
            &format!("apt: fetching {package} {version}"),
            &mut download,
            &self.log(package),
            NETWORK,
        )
    }

    /// Every version of a package that the suites have, newest first.
    pub fn versions(&self, package: &str) -> Result<Vec<String>> {
        let table = process::output(self.private("apt-cache").args(["madison", package]))?;
        Ok(table
            .lines()
            .filter_map(|line| Some(line.split('|').nth(1)?.trim().to_owned()))
            .collect())
    }

    /// A file for what a step says.
    pub fn log(&self, step: &str) -> PathBuf {
        self.state.join(format!("{step}.log"))
    }

    fn private(&self, program: &str) -> Command {
        let mut command = Command::new(program);
        for (option, file) in [
            ("Dir::Etc::sourcelist", "sources.list"),
            ("Dir::State::lists", "lists"),
            ("Dir::Cache", "cache"),
        ] {
            command
                .arg("-o")
                .arg(format!("{option}={}", self.state.join(file).display()));
        }
        // No sources beside ours; root need not hand the folder to apt's own user; a mirror that hangs is left.
        for option in [
            "Dir::Etc::sourceparts=-",
            "APT::Sandbox::User=root",
            "Acquire::Languages=none",
            "Acquire::Retries=2",
            "Acquire::http::Timeout=30",
            "Acquire::https::Timeout=30",
            "APT::Update::Error-Mode=any",
        ] {
            command.args(["-o", option]);
        }
        command
    }
}

/// The mirror of the main archive, and its keyring where apt tells one, out of lines `URI [KEYRING]`.
fn mirror(targets: &str) -> Option<(String, Option<String>)> {
    let entries = targets.lines().filter_map(|line| {
        let mut words = line.split_whitespace();
        let uri = words.next()?;
        // Security updates live in an archive of their own that lacks the suites.
        (!uri.contains("security")).then(|| {
            (
                uri.to_owned(),
                words.next().filter(|word| word.starts_with('/')).map(str::to_owned),
            )
        })
    });
    let mut entries: Vec<_> = entries.collect();
    // A machine may have third-party archives too: the one that is called debian goes first.
    entries.sort_by_key(|(uri, _)| !uri.trim_end_matches('/').ends_with("/debian"));
    entries.into_iter().next()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn the_main_archive_is_the_mirror() {
        let targets = "http://packages.example.org/nodes/ $(SIGNED_BY)\n\
            http://mirror.example.org/debian-security/ /k/security.gpg\nhttp://mirror.example.org/debian/ /k/archive.gpg\n";
        let expected = (
            "http://mirror.example.org/debian/".to_owned(),
            Some("/k/archive.gpg".to_owned()),
        );
        assert_eq!(mirror(targets), Some(expected));
    }

    #[test]
    fn an_apt_that_does_not_tell_the_keyring_leaves_it_open() {
        assert_eq!(
            mirror("http://m.example.org/deb/ $(SIGNED_BY)"),
            Some(("http://m.example.org/deb/".to_owned(), None))
        );
        assert_eq!(mirror("http://m.example.org/debian-security/ -"), None);
    }
}
