//! The signals that end a command.

use std::future::Future;

use async_signal::{Signal, Signals};
use smol::future::FutureExt;
use smol::stream::StreamExt;

use super::sighup::Sighup;
use crate::cli::exit::Failure;
use crate::runtime::block_on;

/// Runs `work` until SIGINT, SIGTERM, or a SIGHUP that ends the command.
///
/// Then `work` is dropped, which closes its sockets and removes their files.
pub(in crate::cli) fn until_signal(
    sighup: &Sighup,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    block_on(async {
        let mut signals = Signals::new(ending_signals()).map_err(Failure::Signals)?;
        let stopped = async {
            while let Some(Ok(Signal::Hup)) = signals.next().await {
                if sighup.handle().await {
                    break;
                }
            }
            Ok(())
        };
        work.or(stopped).await
    })
}

/// SIGINT, SIGTERM and SIGHUP. `nohup` starts a command with SIGHUP ignored, and it stays so.
pub(super) fn ending_signals() -> impl Iterator<Item = Signal> {
    let all = [Signal::Int, Signal::Term, Signal::Hup];
    let nohup = std::fs::read_to_string("/proc/self/status").is_ok_and(|it| ignores_sighup(&it));
    all.into_iter().filter(move |signal| *signal != Signal::Hup || !nohup)
}

/// Reads the mask of ignored signals in `/proc/self/status`; its lowest bit is signal 1, SIGHUP.
fn ignores_sighup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 != 0)
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn an_ignored_sighup_is_read_from_the_mask() {
        assert!(ignores_sighup("Name:\tsh\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"));
        assert!(!ignores_sighup("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_sighup(""));
    }
}
