//! H5: requests that a proxy in front could read otherwise than we do, and bodies of requests that have none.

use crate::target::Target;
use anyhow::{Result, ensure};
use deckle_tests::exchange;

pub fn attack(target: &Target) -> Result<()> {
    let server = target.url("");
    let good = target.v1("w_96", &target.source("good/x.jpg"));
    let line = format!("GET {good} HTTP/1.1\r\nHost: a\r\n");
    let hidden = "GET /.well-known/spin/health HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n";
    let refused = |headers: &str| -> Result<()> {
        let answer = exchange(&server, format!("{line}{headers}\r\n0\r\n\r\n{hidden}").as_bytes())?;
        let answer = String::from_utf8_lossy(&answer);
        ensure!(
            answer.starts_with("HTTP/1.1 400 "),
            "{headers:?}: {}",
            answer.lines().next().unwrap_or_default()
        );
        ensure!(
            answer.matches("HTTP/1.1 ").count() == 1,
            "{headers:?} is answered twice"
        );
        Ok(())
    };
    for headers in [
        "Content-Length: 5\r\nContent-Length: 6\r\n",
        "Content-Length: +5\r\n",
        "Content-Length: 5, 6\r\n",
        "Content-Length: -1\r\n",
        "Content-Length: 0x5\r\n",
        "Content-Length : 5\r\n",
        "Transfer-Encoding : chunked\r\n",
        "Transfer-Encoding: chunked, identity\r\n",
        "Transfer-Encoding: xchunked\r\n",
        "X: a\r\n folded\r\n",
        "X: a\r\n\tfolded\r\n",
        "X\r\n",
        ": x\r\n",
        "X y: z\r\n",
        "X: a\0b\r\n",
        "X: a\rb\r\n",
    ] {
        refused(headers)?;
    }
    // Two lengths: whichever we go by, a proxy may have gone by the other, so that the connection ends after one answer
    // (RFC 9112 section 6.1).
    for headers in [
        "Content-Length: 5\r\nTransfer-Encoding: chunked\r\n",
        "Transfer-Encoding: chunked\r\nContent-Length: 5\r\n",
    ] {
        let answer = exchange(&server, format!("{line}{headers}\r\n0\r\n\r\n{hidden}").as_bytes())?;
        ensure!(count(&answer) == 1, "{headers:?}: {} answers", count(&answer));
    }
    // A body where none belongs is read, bounded, and dropped: the next request is the next request.
    let body = format!("{line}Content-Length: {}\r\n\r\n{hidden}{hidden}", hidden.len());
    let answer = exchange(&server, body.as_bytes())?;
    ensure!(
        count(&answer) == 2 && answer.starts_with(b"HTTP/1.1 200 "),
        "{} answers",
        count(&answer)
    );
    let large = [
        format!("{line}Connection: close\r\nContent-Length: 20971520\r\n\r\n").into_bytes(),
        vec![b'x'; 20 << 20],
    ]
    .concat();
    ensure!(count(&exchange(&server, &large)?) <= 1);
    Ok(())
}

fn count(answer: &[u8]) -> usize {
    answer.windows(9).filter(|window| window == b"HTTP/1.1 ").count()
}
