//! Files of this host: private ones (keys, compiled code), and the folders that components see.
use crate::manifest::Mount;
use anyhow::{Context as _, Result};
use std::fs::{self, DirBuilder, File, OpenOptions};
use std::io::{self, Write as _};
use std::path::Path;
use wasmtime_wasi::{FsPerms, WasiCtxBuilder};

/// Creates a folder that only this user can enter, and makes sure that it is one.
pub fn private_folder(path: &Path) -> io::Result<()> {
    let mut builder = DirBuilder::new();
    builder.recursive(true);
    #[cfg(unix)]
    std::os::unix::fs::DirBuilderExt::mode(&mut builder, 0o700);
    builder.create(path)?;
    check_private(path)
}

/// Fails unless the file or folder belongs to this user and nobody else may write to it.
pub fn check_private(path: &Path) -> io::Result<()> {
    #[cfg(unix)]
    {
        use std::os::unix::fs::MetadataExt as _;
        let found = fs::metadata(path)?;
        // The owner of a process is the owner of what it finds in /proc/self; without /proc the mode alone decides.
        let foreign = fs::metadata("/proc/self").is_ok_and(|own| own.uid() != found.uid());
        if foreign || found.mode() & 0o022 != 0 {
            let text = format!(
                "{} can be written by others: chmod go-w it, or choose another --data folder",
                path.display()
            );
            return Err(io::Error::new(io::ErrorKind::PermissionDenied, text));
        }
    }
    Ok(())
}

/// Writes a file of mode 0600 in one step: a reader sees the old contents or the new, never a part.
pub fn write_private(path: &Path, contents: &[u8]) -> io::Result<()> {
    let mut name = path.file_name().unwrap_or_default().to_owned();
    name.push(format!(".{}.new", std::process::id()));
    let fresh = path.with_file_name(name);
    drop(fs::remove_file(&fresh));
    let written = new_private(&fresh).and_then(|mut file| {
        file.write_all(contents)?;
        file.sync_all()?;
        fs::rename(&fresh, path)
    });
    if written.is_err() {
        drop(fs::remove_file(&fresh));
    }
    written
}

fn new_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.write(true).create_new(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Opens a log file of mode 0600 for adding to it.
pub fn append_private(path: &Path) -> io::Result<File> {
    let mut options = OpenOptions::new();
    options.append(true).create(true);
    #[cfg(unix)]
    std::os::unix::fs::OpenOptionsExt::mode(&mut options, 0o600);
    options.open(path)
}

/// Gives a component the folders of the manifest, read-only.
pub fn mount(context: &mut WasiCtxBuilder, mounts: &[Mount]) -> Result<()> {
    for Mount { source, destination } in mounts {
        context
            .preopened_dir(source, destination, FsPerms::ReadOnly)
            .map_err(anyhow::Error::from)
            .with_context(|| format!("the folder {} of `files` cannot be opened", source.display()))?;
    }
    Ok(())
}

#[cfg(all(test, unix))]
mod tests {
    use super::*;
    use crate::scratch::Scratch;
    use std::os::unix::fs::{MetadataExt as _, PermissionsExt as _};

    #[test]
    fn private_means_private() {
        let scratch = Scratch::new("private");
        let folder = scratch.path().join("a/b");
        private_folder(&folder).unwrap();
        assert_eq!(fs::metadata(&folder).unwrap().mode() & 0o777, 0o700);
        let file = folder.join("key");
        write_private(&file, b"old").unwrap();
        write_private(&file, b"new").unwrap();
        assert_eq!(fs::read(&file).unwrap(), b"new");
        assert_eq!(fs::metadata(&file).unwrap().mode() & 0o777, 0o600);
        assert_eq!(
            fs::read_dir(&folder).unwrap().count(),
            1,
            "nothing is left lying beside it"
        );
        fs::set_permissions(&file, fs::Permissions::from_mode(0o666)).unwrap();
        assert!(check_private(&file).is_err());
    }
}
