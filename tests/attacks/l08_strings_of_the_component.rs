//! L8: no secret is built into the component or stands in the manifest.

use crate::pictures::contains;
use crate::target::Target;
use anyhow::{Result, ensure};
use deckle_tests::{command, repository};
use std::path::Path;

pub fn attack(target: &Target) -> Result<()> {
    // The component beside the tested command, where that was built.
    let command = command();
    let beside = Path::new(command.get_program())
        .parent()
        .and_then(Path::parent)
        .unwrap_or(Path::new("."));
    let component = std::fs::read(beside.join("wasm32-wasip2/component/deckle_edge.wasm"))?;
    ensure!(component.starts_with(b"\0asm"));
    let manifest = std::fs::read(repository().join("spin.toml"))?;
    for bytes in [&component, &manifest] {
        ensure!(
            !contains(bytes, target.key.secret.expose().as_bytes()),
            "a client's secret"
        );
        ensure!(
            !contains(bytes, b"AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8"),
            "the tests' master key"
        );
        for prefix in [&b"sk_"[..], b"rt_"] {
            for (at, _) in bytes.windows(3).enumerate().filter(|(_, window)| *window == prefix) {
                let text = bytes[at + 3..]
                    .iter()
                    .take_while(|b| b.is_ascii_alphanumeric() || b"-_".contains(b));
                ensure!(text.count() < 20, "something like a secret at byte {at}");
            }
        }
        for part in [&b"-----BEGIN"[..], b"AKIA"] {
            ensure!(!contains(bytes, part), "{}", String::from_utf8_lossy(part));
        }
    }
    Ok(())
}
