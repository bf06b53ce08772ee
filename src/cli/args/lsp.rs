//! The arguments of `lsp`.

use super::{RoleArg, ThisMachineArgs, TwistedArg};
use crate::check::Options;
use crate::cli::exit::Failure;

#[derive(clap::Args)]
#[command(after_help = "Example:\n  strports lsp --on-this-machine")]
pub(in crate::cli) struct Lsp {
    #[command(flatten)]
    reading: RoleArg,
    #[command(flatten)]
    here: ThisMachineArgs,
    #[command(flatten)]
    twisted: TwistedArg,
    /// Has no effect: standard input and output are always used
    #[arg(long, hide = true)]
    stdio: bool,
}

impl Lsp {
    /// The options of the linter.
    pub(in crate::cli) fn options(&self) -> Result<Options, Failure> {
        let mut options = Options::default();
        options.role = self.reading.role();
        options.twisted = self.twisted.twisted.unwrap_or(options.twisted);
        options.preflight = self.here.preflight()?;
        Ok(options)
    }
}
