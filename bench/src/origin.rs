//! Where both sides fetch from: a folder's files out of memory, over connections that stay open.

use std::collections::BTreeMap;
use std::io::{BufRead, BufReader, Write};
use std::net::{TcpListener, TcpStream};
use std::path::Path;
use std::sync::Arc;
use std::{fs, io, thread};

use anyhow::{Context, Result};

/// Reads a folder and serves it for as long as the process lives. Gives the address, `127.0.0.1:PORT`.
pub fn start(folder: &Path) -> Result<String> {
    let mut files = BTreeMap::new();
    for entry in fs::read_dir(folder).with_context(|| format!("no originals in {}", folder.display()))? {
        let path = entry?.path();
        let name = path.file_name().unwrap_or_default().to_string_lossy().into_owned();
        files.insert(format!("/{name}"), fs::read(&path)?);
    }
    let files = Arc::new(files);
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let address = listener.local_addr()?.to_string();
    thread::spawn(move || {
        for stream in listener.incoming().flatten() {
            let files = files.clone();
            thread::spawn(move || serve(stream, &files));
        }
    });
    Ok(address)
}

fn serve(stream: TcpStream, files: &BTreeMap<String, Vec<u8>>) -> io::Result<()> {
    stream.set_nodelay(true)?;
    let mut writer = stream.try_clone()?;
    let mut lines = BufReader::new(stream).lines();
    while let Some(request) = lines.next().transpose()? {
        for header in lines.by_ref() {
            if header?.is_empty() {
                break;
            }
        }
        let mut words = request.split(' ');
        let (method, path) = (words.next().unwrap_or_default(), words.next().unwrap_or_default());
        let (status, file) = match files.get(path) {
            Some(file) => ("200 OK", file.as_slice()),
            None => ("404 Not Found", &[][..]),
        };
        write!(writer, "HTTP/1.1 {status}\r\nContent-Length: {}\r\n\r\n", file.len())?;
        if method != "HEAD" {
            writer.write_all(file)?;
        }
    }
    Ok(())
}
