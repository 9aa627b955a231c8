//! Child processes: loud ones that share our terminal, and quiet steps that show only their name and their time.

use std::fs::{self, File};
use std::io::{IsTerminal, Write};
use std::path::Path;
use std::process::{Child, Command, ExitStatus, Stdio};
use std::thread;
use std::time::{Duration, Instant};

use anyhow::{Context, Result, bail};

/// Runs a command on our own terminal. Any exit status but zero is an error.
pub fn run(command: &mut Command) -> Result<()> {
    let status = command
        .status()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !status.success() {
        bail!("{} ended with {status}", shown(command));
    }
    Ok(())
}

/// What a command prints, as text. Any exit status but zero is an error that carries what it said.
pub fn output(command: &mut Command) -> Result<String> {
    let output = command
        .output()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    if !output.status.success() {
        let said = String::from_utf8_lossy(&output.stderr);
        bail!("{} ended with {}: {}", shown(command), output.status, said.trim());
    }
    Ok(String::from_utf8_lossy(&output.stdout).into_owned())
}

/// Runs a command as one named step: its output goes to the file `log`, the terminal sees the name and the seconds.
/// A command still running after `limit` is ended. The error carries the last lines of the log.
pub fn step(name: &str, command: &mut Command, log: &Path, limit: Duration) -> Result<()> {
    let started = Instant::now();
    let written = File::create(log).with_context(|| format!("cannot write {}", log.display()))?;
    command
        .stdin(Stdio::null())
        .stdout(written.try_clone()?)
        .stderr(written);
    let mut child = command
        .spawn()
        .with_context(|| format!("cannot start {}", shown(command)))?;
    let live = std::io::stderr().is_terminal();
    if !live {
        eprintln!("  {name} ...");
    }
    let status = wait(&mut child, started, limit, || {
        if live {
            eprint!("\r  {name} ... {} s", started.elapsed().as_secs());
            let _ = std::io::stderr().flush();
        }
    })?;
    let seconds = started.elapsed().as_secs();
    let outcome = match status {
        Some(status) if status.success() => "done",
        Some(_) => "failed",
        None => "given up",
    };
    eprintln!("{}  {name}: {outcome} after {seconds} s", if live { "\r" } else { "" });
    match status {
        Some(status) if status.success() => Ok(()),
        Some(status) => bail!("{} ended with {status}:\n{}", shown(command), last_lines(log, 12)),
        None => bail!(
            "{} gave no result within {} s:\n{}",
            shown(command),
            limit.as_secs(),
            last_lines(log, 12)
        ),
    }
}

/// Waits for the child, calling `tick` while it runs. `None`: it was ended because its time was up.
fn wait(child: &mut Child, started: Instant, limit: Duration, tick: impl Fn()) -> Result<Option<ExitStatus>> {
    loop {
        if let Some(status) = child.try_wait()? {
            return Ok(Some(status));
        }
        if started.elapsed() >= limit {
            child.kill()?;
            child.wait()?;
            return Ok(None);
        }
        tick();
        thread::sleep(Duration::from_millis(100));
    }
}

/// The program and its arguments as a person would type them.
fn shown(command: &Command) -> String {
    let program = Path::new(command.get_program())
        .file_name()
        .unwrap_or(command.get_program());
    let mut words = vec![program.to_string_lossy().into_owned()];
    words.extend(
        command
            .get_args()
            .map(|argument| argument.to_string_lossy().into_owned()),
    );
    words.join(" ")
}

fn last_lines(file: &Path, count: usize) -> String {
    let text = fs::read_to_string(file).unwrap_or_default();
    let lines: Vec<&str> = text.lines().collect();
    let from = lines.len().saturating_sub(count);
    lines.get(from..).unwrap_or_default().join("\n")
}

#[cfg(test)]
mod tests {
    use super::*;

    fn log(name: &str) -> std::path::PathBuf {
        std::env::temp_dir().join(format!("deckle-xtask-{}-{name}", std::process::id()))
    }

    #[test]
    fn a_step_that_fails_tells_its_last_words() {
        let log = log("fails");
        let mut command = Command::new("sh");
        command.args(["-c", "echo first; echo why >&2; exit 3"]);
        let error = step("failing", &mut command, &log, Duration::from_secs(10))
            .unwrap_err()
            .to_string();
        fs::remove_file(&log).unwrap();
        assert!(
            error.contains("exit status: 3") && error.ends_with("first\nwhy"),
            "{error}"
        );
    }

    #[test]
    fn a_step_is_ended_at_its_limit() {
        let log = log("hangs");
        let started = Instant::now();
        let mut command = Command::new("sleep");
        command.arg("60");
        let error = step("hanging", &mut command, &log, Duration::from_millis(300))
            .unwrap_err()
            .to_string();
        fs::remove_file(&log).unwrap();
        assert!(
            error.contains("gave no result") && started.elapsed() < Duration::from_secs(10),
            "{error}"
        );
    }
}
