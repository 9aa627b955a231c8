//! L1: no signature and no secret that a group of attacks used stands in anything that the host wrote: its output and its
//! logs, its store, Redis included. It runs after each group. The bodies of refusals are searched as they come.

use crate::pictures::contains;
use crate::target::Target;
use anyhow::{Result, ensure};
use std::path::Path;
use std::sync::PoisonError;

pub fn search(target: &Target) -> Result<()> {
    let secrets = target.secrets.lock().unwrap_or_else(PoisonError::into_inner);
    ensure!(!secrets.is_empty(), "nothing to look for");
    let mut lines = 0;
    let mut written = files(target.deckle.data.path())?;
    if let Some((redis, _)) = &target.store {
        let files = files(redis.folder())?;
        ensure!(
            files.iter().any(|file| file.to_string_lossy().ends_with(".aof")),
            "{files:?}"
        );
        written.extend(files);
    }
    for file in written {
        let bytes = std::fs::read(&file)?;
        lines += bytes.iter().filter(|byte| **byte == b'\n').count();
        for secret in secrets.iter().filter(|secret| secret.len() >= 16) {
            ensure!(
                !contains(&bytes, secret.as_bytes()),
                "{} holds {secret}",
                file.display()
            );
        }
        ensure!(!holds_secret(&bytes), "{} holds a secret key", file.display());
        for part in ["sig=", "?key="] {
            ensure!(!contains(&bytes, part.as_bytes()), "{} holds {part}", file.display());
        }
    }
    ensure!(lines > 10, "the host has logged nothing: {lines} lines");
    Ok(())
}

/// Whether something of the form of a secret key stands in bytes: `sk_` that nothing runs into, and a long word. Random names
/// hold those three letters now and then.
pub fn holds_secret(bytes: &[u8]) -> bool {
    let word = |b: &u8| b.is_ascii_alphanumeric() || b"-_".contains(b);
    bytes.windows(3).enumerate().any(|(at, window)| {
        let free = at == 0 || !word(&bytes[at - 1]);
        window == b"sk_" && free && bytes[at + 3..].iter().take_while(|b| word(b)).count() >= 20
    })
}

/// Logs, standard error and store.
fn files(folder: &Path) -> Result<Vec<std::path::PathBuf>> {
    let mut out = Vec::new();
    for entry in std::fs::read_dir(folder)? {
        let path = entry?.path();
        if path.is_dir() {
            out.extend(files(&path)?);
        } else {
            out.push(path);
        }
    }
    Ok(out)
}
