//! The commands `completions` and `man`.

use std::ffi::OsString;

use clap::ValueEnum;
use clap_complete::Shell;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports completions bash >strports.bash")]
pub(in crate::cli) struct Completions {
    /// The shell
    pub(in crate::cli) shell: Shell,
}

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports man explain | man -l -")]
pub(in crate::cli) struct Man {
    /// The subcommand to describe
    pub(in crate::cli) subcommand: Option<String>,
}

/// The request of the scripts of `completions`.
#[derive(clap::Args)]
pub(in crate::cli) struct Complete {
    /// The shell that the words come from
    pub(in crate::cli) shell: CompleteFor,
    /// For bash, the line up to the cursor and the characters that end words; for others, the words
    #[arg(last = true)]
    pub(in crate::cli) words: Vec<OsString>,
}

#[derive(Clone, Copy, ValueEnum)]
pub(in crate::cli) enum CompleteFor {
    Bash,
    Zsh,
    Fish,
}
