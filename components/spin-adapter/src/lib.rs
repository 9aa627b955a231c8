//! What every component does the same way with Spin's interfaces: key-value, the clock, randomness, addresses, answers.
//!
//! Natively it is empty: components are tested against hosts in memory.
#![cfg(target_family = "wasm")]

use std::io::Write as _;

pub mod store;
pub mod wire;

/// Unix milliseconds.
pub fn now() -> u64 {
    let since = std::time::SystemTime::now().duration_since(std::time::UNIX_EPOCH);
    since
        .ok()
        .and_then(|since| u64::try_from(since.as_millis()).ok())
        .unwrap_or(u64::MAX)
}

/// Unpredictable bytes.
pub fn random<const N: usize>() -> [u8; N] {
    let length = u64::try_from(N).unwrap_or(u64::MAX);
    // The host gives as many bytes as were asked for: there is no other case.
    let bytes = spin_sdk::wasip3::random::random::get_random_bytes(length);
    bytes.try_into().unwrap_or([0; N])
}

/// Writes a line to the operator's log. One that cannot be written, on a full disk for example, is lost: `println!` would end the
/// instance, and every request in it.
pub fn log(line: &str) {
    let _ = writeln!(std::io::stdout(), "{line}");
}
