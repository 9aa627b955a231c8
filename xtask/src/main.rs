//! `cargo xtask`: every chore of the project, from an empty checkout to a served picture.

mod attack;
mod bench;
mod build;
mod check;
mod fuzz;
mod mutants;
mod process;
mod programs;
mod test;
mod toolchain;
mod tools;
mod up;
#[cfg(test)]
mod walls;
mod workspace;

use std::process::ExitCode;

use clap::{Parser, Subcommand};

/// Build, run, test and check Deckle.
///
/// Start with `cargo xtask up`: it prepares the compiler, builds everything and serves the demo.
#[derive(Parser)]
#[command(name = "cargo xtask", bin_name = "cargo xtask")]
struct Arguments {
    #[command(subcommand)]
    command: Command,
}

#[derive(Subcommand)]
enum Command {
    Toolchain(toolchain::Arguments),
    Build(build::Arguments),
    Up(up::Arguments),
    Test(test::Arguments),
    Check(check::Arguments),
    Attack(attack::Arguments),
    Fuzz(fuzz::Arguments),
    Mutants(mutants::Arguments),
    Bench(bench::Arguments),
}

fn main() -> ExitCode {
    let outcome = match Arguments::parse().command {
        Command::Toolchain(arguments) => toolchain::run(&arguments),
        Command::Build(arguments) => build::run(&arguments),
        Command::Up(arguments) => up::run(&arguments),
        Command::Test(arguments) => test::run(&arguments),
        Command::Check(arguments) => check::run(&arguments),
        Command::Attack(arguments) => attack::run(&arguments),
        Command::Fuzz(arguments) => fuzz::run(&arguments),
        Command::Mutants(arguments) => mutants::run(&arguments),
        Command::Bench(arguments) => bench::run(&arguments),
    };
    match outcome {
        Ok(()) => ExitCode::SUCCESS,
        Err(error) => {
            eprintln!("\nerror: {error:#}");
            ExitCode::FAILURE
        }
    }
}
