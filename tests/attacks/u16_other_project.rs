//! U16: the key of one project under the name of another.

use crate::h06_enumeration::same_answer;
use crate::target::{FORGED, Target, with};
use crate::u06_u08_parameters::hour;
use anyhow::Result;
use deckle_tests::Key;

pub fn attack(target: &Target) -> Result<()> {
    let other = target.create_key("elsewhere", &[])?;
    let crossed = Key {
        project: target.key.project.clone(),
        ..other
    };
    let source = target.source("good/x.jpg");
    target.refuses(
        &crossed.sign("w_96", &source, None),
        401,
        "API key does not belong to this project",
    )?;
    // Version 2 does not say that the key exists.
    let foreign = target.v2_of(&crossed, "w_96", &source, &hour())?;
    let answer = target.refuses(&foreign, 403, FORGED)?;
    let unknown = target.refuses(&with(&foreign, "kid", "pk_unknown"), 403, FORGED)?;
    let renamed = target.refuses(&target.plain_v2()?.replacen("/shop/", "/elsewhere/", 1), 403, FORGED)?;
    let nowhere = target.refuses(&target.plain_v2()?.replacen("/shop/", "/nowhere/", 1), 403, FORGED)?;
    for reply in [unknown, renamed, nowhere] {
        same_answer(&answer, &reply)?;
    }
    Ok(())
}
