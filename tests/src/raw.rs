//! Requests that no well-behaved client would send, byte by byte.

use crate::Reply;
use anyhow::{Context, Result};
use std::collections::HashMap;
use std::io::{ErrorKind, Read, Write};
use std::net::TcpStream;
use std::time::Duration;

/// Sends bytes to a server (`http://HOST:PORT`) over a connection of their own, and returns everything that came back until
/// the server closed it, or was silent for some seconds.
pub fn exchange(server: &str, bytes: &[u8]) -> Result<Vec<u8>> {
    exchange_within(server, bytes, Duration::from_secs(5))
}

fn exchange_within(server: &str, bytes: &[u8], silence: Duration) -> Result<Vec<u8>> {
    let mut stream = TcpStream::connect(server.trim_start_matches("http://"))?;
    stream.set_read_timeout(Some(silence))?;
    stream.set_write_timeout(Some(Duration::from_secs(10)))?;
    // A server that has seen enough closes while we still write: its answer is there all the same.
    let _ = stream.write_all(bytes);
    let mut answer = Vec::new();
    let mut buffer = [0; 65_536];
    loop {
        match stream.read(&mut buffer) {
            Ok(0) => break,
            Ok(n) => answer.extend_from_slice(&buffer[..n]),
            Err(error) if error.kind() == ErrorKind::Interrupted => {}
            Err(_) => break,
        }
    }
    Ok(answer)
}

/// One request with exactly these lines, and the one answer to it. `Connection: close` is added.
pub fn raw(server: &str, lines: &[&str]) -> Result<Reply> {
    let request = format!("{}\r\nConnection: close\r\n\r\n", lines.join("\r\n"));
    // Such a request is answered, however busy the machine: whoever gives up earlier measures the machine.
    let answer = exchange_within(server, request.as_bytes(), Duration::from_secs(60))?;
    let first = lines.first().map(|line| line.chars().take(120).collect::<String>());
    parse(&answer).with_context(|| format!("the answer to {first:?}"))
}

/// GET of a target that is not touched on its way, with the right `Host`.
pub fn raw_get(server: &str, target: &str) -> Result<Reply> {
    let host = format!("Host: {}", server.trim_start_matches("http://"));
    raw(server, &[&format!("GET {target} HTTP/1.1"), &host])
}

fn parse(answer: &[u8]) -> Result<Reply> {
    let end = answer.windows(4).position(|window| window == b"\r\n\r\n");
    let end = end.context("no complete head")?;
    let head = String::from_utf8_lossy(&answer[..end]).into_owned();
    let mut lines = head.split("\r\n");
    let status = lines.next().and_then(|line| line.split(' ').nth(1));
    let headers: HashMap<String, String> = lines
        .filter_map(|line| line.split_once(':'))
        .map(|(name, value)| (name.to_ascii_lowercase(), value.trim().to_owned()))
        .collect();
    Ok(Reply {
        status: status.context("no status line")?.parse()?,
        headers,
        body: answer[end + 4..].to_vec(),
    })
}
