//! Waits for children without reaping them.

use std::process::ExitStatus;

use rustix::io::{Errno, retry_on_intr};
use rustix::process::{Pid, WaitId, WaitIdOptions, waitid};

use crate::children::status;

/// The exit status of a child; `None` while it is running. Does not reap the child.
pub(super) fn look(pid: Pid) -> Result<Option<ExitStatus>, Errno> {
    wait(pid, WaitIdOptions::NOWAIT | WaitIdOptions::NOHANG)
}

/// Waits for the exit of a child: with `NOWAIT` without reaping it, with `NOHANG` without blocking.
pub(super) fn wait(pid: Pid, options: WaitIdOptions) -> Result<Option<ExitStatus>, Errno> {
    let ended = retry_on_intr(|| waitid(WaitId::Pid(pid), options | WaitIdOptions::EXITED))?;
    Ok(ended.map(|ended| status(&ended)))
}

#[cfg(test)]
mod tests {
    use std::os::unix::process::ExitStatusExt;
    use std::process::Command;

    use super::*;

    #[test]
    fn a_status_equals_that_of_std() {
        let script = "ulimit -c 0; kill -ABRT $$";
        let mut started = Command::new("sh").args(["-c", script]).spawn().unwrap();
        let pid = Pid::from_child(&started);
        let ended = wait(pid, WaitIdOptions::NOWAIT).unwrap().unwrap();
        assert_eq!(ended, started.wait().unwrap(), "std reads the same");
        assert_eq!((ended.code(), ended.signal()), (None, Some(6)));
    }
}
