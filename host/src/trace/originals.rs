//! The originals on this machine, by the names under which they are served.

use anyhow::{Context as _, Result};
use percent_encoding::percent_decode_str;
use std::collections::BTreeMap;
use std::io::Read as _;
use std::path::{Path, PathBuf};

/// Files that begin like pictures.
#[derive(Debug, Default)]
pub struct Originals {
    files: Vec<PathBuf>,
    /// Places in `files`, by their paths below the folder that was named.
    names: BTreeMap<String, usize>,
}

impl Originals {
    /// The files named, and of the folders named all files inside, at any depth, that begin like a picture.
    ///
    /// # Errors
    /// A folder that cannot be read.
    pub fn of(paths: &[PathBuf]) -> Result<Self> {
        let mut originals = Self::default();
        for path in paths {
            if path.is_dir() {
                originals.walk(path, "")?;
            } else {
                let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
                originals.add(path.clone(), name);
            }
        }
        Ok(originals)
    }

    /// All files, those of each folder by name.
    pub fn all(&self) -> &[PathBuf] {
        &self.files
    }

    /// The file of an original that was fetched from this address: of all whose path ends as the address does, the one that has most
    /// of it.
    pub fn find(&self, source: &str) -> Option<&Path> {
        let (_, path) = source.split_once("://")?.1.split_once('/')?;
        let path = percent_decode_str(path).decode_utf8().ok()?;
        let mut rest = path.as_ref();
        loop {
            if let Some(&place) = self.names.get(rest) {
                return self.files.get(place).map(PathBuf::as_path);
            }
            rest = rest.split_once('/')?.1;
        }
    }

    fn walk(&mut self, folder: &Path, prefix: &str) -> Result<()> {
        let entries = std::fs::read_dir(folder).with_context(|| format!("{} cannot be read", folder.display()))?;
        let mut entries = entries.collect::<std::io::Result<Vec<_>>>()?;
        entries.sort_by_key(std::fs::DirEntry::file_name);
        for entry in entries {
            let (path, name) = (entry.path(), entry.file_name());
            let name = format!("{prefix}{}", name.to_string_lossy());
            // A link to a folder is not followed: it could lead back here.
            if entry.file_type()?.is_dir() {
                self.walk(&path, &format!("{name}/"))?;
            } else if begins_like_a_picture(&path) {
                self.add(path, name);
            }
        }
        Ok(())
    }

    fn add(&mut self, file: PathBuf, name: String) {
        self.names.entry(name).or_insert(self.files.len());
        self.files.push(file);
    }
}

fn begins_like_a_picture(file: &Path) -> bool {
    let mut start = [0; 16];
    let read = std::fs::File::open(file).and_then(|mut file| file.read(&mut start));
    read.is_ok_and(|length| imaging::SourceFormat::sniff(start.get(..length).unwrap_or_default()).is_some())
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_address_leads_to_the_file_with_most_of_its_path() {
        let mut originals = Originals::default();
        for name in ["a b.jpg", "shop/a b.jpg", "tea.jpg"] {
            originals.add(PathBuf::from(format!("/photos/{name}")), name.to_owned());
        }
        let find = |source: &str| originals.find(source).and_then(Path::to_str);
        assert_eq!(find("https://images.example.com/a%20b.jpg"), Some("/photos/a b.jpg"));
        assert_eq!(
            find("https://images.example.com/x/shop/a%20b.jpg"),
            Some("/photos/shop/a b.jpg")
        );
        assert_eq!(
            find("http://127.0.0.1:4100/bucket/photos/tea.jpg"),
            Some("/photos/tea.jpg")
        );
        assert_eq!(find("http://127.0.0.1:4100/coffee.jpg"), None);
        assert_eq!(find("http://127.0.0.1:4100"), None);
        assert_eq!(find("tea.jpg"), None);
    }
}
