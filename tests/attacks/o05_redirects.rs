//! O5: an origin that sends us elsewhere.

use crate::target::{FAILED, Target};
use anyhow::{Result, ensure};

pub fn attack(target: &Target) -> Result<()> {
    for code in [301, 302, 303, 307, 308] {
        for to in ["good", "metadata", "file", "loop"] {
            let before = target.origin.requests();
            let url = target.v1("w_96", &target.source(&format!("redirect/{code}/{to}")));
            let reply = target.refuses(&url, 502, FAILED)?;
            ensure!(reply.header("location").is_none(), "{code} {to}: a location");
            ensure!(target.origin.requests() == before + 1, "{code} {to} was followed");
        }
    }
    Ok(())
}
