//! O1: addresses of the machine and its network. O2: their other spellings. O3: inside IPv6. O8: names of components.

use crate::target::Target;
use crate::u06_u08_parameters::hour;
use anyhow::{Result, ensure};

const ADDRESSES: [&str; 62] = [
    "127.0.0.1",
    "127.0.0.1:80",
    "127.0.0.2",
    "localhost",
    "LOCALHOST",
    "localhost:22",
    "a.localhost",
    "localhost.localdomain",
    "0.0.0.0",
    "[::]",
    "[::1]",
    "[::1]:80",
    "::1",
    "10.0.0.5",
    "172.16.0.1",
    "172.31.255.255",
    "192.168.1.1",
    "169.254.169.254",
    "[fd00:ec2::254]",
    "[fe80::1]",
    "[fe80::1%25eth0]",
    "100.64.0.1",
    "192.0.0.192",
    "198.18.0.1",
    "224.0.0.1",
    "240.0.0.1",
    "255.255.255.255",
    "8.8.8.8",
    "[2001:4860:4860::8888]",
    "2130706433",
    "017700000001",
    "0x7f000001",
    "0x7f.0.0.1",
    "0X7F.1",
    "0177.0.0.1",
    "127.1",
    "127.0.1",
    "127.0.0.1.",
    "localhost.",
    "example.com.",
    "1.2.3",
    "0",
    "\u{2460}27.0.0.1",
    "127\u{ff0e}0.0.1",
    "[::ffff:127.0.0.1]",
    "[::127.0.0.1]",
    "[2002:7f00:1::]",
    "[64:ff9b::7f00:1]",
    "[64:ff9b:1::7f00:1]",
    "[2001:0:4136:e378:8000:63bf:3fff:fdd2]",
    "[fe80::5efe:127.0.0.1]",
    "metadata.google.internal",
    "METADATA.google.INTERNAL",
    "edge.spin.internal",
    "printer.local",
    "router.home.arpa",
    "kubernetes.default.svc.local",
    "",
    "-",
    "a..b",
    "a_b.example",
    "[",
];

pub fn attack(target: &Target) -> Result<()> {
    let before = target.origin.requests();
    for address in ADDRESSES {
        for prefix in ["", "https://"] {
            let source = format!("{prefix}{address}/latest/meta-data/");
            target.refuses(&target.v1("w_96", &source), 400, "Invalid image URL")?;
        }
        let source = format!("{address}/x.jpg");
        target.refuses(
            &target.v2_of(&target.key, "w_96", &source, &hour())?,
            400,
            "Invalid image URL",
        )?;
    }
    // Names are what they say until they are resolved, and no origin but ours is on the host's list.
    for name in [
        "127.0.0.1.nip.io",
        "localtest.me",
        "evil.example",
        "self",
        "ours.example",
    ] {
        target.refuses(
            &target.v1("w_96", &format!("{name}/x.jpg")),
            403,
            "Forbidden: Source domain not allowed",
        )?;
    }
    // Nor is a name on a key's list that merely contains one that is.
    let key = target.create_key("shop", &["--source", "images.example.com"])?;
    for name in [
        "evil.example",
        "images.example.com.evil.example",
        "evilimages.example.com",
        "example.com",
        "images.example.co",
    ] {
        target.refuses(
            &key.sign("w_96", &format!("{name}/x.jpg"), None),
            403,
            "Forbidden: Source domain not allowed",
        )?;
    }
    target.refuses(
        &key.sign("w_96", &target.source("good/x.jpg"), None),
        403,
        "Forbidden: Source domain not allowed",
    )?;
    ensure!(target.origin.requests() == before, "the origin was asked");
    Ok(())
}
