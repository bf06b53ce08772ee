//! The command `strports`, which is [`strports::cli`].

use std::process::ExitCode;

fn main() -> ExitCode {
    strports::cli::Cli::from_process().run(std::env::args_os()).into()
}
