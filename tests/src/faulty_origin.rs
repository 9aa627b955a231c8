use anyhow::Result;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Arc;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::Duration;

/// An origin that misbehaves as its paths say: `/status/503`, `/redirect`, `/truncated`, `/endless`, `/drip`, `/silent`, `/html`…
pub struct FaultyOrigin {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    requests: Arc<AtomicUsize>,
}

impl FaultyOrigin {
    /// Listens on a free port until the test process ends.
    pub fn start(picture: Vec<u8>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(AtomicUsize::new(0));
        let (counter, picture) = (requests.clone(), Arc::new(picture));
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                counter.fetch_add(1, Ordering::Relaxed);
                let picture = picture.clone();
                std::thread::spawn(move || answer(stream, &picture));
            }
        });
        Ok(Self { url, requests })
    }

    /// Connections so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

fn answer(mut stream: TcpStream, picture: &[u8]) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            n => request.extend_from_slice(&buffer[..n]),
        }
    }
    let line = String::from_utf8_lossy(&request).into_owned();
    let path = line.split(' ').nth(1).unwrap_or("/");
    let head = |status: &str, length: usize, more: &str| {
        format!("HTTP/1.1 {status}\r\nContent-Length: {length}\r\nConnection: close\r\n{more}\r\n").into_bytes()
    };
    match path
        .trim_start_matches('/')
        .split_once('/')
        .unwrap_or((path.trim_start_matches('/'), ""))
    {
        ("status", code) => stream.write_all(&head(&format!("{code} Whatever"), 0, "")),
        ("redirect", _) => stream.write_all(&head("302 Found", 0, "Location: /good\r\n")),
        ("html", _) => {
            stream.write_all(&head(
                "200 OK",
                14,
                "Content-Type: image/jpeg\r\nSet-Cookie: leak=1\r\n",
            ))?;
            stream.write_all(b"<html></html>\n")
        }
        ("truncated", _) => {
            stream.write_all(&head("200 OK", picture.len(), ""))?;
            stream.write_all(&picture[..picture.len() / 2])
        }
        ("huge", _) => stream.write_all(&head("200 OK", 1 << 30, "")),
        ("endless", _) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nConnection: close\r\n\r\n")?;
            loop {
                stream.write_all(&[0xff; 65536])?;
            }
        }
        ("drip", _) => {
            stream.write_all(&head("200 OK", picture.len(), ""))?;
            for byte in picture {
                stream.write_all(&[*byte])?;
                std::thread::sleep(Duration::from_millis(500));
            }
            Ok(())
        }
        ("silent", _) => {
            std::thread::sleep(Duration::from_secs(60));
            Ok(())
        }
        ("good", _) => {
            stream.write_all(&head("200 OK", picture.len(), "Set-Cookie: leak=1\r\nX-Leak: 1\r\n"))?;
            stream.write_all(picture)
        }
        _ => stream.write_all(&head("404 Not Found", 0, "")),
    }
}
