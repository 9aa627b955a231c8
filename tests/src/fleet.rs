use crate::{Deckle, Key, Postgres, Redis, get};
use anyhow::{Context, Result, ensure};
use signed_url::PublicKey;
use signed_url::v2::{Options, signed_path};
use std::collections::BTreeMap;
use std::io::{Cursor, Read, Write};
use std::net::{TcpListener, TcpStream};
use std::sync::Barrier;
use std::sync::atomic::{AtomicUsize, Ordering};
use std::time::{Duration, Instant, SystemTime, UNIX_EPOCH};

/// Requests at a time in [`Fleet::storm`].
pub const PARALLEL: usize = 64;

/// What `GET` came to, and how often; 0 is a connection without an answer.
pub type Outcomes = BTreeMap<u16, usize>;

/// Hosts that serve the same origin, and a key that they all know.
pub struct Fleet {
    /// The hosts.
    pub hosts: Vec<Deckle>,
    /// A key without limits.
    pub key: Key,
    /// The Redis that they share, if they do.
    pub redis: Option<Redis>,
    /// The PostgreSQL that they share, if they do.
    pub postgres: Option<Postgres>,
    origin: String,
}

impl Fleet {
    /// One host with the store of its data folder.
    pub fn on_sqlite() -> Result<Self> {
        Self::on_sqlite_with(&[])
    }

    /// And with further arguments of `deckle up`.
    pub fn on_sqlite_with(arguments: &[&str]) -> Result<Self> {
        let origin = origin()?;
        let host = Deckle::with_origin_and_arguments(&origin, arguments)?;
        Self::new(vec![host], origin, None, None)
    }

    /// Two hosts with one Redis.
    pub fn on_redis() -> Result<Self> {
        let (origin, redis) = (origin()?, Redis::start()?);
        let host = || Deckle::with_origin_and_stores(&origin, &redis.configuration());
        let hosts = vec![host()?, host()?];
        Self::new(hosts, origin, Some(redis), None)
    }

    /// Two hosts with one Redis and one PostgreSQL.
    pub fn on_servers() -> Result<Self> {
        Self::on_servers_with(&[])
    }

    /// And with further arguments of `deckle up`.
    pub fn on_servers_with(arguments: &[&str]) -> Result<Self> {
        let (origin, redis, postgres) = (origin()?, Redis::start()?, Postgres::start()?);
        let host = || Deckle::with_origin_and_servers(&origin, &redis.configuration(), &postgres, arguments);
        let hosts = vec![host()?, host()?];
        Self::new(hosts, origin, Some(redis), Some(postgres))
    }

    fn new(hosts: Vec<Deckle>, origin: String, redis: Option<Redis>, postgres: Option<Postgres>) -> Result<Self> {
        Ok(Self {
            key: create(&hosts, redis.as_ref(), &[])?,
            hosts,
            origin,
            redis,
            postgres,
        })
    }

    /// The first host.
    pub fn first(&self) -> Result<&Deckle> {
        self.hosts.first().context("no host")
    }

    /// The last host: another one, where there are two.
    pub fn last(&self) -> Result<&Deckle> {
        self.hosts.last().context("no host")
    }

    /// Kills the last host without warning and starts it again.
    pub fn kill_and_restart_last(&mut self) -> Result<()> {
        let host = self.hosts.pop().context("no host")?.kill_and_restart()?;
        self.hosts.push(host);
        Ok(())
    }

    /// Runs a statement in the hosts' database; the first column of its first row, if it has one, as text.
    pub fn sql(&self, statement: &str) -> Result<String> {
        if let Some(postgres) = &self.postgres {
            return postgres.query(statement);
        }
        let database = rusqlite::Connection::open(self.first()?.data.path().join("sqlite.db"))?;
        database.busy_timeout(Duration::from_secs(10))?;
        let mut prepared = database.prepare(statement)?;
        let mut rows = prepared.query([])?;
        let value = rows
            .next()?
            .map(|row| row.get::<_, rusqlite::types::Value>(0))
            .transpose()?;
        Ok(match value {
            Some(rusqlite::types::Value::Integer(number)) => number.to_string(),
            Some(rusqlite::types::Value::Text(text)) => text,
            _ => String::new(),
        })
    }

    /// Makes a key on further terms, as `deckle key create` takes them.
    pub fn create(&self, terms: &[&str]) -> Result<Key> {
        create(&self.hosts, self.redis.as_ref(), terms)
    }

    /// How signed URLs name something of the origin.
    pub fn source(&self, path: &str) -> String {
        format!("{}/{path}", self.origin.trim_start_matches("http://"))
    }

