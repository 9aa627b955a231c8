//! N5: other spellings of an address. N7: networks that say less than they seem to.

use crate::target::{FORGED, Target, now, with};
use anyhow::Result;
use netaddr::Cidr;
use signed_url::v2::Options;

pub fn attack(target: &Target) -> Result<()> {
    let good = target.v2(&Options::until(now() + 900).bound_to(Cidr::parse("127.0.0.1")?))?;
    target.serves(&good)?;
    for spelling in [
        "::ffff:127.0.0.1",
        "::ffff:7f00:1",
        "127.0.0.01",
        "0127.0.0.1",
        "127.1",
        "2130706433",
        "0x7f.0.0.1",
        "127.0.0.1/32",
        "127.0.0.1/8",
        "0.0.0.0/0",
        "::/0",
        "fe80::1%25eth0",
        "fe80::1%eth0",
        "2001:DB8::1",
        "2001:db8:0:0::1",
        "127.0.0.1:80",
        "[::1]",
        "localhost",
        "127.0.0.0/33",
        "127.0.0.0/08",
        "%31%32%37.0.0.1",
    ] {
        target.refuses(&with(&good, "ip", spelling), 400, "Invalid query parameters")?;
    }
    for other in ["127.0.0.2", "127.0.0.0/8", "10.0.0.1", "2001:db8::1"] {
        target.refuses(&with(&good, "ip", other), 403, FORGED)?;
    }
    Ok(())
}
