//! Catches the signals that end or reload a command.

use std::future::Future;
use std::io;
use std::mem;
use std::pin::Pin;
use std::task::{Context, Poll};

use async_signal::{Signal, Signals};
use smol::future::{FutureExt, poll_fn};
use smol::stream::Stream;

use super::sighup::Sighup;
use crate::cli::exit::Failure;
use crate::runtime::{block_on, open_async_io};

/// Runs `work` until it ends, or until SIGINT, SIGTERM, or a SIGHUP that ends the command.
///
/// A signal drops `work`, which closes its sockets and removes their files, and is no failure.
pub(in crate::cli) fn until_signal(
    sighup: &Sighup,
    work: impl Future<Output = Result<(), Failure>>,
) -> Result<(), Failure> {
    block_on(async {
        let signals = catch(ending_signals()).map_err(Failure::Signals)?;
        let mut requests = Requests::new(signals, || sighup.handle());
        let stopped = async {
            requests.next().await;
            Ok(())
        };
        work.or(stopped).await
    })
}

/// Catches these signals from now on; the stream yields each signal that arrives.
///
/// Fails if no descriptors are left; async-io itself would panic then.
pub(super) fn catch(signals: impl IntoIterator<Item = Signal>) -> io::Result<Signals> {
    open_async_io()?;
    Signals::new(signals)
}

/// What a signal requests of a command.
#[derive(Debug, PartialEq, Eq)]
pub(super) enum Request {
    /// A signal other than SIGHUP; the command decides what it does.
    Signal(Signal),
    /// A SIGHUP that must end the command, because its terminal was closed or nothing can be
    /// reloaded.
    HangUp,
}

/// Receives signals, and reloads certificates at SIGHUP while it waits for the next signal.
///
/// A file system that does not respond delays only the reload, and no other signal.
pub(super) struct Requests<S, F, R> {
    signals: S,
    /// Starts a reload; its future returns whether the command must end.
    reload: F,
    reloading: Option<Pin<Box<R>>>,
    /// Whether SIGHUP arrived during a reload, so that another reload must follow.
    reloads_again: bool,
}

impl<S, F, R> Requests<S, F, R>
where
    S: Stream<Item = io::Result<Signal>> + Unpin,
    F: Fn() -> R,
    R: Future<Output = bool>,
{
    pub(super) fn new(signals: S, reload: F) -> Self {
        Self { signals, reload, reloading: None, reloads_again: false }
    }

    /// Waits for the next request; `None` if signals cannot be received any more.
    pub(super) async fn next(&mut self) -> Option<Request> {
        poll_fn(|cx| self.poll_next(cx)).await
    }

    fn poll_next(&mut self, cx: &mut Context<'_>) -> Poll<Option<Request>> {
        loop {
            if let Some(reloading) = &mut self.reloading
                && let Poll::Ready(ends) = reloading.as_mut().poll(cx)
            {
                let again = mem::take(&mut self.reloads_again);
                self.reloading = (again && !ends).then(|| Box::pin((self.reload)()));
                if ends {
                    return Poll::Ready(Some(Request::HangUp));
                }
                continue;
            }
            match Pin::new(&mut self.signals).poll_next(cx) {
                Poll::Pending => return Poll::Pending,
                Poll::Ready(Some(Ok(Signal::Hup))) if self.reloading.is_some() => {
                    self.reloads_again = true;
                }
                Poll::Ready(Some(Ok(Signal::Hup))) => {
                    self.reloading = Some(Box::pin((self.reload)()));
                }
                Poll::Ready(Some(Ok(signal))) => {
                    return Poll::Ready(Some(Request::Signal(signal)));
                }
                Poll::Ready(Some(Err(_)) | None) => return Poll::Ready(None),
            }
        }
    }
}

/// Returns SIGINT, SIGTERM, and SIGHUP unless it is ignored, as `nohup` starts a command.
pub(super) fn ending_signals() -> impl Iterator<Item = Signal> {
    let all = [Signal::Int, Signal::Term, Signal::Hup];
    let nohup = std::fs::read_to_string("/proc/self/status").is_ok_and(|it| ignores_sighup(&it));
    all.into_iter().filter(move |signal| *signal != Signal::Hup || !nohup)
}

/// Whether `/proc/self/status` says that SIGHUP is ignored. `SigIgn` is a hexadecimal mask whose
/// lowest bit is signal 1, SIGHUP.
fn ignores_sighup(status: &str) -> bool {
    let mask = status.lines().find_map(|line| line.strip_prefix("SigIgn:"));
    let mask = mask.and_then(|mask| u64::from_str_radix(mask.trim(), 16).ok());
    mask.is_some_and(|mask| mask & 1 != 0)
}

#[cfg(test)]
mod tests {
    use std::cell::Cell;

    use smol::channel::bounded;
    use smol::stream::{StreamExt, iter};

    use super::*;

    #[test]
    fn a_reload_that_hangs_delays_no_signal() {
        let reloads = Cell::new(0);
        let (release, hang) = bounded::<bool>(1);
        let signals = [Signal::Hup, Signal::Hup, Signal::Hup, Signal::Term, Signal::Int];
        let signals = Box::pin(iter(signals.map(Ok)).chain(smol::stream::pending()));
        let mut requests = Requests::new(signals, || async {
            reloads.set(reloads.get() + 1);
            hang.recv().await.unwrap()
        });
        let mut next = || smol::block_on(requests.next());
        assert_eq!(next(), Some(Request::Signal(Signal::Term)));
        assert_eq!(next(), Some(Request::Signal(Signal::Int)));
        assert_eq!(reloads.get(), 1);
        // SIGHUP during the reload causes another one, whose result ends the command.
        release.try_send(false).unwrap();
        let ends = async {
            release.send(true).await.unwrap();
            smol::future::pending().await
        };
        assert_eq!(smol::block_on(requests.next().or(ends)), Some(Request::HangUp));
        assert_eq!(reloads.get(), 2);
    }

    #[test]
    fn an_ignored_sighup_is_read_from_the_mask() {
        assert!(ignores_sighup("Name:\tsh\nSigIgn:\t0000000000001001\nSigCgt:\t0\n"));
        assert!(!ignores_sighup("SigBlk:\t0000000000000001\nSigIgn:\t0000000000001000\n"));
        assert!(!ignores_sighup(""));
    }
}
