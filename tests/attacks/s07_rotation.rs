//! S7: two keys live at once, and a revoked one.

use crate::target::{FORGED, Target};
use crate::u06_u08_parameters::hour;
use anyhow::Result;

pub fn attack(target: &Target) -> Result<()> {
    let (old, new) = (target.create_key("shop", &[])?, target.create_key("shop", &[])?);
    let source = target.source("good/x.jpg");
    for key in [&old, &new] {
        target.serves(&key.sign("w_96", &source, None))?;
        target.serves(&target.v2_of(key, "w_96", &source, &hour())?)?;
    }
    target.deckle.run(&["key", "revoke", &old.public])?;
    target.refuses(&old.sign("w_96", &source, None), 401, "API key has been revoked")?;
    target.refuses(&target.v2_of(&old, "w_96", &source, &hour())?, 403, FORGED)?;
    target.serves(&new.sign("w_96", &source, None))?;
    // A key that has ended itself.
    let short = target.create_key("shop", &["--expires-in", "1s"])?;
    std::thread::sleep(std::time::Duration::from_millis(2100));
    target.refuses(&short.sign("w_96", &source, None), 401, "API key has expired")?;
    target
        .refuses(&target.v2_of(&short, "w_96", &source, &hour())?, 403, FORGED)
        .map(drop)
}
