//! K5: a thousand connections that ask for nothing, slowly, or do not read. Each is dropped after half a minute, and whoever
//! waits behind them is served then. A proxy in front does better, and a deployment should have one.

use crate::target::Target;
use anyhow::{Context, Result, ensure};
use std::io::{Read, Write};
use std::net::TcpStream;
use std::time::{Duration, Instant};

pub fn attack(target: &Target) -> Result<()> {
    let server = target.deckle.url("");
    let address = server.trim_start_matches("http://").to_owned();
    let url = target.plain_v2()?;
    let mut idle = Vec::new();
    for number in 0..1000 {
        let mut stream = TcpStream::connect(&address)?;
        match number % 3 {
            0 => {}
            1 => stream.write_all(format!("GET {url} HTTP/1.1\r\nHost: a\r\nX-Slow: ").as_bytes())?,
            // A body that never comes.
            _ => stream.write_all(b"POST / HTTP/1.1\r\nHost: a\r\nContent-Length: 1000000\r\n\r\n")?,
        }
        idle.push(stream);
    }
    // One byte now and then does not buy time.
    let dripping: Vec<TcpStream> = idle
        .iter()
        .skip(1)
        .step_by(3)
        .take(50)
        .map(TcpStream::try_clone)
        .collect::<Result<_, _>>()?;
    let drip = std::thread::spawn(move || {
        for _ in 0..20 {
            std::thread::sleep(Duration::from_secs(2));
            dripping.iter().for_each(|mut stream| drop(stream.write(b"x")));
        }
    });
    let start = Instant::now();
    let mut healthy = TcpStream::connect(&address)?;
    healthy.set_read_timeout(Some(Duration::from_secs(60)))?;
    healthy.write_all(format!("GET {url} HTTP/1.1\r\nHost: a\r\nConnection: close\r\n\r\n").as_bytes())?;
    let mut answer = [0; 12];
    healthy.read_exact(&mut answer).context("nobody is served any more")?;
    ensure!(&answer == b"HTTP/1.1 200", "{}", answer.escape_ascii());
    ensure!(start.elapsed() < Duration::from_secs(45), "{:?}", start.elapsed());
    drop(idle);
    drop(drip);
    target.recovers(&url)?;
    for _ in 0..10 {
        target.serves(&url)?;
    }
    Ok(())
}
