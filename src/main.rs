//! The command line of winback.

mod cli;

fn main() -> std::process::ExitCode {
    cli::run()
}
