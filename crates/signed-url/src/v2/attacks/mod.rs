//! Forgeries: nothing but what the key's holder signed is let through, byte for byte.

mod bytes;
mod path;
mod signature;
mod vectors;

use super::{Options, Unverified, sign::signature, signed_path};
use crate::{Error, PublicKey, Rules, SignedUrl};
use netaddr::Cidr;
use secret::SecretText;

const NOW: u64 = 1_700_000_000_000;
const EXP: u64 = 1_700_000_900;

fn secret() -> SecretText {
    SecretText::new("sk_test_secret".into())
}

fn sign(operations: &str, source: &str, options: &Options<'_>) -> String {
    signed_path(
        "demo",
        operations,
        source,
        &PublicKey::parse("pk_test").unwrap(),
        &secret(),
        options,
    )
    .unwrap()
}

fn full() -> String {
    let options = Options::until(EXP)
        .not_before(1_600_000_000)
        .subject("viewer-7")
        .once("0123456789abcdef")
        .bound_to(Cidr::parse("2001:db8::/48").unwrap());
    sign("w_800,f_webp", "images.example.com/é photo.jpg?v=2", &options)
}

/// Signs path and query as they stand, as nobody should.
fn sign_raw(path: &str, query: &str) -> String {
    let unsigned = format!("{query}&sig=s");
    let url = Unverified::parse(path, &unsigned).unwrap();
    format!(
        "/v2/{path}?{query}&sig={}",
        signature(&secret(), &url.fields.string_to_sign())
    )
}

fn check(url: &str) -> Result<SignedUrl, Error> {
    let rest = url.strip_prefix("/v2/").ok_or(Error::Path)?;
    let (path, query) = rest.split_once('?').unwrap_or((rest, ""));
    Unverified::parse(path, query)?.verify(&secret(), &Rules::default(), NOW)
}