    /// Path and query of a URL, version 2, that works for an hour.
    pub fn signed(&self, key: &Key, operations: &str, path: &str, once: Option<&str>) -> Result<String> {
        let public = PublicKey::parse(&key.public).context("a public key")?;
        let options = Options::until(now()? + 3600);
        let options = once.iter().fold(options, |options, once| options.once(once));
        let source = self.source(path);
        Ok(signed_path(
            &key.project,
            operations,
            &source,
            &public,
            &key.secret,
            &options,
        )?)
    }

    /// A URL for one use.
    pub fn single(&self, path: &str) -> Result<String> {
        static NUMBER: AtomicUsize = AtomicUsize::new(0);
        let once = format!("race-{:020}", NUMBER.fetch_add(1, Ordering::Relaxed));
        self.signed(&self.key, "w_32,f_jpeg", path, Some(&once))
    }

    /// The same path `requests` times, [`PARALLEL`] at a time, spread over the hosts; `beside` runs when all are about to start.
    pub fn storm(&self, path: &str, requests: usize, beside: impl FnOnce()) -> Outcomes {
        let (barrier, next) = (Barrier::new(PARALLEL + 1), AtomicUsize::new(0));
        let client = || {
            barrier.wait();
            let mut seen = Vec::new();
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= requests {
                    return seen;
                }
                let host = &self.hosts[number % self.hosts.len()];
                seen.push(get(&host.url(path)).map_or(0, |reply| reply.status));
            }
        };
        std::thread::scope(|scope| {
            let clients: Vec<_> = (0..PARALLEL).map(|_| scope.spawn(client)).collect();
            barrier.wait();
            beside();
            let mut outcomes = Outcomes::new();
            for status in clients.into_iter().flat_map(|client| client.join().unwrap_or_default()) {
                *outcomes.entry(status).or_default() += 1;
            }
            outcomes
        })
    }

    /// Waits until every host delivers again.
    pub fn recovered(&self) -> Result<()> {
        let path = self.signed(&self.key, "w_16,f_jpeg", "good", None)?;
        let start = Instant::now();
        for host in &self.hosts {
            while get(&host.url(&path)).map_or(0, |reply| reply.status) != 200 {
                ensure!(start.elapsed() < Duration::from_secs(20), "{}", host.log()?);
                std::thread::sleep(Duration::from_millis(50));
            }
        }
        Ok(())
    }
}

fn create(hosts: &[Deckle], redis: Option<&Redis>, terms: &[&str]) -> Result<Key> {
    let file = redis.map(|redis| redis.configuration().to_string_lossy().into_owned());
    let mut arguments = vec!["key", "create", "--project", "shop"];
    if !terms.contains(&"--client") {
        arguments.extend(["--client", "client_race"]);
    }
    arguments.extend(terms);
    arguments.extend(file.iter().flat_map(|file| ["--runtime-config-file", file]));
    Key::of(&hosts.first().context("no host")?.run(&arguments)?)
}

/// The time in Unix seconds.
pub fn now() -> Result<u64> {
    Ok(SystemTime::now().duration_since(UNIX_EPOCH)?.as_secs())
}

/// An origin with a small picture at `/good`, and at `/fails` two times out of three an error. It lives as long as the process.
fn origin() -> Result<String> {
    let pixels = image::RgbImage::from_fn(96, 64, |x, y| image::Rgb([(x * 2) as u8, (y * 3) as u8, 90]));
    let mut picture = Vec::new();
    pixels.write_to(&mut Cursor::new(&mut picture), image::ImageFormat::Jpeg)?;
    let listener = TcpListener::bind("127.0.0.1:0")?;
    let url = format!("http://{}", listener.local_addr()?);
    std::thread::spawn(move || {
        for (number, stream) in listener.incoming().flatten().enumerate() {
            let picture = picture.clone();
            // The multiplier scatters consecutive numbers.
            let fails = (number.wrapping_mul(0x9e37_79b9) >> 16) % 3 != 0;
            std::thread::spawn(move || answer(stream, &picture, fails));
        }
    });
    Ok(url)
}

fn answer(mut stream: TcpStream, picture: &[u8], fails: bool) -> std::io::Result<()> {
    let mut request = [0; 4096];
    let length = stream.read(&mut request)?;
    if fails && request[..length].starts_with(b"GET /fails") {
        return stream.write_all(b"HTTP/1.1 500 No\r\nContent-Length: 0\r\nConnection: close\r\n\r\n");
    }
    let head = format!(
        "HTTP/1.1 200 OK\r\nContent-Length: {}\r\nConnection: close\r\n\r\n",
        picture.len()
    );
    stream.write_all(head.as_bytes())?;
    stream.write_all(picture)
}
