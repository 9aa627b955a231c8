//! O9: origins that fail: a status for each, one public text for all.

use crate::target::{FAILED, Target, refused};
use anyhow::{Context, Result};
use deckle_tests::{Deckle, Key, get};
use std::io::Write;

pub fn attack(target: &Target) -> Result<()> {
    target.origin.put(
        "error.xml",
        b"<?xml version=\"1.0\"?><Error><Code>NoSuchKey</Code></Error>".to_vec(),
    );
    for (path, status) in [
        ("status/404", 404),
        ("status/410", 404),
        ("status/400", 502),
        ("status/401", 502),
        ("status/403", 502),
        ("status/429", 502),
        ("status/500", 502),
        ("status/503", 502),
        ("status/599", 502),
        ("status/201", 502),
        ("status/204", 502),
        ("status/206", 502),
        ("status/304", 502),
        ("file/error.xml", 415),
        ("close/x", 502),
        ("no-http/x", 502),
    ] {
        target.refuses(&target.v1("w_96", &target.source(path)), status, FAILED)?;
    }
    // Nobody listens at the first; the second speaks, but no TLS.
    let free = std::net::TcpListener::bind("127.0.0.1:0")?.local_addr()?;
    let listener = std::net::TcpListener::bind("127.0.0.1:0")?;
    let plain = listener.local_addr()?;
    std::thread::spawn(move || {
        for mut stream in listener.incoming().flatten() {
            let _ = stream.write_all(b"HTTP/1.1 200 OK\r\nContent-Length: 0\r\n\r\n");
        }
    });
    for (origin, source) in [
        (format!("http://{free}"), format!("{free}/x.jpg")),
        (format!("https://{plain}"), format!("{plain}/x.jpg")),
    ] {
        let deckle = Deckle::with_origin(&origin)?;
        let key = Key::of(&deckle.run(&["key", "create", "--project", "shop", "--client", "client_shop"])?)?;
        let reply = get(&deckle.url(&key.sign("w_96", &source, None)))?;
        refused(&reply, 502, FAILED).context(origin)?;
    }
    Ok(())
}
