//! What a shell and `man` are told of the command: `completions` and `man`.

use clap_complete::Shell;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports completions bash >strports.bash")]
pub(in crate::cli) struct Completions {
    /// Which shell
    pub(in crate::cli) shell: Shell,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports man explain | man -l -")]
pub(in crate::cli) struct Man {
    /// The page of this subcommand
    pub(in crate::cli) subcommand: Option<String>,
}
