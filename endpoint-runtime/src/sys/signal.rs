//! What a signal does to this process.

use std::mem::MaybeUninit;
use std::ptr;

/// Whether writing to a closed connection kills the process (`SIGPIPE`), instead of returning an
/// error.
///
/// Rust programs ignore the signal, but programs that load this crate as a library may not.
pub(crate) fn broken_pipe_kills() -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action the call changes nothing. It writes the current action to
    // `action`, which has room for it.
    if unsafe { libc::sigaction(libc::SIGPIPE, ptr::null(), action.as_mut_ptr()) } != 0 {
        return true;
    }
    // SAFETY: the call succeeded, so it has initialized `action`.
    let action = unsafe { action.assume_init() };
    action.sa_sigaction == libc::SIG_DFL
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    fn programs_in_rust_outlive_a_broken_pipe() {
        assert!(!broken_pipe_kills());
    }
}
