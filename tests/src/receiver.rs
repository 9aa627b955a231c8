use anyhow::{Context, Result};
use std::io::{BufRead, BufReader, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::mpsc;
use std::time::Duration;

/// An HTTP server on a loopback port that takes POSTs with 204 and hands on what it got.
pub struct Receiver {
    /// `http://127.0.0.1:…`
    pub url: String,
    posts: mpsc::Receiver<Post>,
}

/// A POST that arrived.
pub struct Post {
    /// Its path.
    pub path: String,
    /// Names in lower case, and values.
    pub headers: Vec<(String, String)>,
    /// Its body.
    pub body: String,
}

impl Post {
    /// The value of a header.
    pub fn header(&self, name: &str) -> Option<&str> {
        let found = self.headers.iter().find(|(candidate, _)| candidate == name);
        found.map(|(_, value)| value.as_str())
    }
}

impl Receiver {
    /// Starts on a free port.
    pub fn start() -> Result<Self> {
        Self::failing_first(0)
    }

    /// The same, and answers so many of the first POSTs with 500.
    pub fn failing_first(failures: usize) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let url = format!("http://{}", listener.local_addr()?);
        let (sender, posts) = mpsc::channel();
        std::thread::spawn(move || {
            for (number, stream) in listener.incoming().map_while(Result::ok).enumerate() {
                if let Ok(post) = take(&stream, number < failures)
                    && sender.send(post).is_err()
                {
                    break;
                }
            }
        });
        Ok(Self { url, posts })
    }

    /// The next POST, if one comes in time.
    pub fn next(&self, patience: Duration) -> Option<Post> {
        self.posts.recv_timeout(patience).ok()
    }
}

fn take(mut stream: &TcpStream, fails: bool) -> Result<Post> {
    stream.set_read_timeout(Some(Duration::from_secs(10)))?;
    let mut reader = BufReader::new(stream);
    let mut line = String::new();
    reader.read_line(&mut line)?;
    let path = line.split(' ').nth(1).context("no path")?.to_owned();
    let mut headers = Vec::new();
    loop {
        line.clear();
        reader.read_line(&mut line)?;
        let Some((name, value)) = line.trim_end().split_once(':') else {
            break;
        };
        headers.push((name.to_ascii_lowercase(), value.trim().to_owned()));
    }
    let length = headers
        .iter()
        .find(|(name, _)| name == "content-length")
        .context("no length")?
        .1
        .parse()?;
    let mut body = vec![0; length];
    reader.read_exact(&mut body)?;
    stream.write_all(match fails {
        true => b"HTTP/1.1 500 Failed\r\nContent-Length: 0\r\nConnection: close\r\n\r\n",
        false => b"HTTP/1.1 204 No Content\r\nConnection: close\r\n\r\n",
    })?;
    Ok(Post {
        path,
        headers,
        body: String::from_utf8(body)?,
    })
}
