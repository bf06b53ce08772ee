//! The command `strports`; [`strports::cli`] is all of it.

use std::process::ExitCode;

fn main() -> ExitCode {
    strports::cli::Cli::of_process().run(std::env::args_os()).into()
}
