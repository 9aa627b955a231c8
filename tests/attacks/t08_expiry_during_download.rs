//! T8: a URL that expires while its original is on its way is judged by the time of the request.

use crate::target::{FORGED, Target, now};
use anyhow::Result;

pub fn attack(target: &Target) -> Result<()> {
    let url = target.key.sign("w_96", &target.source("late/4"), Some(now() + 2));
    target.serves(&url)?;
    target.refuses(&url, 403, FORGED).map(drop)
}
