//! The options that make lints look at this machine.

#[cfg(feature = "__tls")]
use std::sync::Arc;
#[cfg(feature = "__tls")]
use std::time::Duration;

use crate::check::Preflight;
use crate::cli::exit::Failure;

/// Whether to check the files of this machine too.
#[derive(clap::Args)]
pub(in crate::cli) struct ThisMachineArgs {
    /// Check whether the files in descriptions exist on this machine, and check certificates and
    /// keys
    #[arg(long, hide = cfg!(not(feature = "__tls")))]
    on_this_machine: bool,
    /// Report certificates that expire within this number of days, instead of 14 or a quarter of
    /// their validity
    #[arg(
        long,
        value_name = "DAYS",
        requires = "on_this_machine",
        hide = cfg!(not(feature = "__tls")),
    )]
    expires_within: Option<u16>,
}

impl ThisMachineArgs {
    /// Returns the options of the checks of this machine, if they were requested.
    #[cfg(feature = "__tls")]
    #[expect(clippy::unnecessary_wraps, reason = "a build without TLS returns errors")]
    pub(in crate::cli) fn preflight(&self) -> Result<Option<Preflight>, Failure> {
        const DAY: Duration = Duration::from_secs(24 * 60 * 60);
        if !self.on_this_machine {
            return Ok(None);
        }
        let preflight = Preflight::new(Arc::new(crate::runtime::ThisMachine::default()));
        Ok(Some(match self.expires_within {
            Some(days) => preflight.with_expiry(DAY * u32::from(days)),
            None => preflight,
        }))
    }

    /// Returns an error if checks of this machine were requested: without TLS, certificates cannot
    /// be read.
    #[cfg(not(feature = "__tls"))]
    pub(in crate::cli) fn preflight(&self) -> Result<Option<Preflight>, Failure> {
        if !self.on_this_machine {
            return Ok(None);
        }
        Err(super::needs_tls::needs_tls("--on-this-machine"))
    }
}
