use super::{Backend, Error, Result};
use ::redis::{Client, Cmd, Connection, ConnectionLike as _, FromRedisValue, IntoConnectionInfo as _, cmd};
use std::collections::BTreeSet;
use std::sync::{Mutex, MutexGuard, PoisonError};
use std::time::{Duration, Instant};

/// How long a connection may take to be made, and each answer after that.
const TIMEOUT: Duration = Duration::from_secs(2);
/// A connection that rested longer than this is asked for a sign of life before it carries a command.
const RESTED: Duration = Duration::from_secs(1);
/// Keys asked for at a time while listing.
const PAGE: usize = 1000;

/// Replaces the value of a key if it still is the one that was seen; Redis runs a script undisturbed.
const SWAP: &str =
    "if redis.call('GET', KEYS[1]) ~= ARGV[1] then return 0 end redis.call('SET', KEYS[1], ARGV[2]) return 1";

/// One Redis database, in the form that Spin's own Redis store has: a value is the bytes under the key as it stands, whatever
/// the label of the store; a counter is decimal text.
///
/// A command is sent once. Connections are plain and blocking, without anything beneath that could send it again on a new one,
/// so that an increment whose answer was lost is an error and not a second increment. After an error no connection of before
/// is used again: the next call makes a new one, and so finds a Redis that has come back.
///
/// What Redis forgets when it dies can be used once more: single use needs one that runs with `appendonly yes` and
/// `appendfsync always`.
pub struct Redis {
    client: Client,
    idle: Mutex<Vec<(Connection, Instant)>>,
}

impl Redis {
    /// Takes the address and connects with the first call.
    pub fn new(url: &str) -> Result<Self> {
        let address = url.into_connection_info()?;
        // A command is one small packet that is waited for: nothing is gained by holding it back.
        let settings = address.tcp_settings().clone().set_nodelay(true);
        let client = Client::open(address.set_tcp_settings(settings))?;
        Ok(Self {
            client,
            idle: Mutex::default(),
        })
    }

    /// Sends a command once and reads its answer.
    fn call<T: FromRedisValue>(&self, command: &Cmd) -> Result<T> {
        let mut connection = self.connection()?;
        match command.query(&mut connection) {
            Ok(answer) => {
                self.idle().push((connection, Instant::now()));
                Ok(answer)
            }
            Err(error) => {
                // A late answer must not meet the next command, and what one connection met the others may have met too.
                self.idle().clear();
                Err(error.into())
            }
        }
    }

    fn connection(&self) -> Result<Connection> {
        loop {
            let rested = self.idle().pop();
            match rested {
                Some((connection, since)) if since.elapsed() < RESTED => return Ok(connection),
                Some((mut connection, _)) => {
                    if connection.check_connection() {
                        return Ok(connection);
                    }
                }
                None => break,
            }
        }
        let connection = self.client.get_connection_with_timeout(TIMEOUT)?;
        connection.set_read_timeout(Some(TIMEOUT))?;
        connection.set_write_timeout(Some(TIMEOUT))?;
        Ok(connection)
    }

    /// Connections are pushed and popped whole, so a panic elsewhere does not spoil the list.
    fn idle(&self) -> MutexGuard<'_, Vec<(Connection, Instant)>> {
        self.idle.lock().unwrap_or_else(PoisonError::into_inner)
    }
}

impl Backend for Redis {
    fn get(&self, _store: &str, key: &str) -> Result<Option<Vec<u8>>> {
        self.call(cmd("GET").arg(key))
    }

    fn set(&self, _store: &str, key: &str, value: &[u8]) -> Result<()> {
        self.call(cmd("SET").arg(key).arg(value))
    }

    fn delete(&self, _store: &str, key: &str) -> Result<()> {
        self.call(cmd("DEL").arg(key))
    }

    fn keys(&self, _store: &str) -> Result<Vec<String>> {
        let mut found = BTreeSet::new();
        let mut cursor = 0_u64;
        loop {
            // In pages, because Redis does nothing else while it lists; a page may repeat what another had.
            let (next, page): (u64, Vec<Vec<u8>>) = self.call(cmd("SCAN").arg(cursor).arg("COUNT").arg(PAGE))?;
            // Another tenant of the database may have keys that are no text: they are none of ours.
            found.extend(page.into_iter().filter_map(|key| String::from_utf8(key).ok()));
            if next == 0 {
                return Ok(found.into_iter().collect());
            }
            cursor = next;
        }
    }

    fn increment(&self, _store: &str, key: &str, delta: i64) -> Result<i64> {
        self.call(cmd("INCRBY").arg(key).arg(delta))
            .map_err(|error| match &error {
                Error::Redis(answer) if answer.detail().is_some_and(|text| text.contains("not an integer")) => {
                    Error::NotACounter
                }
                Error::Redis(answer) if answer.detail().is_some_and(|text| text.contains("overflow")) => {
                    Error::Overflow
                }
                _ => error,
            })
    }

    fn swap(&self, _store: &str, key: &str, seen: Option<&[u8]>, value: &[u8]) -> Result<bool> {
        match seen {
            Some(seen) => self.call(cmd("EVAL").arg(SWAP).arg(1).arg(key).arg(seen).arg(value)),
            None => {
                let stored: Option<String> = self.call(cmd("SET").arg(key).arg(value).arg("NX"))?;
                Ok(stored.is_some())
            }
        }
    }
}

#[cfg(test)]
mod tests {
    use super::*;
    use crate::kv;
    use std::io::{Read as _, Write as _};
    use std::net::TcpListener;
    use std::sync::Arc;
    use std::sync::atomic::{AtomicUsize, Ordering};

    /// A server that greets, and that answers no increment: it closes the connection, or keeps silent.
    fn mute(closes: bool) -> (Redis, Arc<AtomicUsize>) {
        let listener = TcpListener::bind("127.0.0.1:0").unwrap();
        let redis = Redis::new(&format!("redis://{}", listener.local_addr().unwrap())).unwrap();
        let increments = Arc::new(AtomicUsize::new(0));
        let seen = increments.clone();
        std::thread::spawn(move || {
            let mut silent = Vec::new();
            for mut stream in listener.incoming().flatten() {
                let mut buffer = [0; 4096];
                while let Ok(length @ 1..) = stream.read(&mut buffer) {
                    let text = String::from_utf8_lossy(&buffer[..length]).into_owned();
                    let (greetings, commands) = (text.matches("SETINFO").count(), text.matches("INCRBY").count());
                    stream.write_all("+OK\r\n".repeat(greetings).as_bytes()).unwrap();
                    if commands > 0 {
                        seen.fetch_add(commands, Ordering::SeqCst);
                        break;
                    }
                }
                if !closes {
                    silent.push(stream);
                }
            }
        });
        (redis, increments)
    }

    #[test]
    fn an_increment_whose_answer_is_lost_is_an_error_and_not_sent_again() {
        let (redis, increments) = mute(true);
        for call in 1..=3 {
            assert!(matches!(redis.increment("default", "n", 1), Err(Error::Redis(_))));
            assert_eq!(increments.load(Ordering::SeqCst), call);
        }
    }

    #[tokio::test]
    async fn a_silent_redis_is_an_error_in_time() {
        let (redis, increments) = mute(false);
        let start = Instant::now();
        let outcome = kv::call(Arc::new(redis), |redis| redis.increment("default", "n", 1)).await;
        assert!(matches!(outcome, Err(Error::Late | Error::Redis(_))), "{outcome:?}");
        assert!(start.elapsed() < Duration::from_secs(3), "{:?}", start.elapsed());
        assert_eq!(increments.load(Ordering::SeqCst), 1);
    }
}
