use anyhow::Result;
use std::io::{Read, Write};
use std::net::{Shutdown, SocketAddr, TcpListener, TcpStream};
use std::sync::atomic::{AtomicUsize, Ordering};
use std::sync::{Arc, Mutex, PoisonError};
use std::time::Duration;

/// What a [`FaultProxy`] does to the bytes that clients send. Each client's packet counts as one command, which is what it is
/// where every command is waited for.
#[derive(Debug, Clone, Copy, PartialEq, Eq)]
pub enum Fault {
    /// Nothing.
    None,
    /// Connections are closed.
    Refuse,
    /// Commands vanish, and connections stay open.
    Silent,
    /// Commands arrive late.
    Late(Duration),
    /// Commands arrive late, and one in so many takes its connection with it, by turns before and after it arrived.
    LateAndBroken(Duration, usize),
    /// Commands that hold this text arrive, and their answers do not.
    Unanswered(&'static str),
}

/// A TCP proxy that misbehaves on demand. It listens until the test process ends.
pub struct FaultProxy {
    /// Where it listens.
    pub address: SocketAddr,
    fault: Arc<Mutex<Fault>>,
}

impl FaultProxy {
    /// A proxy in front of a server (`HOST:PORT`).
    pub fn start(server: String) -> Result<Self> {
        let listener = TcpListener::bind("127.0.0.1:0")?;
        let address = listener.local_addr()?;
        let fault = Arc::new(Mutex::new(Fault::None));
        let (shared, commands) = (fault.clone(), Arc::new(AtomicUsize::new(0)));
        std::thread::spawn(move || {
            for client in listener.incoming().flatten() {
                let (fault, commands, server) = (shared.clone(), commands.clone(), server.clone());
                std::thread::spawn(move || pass(&client, &server, &fault, &commands));
            }
        });
        Ok(Self { address, fault })
    }

    /// Misbehaves in this way from now on, also on open connections.
    pub fn set(&self, fault: Fault) {
        *self.fault.lock().unwrap_or_else(PoisonError::into_inner) = fault;
    }
}

fn pass(mut client: &TcpStream, server: &str, fault: &Mutex<Fault>, commands: &AtomicUsize) -> std::io::Result<()> {
    let now = || *fault.lock().unwrap_or_else(PoisonError::into_inner);
    if now() == Fault::Refuse {
        return client.shutdown(Shutdown::Both);
    }
    let mut server = TcpStream::connect(server)?;
    server.set_nodelay(true)?;
    client.set_nodelay(true)?;
    let (mut answers, mut back) = (server.try_clone()?, client.try_clone()?);
    std::thread::spawn(move || {
        let _ = std::io::copy(&mut answers, &mut back);
        let _ = back.shutdown(Shutdown::Both);
    });
    let mut buffer = [0; 65_536];
    loop {
        let length = client.read(&mut buffer)?;
        let number = commands.fetch_add(1, Ordering::Relaxed);
        let broken = |one_in: usize| number.is_multiple_of(one_in);
        match now() {
            _ if length == 0 => break,
            Fault::None => server.write_all(&buffer[..length])?,
            Fault::Silent => {}
            Fault::Refuse => break,
            Fault::Late(wait) => {
                std::thread::sleep(wait);
                server.write_all(&buffer[..length])?;
            }
            Fault::LateAndBroken(wait, one_in) => {
                std::thread::sleep(wait);
                let breaks = broken(one_in);
                if !breaks || (number / one_in).is_multiple_of(2) {
                    server.write_all(&buffer[..length])?;
                }
                if breaks {
                    break;
                }
            }
            Fault::Unanswered(text) if !holds(&buffer[..length], text) => server.write_all(&buffer[..length])?,
            Fault::Unanswered(_) => {
                // The answers' thread meets a closed connection.
                client.shutdown(Shutdown::Both)?;
                server.write_all(&buffer[..length])?;
                std::thread::sleep(Duration::from_millis(50));
                break;
            }
        }
    }
    server.shutdown(Shutdown::Both)?;
    client.shutdown(Shutdown::Both)
}

fn holds(bytes: &[u8], text: &str) -> bool {
    bytes.windows(text.len()).any(|window| window == text.as_bytes())
}
