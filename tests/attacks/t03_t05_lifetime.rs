//! T3: an expiry further ahead than the key allows. T5: none where the key asks for one.

use crate::target::{FORGED, Target, now, without};
use anyhow::{Context, Result};
use identity::KeyRecord;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let source = target.source("good/x.jpg");
    let bounded = target.create_key("shop", &["--max-lifetime", "1h"])?;
    target.serves(&bounded.sign("w_96", &source, Some(now() + 3000)))?;
    for exp in [now() + 4000, 4_102_444_800, 9_999_999_999] {
        target.refuses(&bounded.sign("w_96", &source, Some(exp)), 403, FORGED)?;
        target.refuses(
            &target.v2_of(&bounded, "w_96", &source, &Options::until(exp))?,
            403,
            FORGED,
        )?;
    }
    let strict = target.create_key("shop", &[])?;
    target.serves(&strict.sign("w_96", &source, None))?;
    let (store, name) = (target.deckle.store()?, KeyRecord::name_of(&strict.public));
    let stored: Vec<u8> = store.query_row("SELECT value FROM spin_key_value WHERE key = ?1", [&name], |row| {
        row.get(0)
    })?;
    let mut record = KeyRecord::from_bytes(&strict.public, &stored).context("the key's record")?;
    record.require_exp = true;
    store.execute(
        "UPDATE spin_key_value SET value = ?1 WHERE key = ?2",
        (record.to_bytes(), &name),
    )?;
    target.refuses(&strict.sign("w_96", &source, None), 403, FORGED)?;
    target.serves(&strict.sign("w_96", &source, Some(now() + 60)))?;
    target
        .refuses(
            &without(&target.plain_v2()?, "exp"),
            401,
            "Missing signature parameters",
        )
        .map(drop)
}
