//! R4: requests that deliver nothing use nothing up, and none delivers a part. R5: a client that goes away in mid-answer has
//! had its use.

use crate::target::Target;
use anyhow::{Result, ensure};
use deckle_tests::request;
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::Duration;

pub fn attack(target: &Target) -> Result<()> {
    let once = target.once("r04")?;
    let url = target.deckle.url(&once);
    let asked = target.origin.requests();
    for (method, name, value, status) in [
        ("HEAD", "accept", "*/*", 200),
        ("OPTIONS", "accept", "*/*", 405),
        ("GET", "if-none-match", "*", 304),
        ("HEAD", "if-none-match", "*", 304),
        ("HEAD", "range", "bytes=0-9", 200),
    ] {
        let reply = request(method, &url, &[(name, value)])?;
        ensure!(reply.status == status, "{method} with {name}: {}", reply.status);
        ensure!(status == 405 || reply.body.is_empty(), "{method} with {name} delivers");
    }
    ensure!(target.origin.requests() == asked, "the origin was asked");
    let whole = request("GET", &url, &[("range", "bytes=0-9"), ("if-none-match", "\"x\"")])?;
    ensure!(
        whole.status == 200 && image::load_from_memory(&whole.body).is_ok(),
        "{}",
        whole.status
    );
    target.refuses(&once, 410, "gone")?;

    let server = target.deckle.url("");
    let address = server.trim_start_matches("http://");
    // Before the answer, in its head, and in its body.
    for (number, taken) in [0, 1, 400].into_iter().enumerate() {
        let once = target.once(&format!("r05-{number}"))?;
        let mut stream = TcpStream::connect(address)?;
        stream.write_all(format!("GET {once} HTTP/1.1\r\nHost: a\r\n\r\n").as_bytes())?;
        if taken == 0 {
            std::thread::sleep(Duration::from_millis(300));
        } else {
            stream.read_exact(&mut vec![0; taken])?;
        }
        drop(stream);
        target.refuses(&once, 410, "gone")?;
    }
    Ok(())
}
