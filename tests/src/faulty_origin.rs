use anyhow::Result;
use std::collections::HashMap;
use std::io::{Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// An origin that misbehaves as its paths say: `/status/503`, `/redirect`, `/truncated`, `/endless`, `/drip`, `/silent`, `/html`…
/// Under `/file/` it serves what a test puts there.
pub struct FaultyOrigin {
    /// `http://127.0.0.1:PORT`
    pub url: String,
    requests: Arc<AtomicUsize>,
    seen: Arc<Seen>,
}

/// What tests put in, and what came last.
#[derive(Default)]
struct Seen {
    files: Mutex<HashMap<String, Vec<u8>>>,
    pace: Mutex<Option<(usize, Duration)>>,
    last: Mutex<String>,
}

impl FaultyOrigin {
    /// Listens on a free port until the test process ends.
    pub fn start(picture: Vec<u8>) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let requests = Arc::new(AtomicUsize::new(0));
        let seen = Arc::new(Seen::default());
        let (counter, picture, shared) = (requests.clone(), Arc::new(picture), seen.clone());
        std::thread::spawn(move || {
            for stream in listener.incoming().flatten() {
                let number = counter.fetch_add(1, Ordering::Relaxed);
                let (picture, seen) = (picture.clone(), shared.clone());
                std::thread::spawn(move || answer(stream, number, &picture, &seen));
            }
        });
        Ok(Self { url, requests, seen })
    }

    /// Serves bytes under `/file/{name}` from now on.
    pub fn put(&self, name: &str, bytes: Vec<u8>) {
        let mut files = self.seen.files.lock().unwrap_or_else(PoisonError::into_inner);
        files.insert(name.to_owned(), bytes);
    }

    /// Serves them in pieces of so many bytes from now on, each after a pause.
    pub fn set_pace(&self, piece: usize, pause: Duration) {
        *self.seen.pace.lock().unwrap_or_else(PoisonError::into_inner) = Some((piece, pause));
    }

    /// The head of the last request, as it came.
    pub fn last_request(&self) -> String {
        self.seen.last.lock().unwrap_or_else(PoisonError::into_inner).clone()
    }

    /// Connections so far.
    pub fn requests(&self) -> usize {
        self.requests.load(Ordering::Relaxed)
    }
}

fn answer(mut stream: TcpStream, number: usize, picture: &[u8], seen: &Seen) -> std::io::Result<()> {
    let mut request = Vec::new();
    let mut buffer = [0; 4096];
    while !request.windows(4).any(|end| end == b"\r\n\r\n") {
        match stream.read(&mut buffer)? {
            0 => return Ok(()),
            n => request.extend_from_slice(&buffer[..n]),
        }
    }
    let line = String::from_utf8_lossy(&request).into_owned();
    line.clone_into(&mut seen.last.lock().unwrap_or_else(PoisonError::into_inner));
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
        ("redirect", code) => {
            // `/redirect/x` is a 302 to the good picture.
            let (code, to) = code.split_once('/').unwrap_or(("302", code));
            let to = match to {
                "metadata" => "http://169.254.169.254/latest/meta-data/",
                "file" => "file:///etc/passwd",
                "loop" => path,
                _ => "/good/x",
            };
            stream.write_all(&head(&format!("{code} Found"), 0, &format!("Location: {to}\r\n")))
        }
        ("file", name) => {
            let file = seen
                .files
                .lock()
                .unwrap_or_else(PoisonError::into_inner)
                .get(name)
                .cloned();
            match file {
                Some(file) => {
                    stream.write_all(&head("200 OK", file.len(), "Content-Type: text/html\r\n"))?;
                    let pace = *seen.pace.lock().unwrap_or_else(PoisonError::into_inner);
                    let (piece, pause) = pace.unwrap_or((usize::MAX, Duration::ZERO));
                    stream.set_nodelay(true)?;
                    file.chunks(piece).try_for_each(|piece| {
                        std::thread::sleep(pause);
                        stream.write_all(piece)
                    })
                }
                None => stream.write_all(&head("404 Not Found", 0, "")),
            }
        }
        // The head comes late; the rest is as it should be.
        ("late", seconds) => {
            std::thread::sleep(Duration::from_secs(seconds.parse().unwrap_or(1)));
            stream.write_all(&head("200 OK", picture.len(), ""))?;
            stream.write_all(picture)
        }
        // Every other time an error.
        ("flapping", _) if number.is_multiple_of(2) => stream.write_all(&head("500 Whatever", 0, "")),
        ("flapping", _) => {
            stream.write_all(&head("200 OK", picture.len(), ""))?;
            stream.write_all(picture)
        }
        // More bytes than announced.
        ("overlong", _) => {
            stream.write_all(&head("200 OK", picture.len() / 2, ""))?;
            stream.write_all(picture)
        }
        // Chunks without a last one.
        ("unfinished", _) => {
            stream.write_all(b"HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\nConnection: close\r\n\r\n")?;
            stream.write_all(format!("{:x}\r\n", picture.len()).as_bytes())?;
            stream.write_all(picture)?;
            stream.write_all(b"\r\n")
        }
        ("both-lengths", _) => {
            let more = "Content-Length: 7\r\n";
            stream.write_all(&head("200 OK", picture.len(), more))?;
            stream.write_all(picture)
        }
        ("large-head", _) => {
            let more = format!("X-Long: {}\r\n", "x".repeat(1 << 20));
            stream.write_all(&head("200 OK", picture.len(), &more))?;
            stream.write_all(picture)
        }
        ("no-http", _) => stream.write_all(b"SSH-2.0-OpenSSH_9.9\r\n"),
        ("close", _) => Ok(()),
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
