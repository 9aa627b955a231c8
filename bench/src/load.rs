//! Many requests at a time, over connections that stay open.

use std::sync::atomic::{AtomicUsize, Ordering};
use std::thread;
use std::time::Instant;

use anyhow::{Result, anyhow};
use ureq::Agent;

use crate::ours::agent;

/// Connections at a time.
const CONNECTIONS: usize = 16;

/// Clients that each wait for an answer before they ask again.
pub struct Load(Vec<Agent>);

impl Load {
    /// They connect when they first ask.
    pub fn new() -> Self {
        Self((0..CONNECTIONS).map(|_| agent()).collect())
    }

    /// Has requests 0 to `count` made by whoever is free. Gives what all of them came to, summed up, and how many there were a second.
    ///
    /// # Errors
    /// The first one of any of them; the others are made all the same.
    pub fn run(&self, count: usize, request: impl Fn(&Agent, usize) -> Result<usize> + Sync) -> Result<(usize, f64)> {
        let (next, start) = (AtomicUsize::new(0), Instant::now());
        let client = |agent| {
            let mut sum = 0;
            loop {
                let number = next.fetch_add(1, Ordering::Relaxed);
                if number >= count {
                    return Ok(sum);
                }
                sum += request(agent, number)?;
            }
        };
        let sum: Result<usize> = thread::scope(|scope| {
            let clients: Vec<_> = self.0.iter().map(|agent| scope.spawn(|| client(agent))).collect();
            let outcomes = clients
                .into_iter()
                .map(|client| client.join().map_err(|_| anyhow!("a client panicked"))?);
            outcomes.sum()
        });
        Ok((sum?, count as f64 / start.elapsed().as_secs_f64()))
    }
}

#[cfg(test)]
mod tests {
    use std::sync::Mutex;

    use anyhow::ensure;

    use super::*;

    #[test]
    fn every_request_is_made_once_and_counted() {
        let seen = Mutex::new(Vec::new());
        let sum = Load::new().run(100, |_, number| {
            seen.lock().unwrap().push(number);
            Ok(2)
        });
        let mut seen = seen.into_inner().unwrap();
        seen.sort_unstable();
        assert_eq!((sum.unwrap().0, seen), (200, (0..100).collect()));
    }

    #[test]
    fn a_failure_is_told() {
        let refuse_one = |_: &Agent, number: usize| {
            ensure!(number != 7, "the seventh");
            Ok(1)
        };
        assert_eq!(Load::new().run(20, refuse_one).unwrap_err().to_string(), "the seventh");
    }
}
