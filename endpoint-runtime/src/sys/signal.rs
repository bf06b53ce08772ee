//! What signals do to this process.

use std::mem::MaybeUninit;
use std::ptr;

/// Whether writing to a connection that is gone ends the process (`SIGPIPE`), instead of being an
/// error.
///
/// Programs in Rust ignore the signal, and those that load this as a library may not.
pub(crate) fn broken_pipe_kills() -> bool {
    let mut action = MaybeUninit::<libc::sigaction>::uninit();
    // SAFETY: without a new action the call changes nothing, and writes the present one where there
    // is room for it.
    if unsafe { libc::sigaction(libc::SIGPIPE, ptr::null(), action.as_mut_ptr()) } != 0 {
        return true;
    }
    // SAFETY: the call has succeeded, and so has written it.
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
