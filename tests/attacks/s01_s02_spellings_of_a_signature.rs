//! S1: signatures of other lengths and alphabets. S2: other spellings of the same bits.

use crate::target::{FORGED, Target, parameter, with};
use anyhow::Result;

const ALPHABET: &[u8; 64] = b"ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz0123456789-_";

pub fn attack(target: &Target) -> Result<()> {
    for good in [target.v1("w_96", &target.source("good/x.jpg")), target.plain_v2()?] {
        let sig = parameter(&good, "sig").to_owned();
        for length in [1, 8, 16, 31, sig.len() - 1] {
            target.refuses(&with(&good, "sig", &sig[..length]), 403, FORGED)?;
        }
        for wrong in [
            format!("{sig}A"),
            format!("{sig}="),
            format!("{sig}=="),
            sig.repeat(2),
            sig.to_lowercase(),
            sig.to_uppercase(),
            "A".repeat(sig.len()),
            "+/".repeat(sig.len() / 2),
            "*".to_owned(),
            "null".to_owned(),
        ] {
            target.refuses(&with(&good, "sig", &wrong), 403, FORGED)?;
        }
        target.refuses(&with(&good, "sig", ""), 400, "Invalid query parameters")?;
        // The last character of 43 holds four bits: its low two are free, and one spelling only is accepted.
        let last = sig.bytes().next_back().unwrap_or_default();
        let at = ALPHABET.iter().position(|b| *b == last).unwrap_or_default();
        for other in (0..4).map(|low| at & !3 | low).filter(|other| *other != at) {
            let spelling = format!("{}{}", &sig[..sig.len() - 1], char::from(ALPHABET[other]));
            target.refuses(&with(&good, "sig", &spelling), 403, FORGED)?;
        }
    }
    Ok(())
}
