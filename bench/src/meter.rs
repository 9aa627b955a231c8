//! What another process spends: user and kernel time of all of its threads, and its cycles in user mode.

use std::thread::sleep;
use std::time::Duration;

use anyhow::Result;

/// A process is at rest when it needed less than this in one [`PAUSE`].
const REST: Duration = Duration::from_micros(100);
const PAUSE: Duration = Duration::from_millis(4);
/// Who is still busy after so many pauses is measured as it is.
const PAUSES: usize = 100;

/// What a piece of work cost.
#[derive(Clone, Copy, Debug, Default)]
pub struct Cost {
    /// User and kernel time.
    pub cpu: Duration,
    /// Cycles in user mode, where the kernel lets us count them.
    pub cycles: Option<u64>,
}

/// Watches one process.
pub struct Meter {
    clock: clocks::Clock,
    cycles: Option<clocks::Cycles>,
}

impl Meter {
    /// Watches every thread that the process has now and every one that those will start.
    ///
    /// # Errors
    /// Where there is no such process, or no clock for it (only Linux has one).
    pub fn of(process: u32) -> Result<Self> {
        let cycles = clocks::Cycles::of(process);
        Ok(Self {
            clock: clocks::Clock::of(process)?,
            cycles: cycles.ok(),
        })
    }

    /// Whether cycles are counted.
    pub fn counts_cycles(&self) -> bool {
        self.cycles.is_some()
    }

    /// Does some work and waits until the process rests again: what it does after it has answered belongs to the cost.
    pub fn measure<T>(&mut self, work: impl FnOnce() -> Result<T>) -> Result<(T, Cost)> {
        self.rest()?;
        let before = self.read()?;
        let outcome = work()?;
        self.rest()?;
        let after = self.read()?;
        let cycles = before.cycles.zip(after.cycles);
        let cost = Cost {
            cpu: after.cpu.saturating_sub(before.cpu),
            cycles: cycles.map(|(before, after)| after.saturating_sub(before)),
        };
        Ok((outcome, cost))
    }

    fn read(&mut self) -> Result<Cost> {
        let cycles = self.cycles.as_mut().map(clocks::Cycles::read).transpose()?;
        Ok(Cost {
            cpu: self.clock.read()?,
            cycles,
        })
    }

    fn rest(&self) -> Result<()> {
        let mut last = self.clock.read()?;
        for _ in 0..PAUSES {
            sleep(PAUSE);
            let now = self.clock.read()?;
            if now.saturating_sub(last) < REST {
                break;
            }
            last = now;
        }
        Ok(())
    }
}

#[cfg(target_os = "linux")]
mod clocks {
    use std::fs::read_dir;
    use std::time::Duration;

    use anyhow::{Context, Result};
    use nix::time::{ClockId, clock_getcpuclockid};
    use nix::unistd::Pid;
    use perf_event::events::Hardware;
    use perf_event::{Builder, Counter};

    pub struct Clock(ClockId);

    impl Clock {
        pub fn of(process: u32) -> Result<Self> {
            let process = Pid::from_raw(process.try_into()?);
            Ok(Self(clock_getcpuclockid(process).context("the process has no clock")?))
        }

        pub fn read(&self) -> Result<Duration> {
            Ok(self.0.now()?.into())
        }
    }

    /// A counter for each thread; the kernel adds to it what the threads that it starts count.
    pub struct Cycles(Vec<Counter>);

    impl Cycles {
        pub fn of(process: u32) -> Result<Self> {
            let mut counters = Vec::new();
            for thread in read_dir(format!("/proc/{process}/task"))? {
                let thread: i32 = thread?.file_name().to_string_lossy().parse()?;
                let mut builder = Builder::new().kind(Hardware::CPU_CYCLES).observe_pid(thread);
                builder.inherit(true);
                let mut counter = builder.build()?;
                counter.enable()?;
                counters.push(counter);
            }
            Ok(Self(counters))
        }

        pub fn read(&mut self) -> Result<u64> {
            let mut sum = 0;
            for counter in &mut self.0 {
                sum += counter.read()?;
            }
            Ok(sum)
        }
    }
}

#[cfg(not(target_os = "linux"))]
mod clocks {
    use std::time::Duration;

    use anyhow::{Result, bail};

    pub struct Clock;

    impl Clock {
        pub fn of(_: u32) -> Result<Self> {
            bail!("the clocks of other processes are read as Linux has them: run this on Linux")
        }

        pub fn read(&self) -> Result<Duration> {
            Ok(Duration::ZERO)
        }
    }

    pub struct Cycles;

    impl Cycles {
        pub fn of(_: u32) -> Result<Self> {
            bail!("only Linux counts them")
        }

        pub fn read(&mut self) -> Result<u64> {
            Ok(0)
        }
    }
}

#[cfg(all(test, target_os = "linux"))]
mod tests {
    use super::*;

    #[test]
    fn work_costs_more_than_rest() {
        let mut meter = Meter::of(std::process::id()).unwrap();
        let burn = || Ok((0..20_000_000_u64).fold(1_u64, |sum, n| std::hint::black_box(sum.wrapping_mul(31) ^ n)));
        let (_, worked) = meter.measure(burn).unwrap();
        assert!(worked.cpu > Duration::from_millis(2), "{worked:?}");
        assert!(worked.cycles.is_none_or(|cycles| cycles > 1_000_000), "{worked:?}");
    }
}
