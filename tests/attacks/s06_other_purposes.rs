//! S6: signatures made with, or for, something else.

use crate::target::{FORGED, Target, parameter, with};
use crate::u06_u08_parameters::hour;
use anyhow::Result;
use deckle_tests::Key;
use secret::SecretText;

pub fn attack(target: &Target) -> Result<()> {
    let source = target.source("good/x.jpg");
    let real = target.key.secret.expose().to_owned();
    for wrong in [
        String::new(),
        target.key.public.clone(),
        "sk_".to_owned(),
        real.trim_start_matches("sk_").to_owned(),
        "-".repeat(46),
        "AAECAwQFBgcICQoLDA0ODxAREhMUFRYXGBkaGxwdHh8".to_owned(),
        "0".repeat(64),
        "client_shop".to_owned(),
    ] {
        let forger = Key {
            secret: SecretText::new(wrong),
            ..target.key.clone()
        };
        target.refuses(&forger.sign("w_96", &source, None), 403, FORGED)?;
        target.refuses(&target.v2_of(&forger, "w_96", &source, &hour())?, 403, FORGED)?;
    }
    // A signature of one version is none of the other.
    let (one, two) = (
        target.v1("w_96", &source),
        target.v2_of(&target.key, "w_96", &source, &hour())?,
    );
    target.refuses(&with(&one, "sig", parameter(&two, "sig")), 403, FORGED)?;
    target.refuses(&with(&one, "sig", &parameter(&two, "sig")[..32]), 403, FORGED)?;
    target.refuses(&with(&two, "sig", parameter(&one, "sig")), 403, FORGED)?;
    // Nor is either a token of a one-shot URL.
    for token in [
        parameter(&two, "sig"),
        "a.b.c",
        "..",
        "eyJhbGciOiJub25lIn0.e30.",
        target.key.public.as_str(),
    ] {
        target.refuses(&format!("/i/{token}"), 403, FORGED)?;
    }
    target
        .refuses("/i/a.b.c?x=1", 400, "Invalid query parameters")
        .map(drop)
}
