//! The code that runs in a child process between fork and exec.
//!
//! The child is a copy of a single thread. Another thread of the parent may have held a lock that
//! the copy can never acquire. The child must therefore not allocate, and may only make system
//! calls. Everything that it needs is created before the fork.
//!
//! std would execute the program with `execvp`, which passes files that are not programs to
//! `/bin/sh`. Here, a shell runs only if the caller requests it.

use std::ffi::{CString, OsStr, c_char};
use std::io;
use std::mem::ManuallyDrop;
use std::os::fd::{AsFd, FromRawFd, OwnedFd, RawFd};
use std::os::unix::ffi::OsStrExt;
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::Command;
use std::ptr;

use rustix::io::Errno;
use rustix::process::Pid;

/// What a child does before it executes its program, in this order.
///
/// std has set its standard descriptors and its directory before.
pub(crate) struct Entry {
    /// Whether standard input becomes the controlling terminal of a new session.
    pub(crate) terminal: bool,
    /// Descriptors, each with its number in the child. No open descriptor has one of these numbers.
    pub(crate) passed: Vec<(OwnedFd, RawFd)>,
    /// The user id to set; `None` keeps that of the parent.
    pub(crate) uid: Option<u32>,
    /// The group id to set; `None` keeps that of the parent.
    pub(crate) gid: Option<u32>,
    /// The program to execute.
    pub(crate) image: Image,
}

/// The steps of starting a child that can fail, for error messages.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(crate) enum Step {
    /// Creating the process, setting its standard descriptors, or entering its directory.
    Start,
    /// Setting the controlling terminal.
    Terminal,
    /// Giving a passed descriptor its number in the child.
    Descriptor,
    /// Setting the groups, the group and the user.
    Identity,
    /// Executing the program.
    Execute,
}

/// The steps by their numbers.
///
/// std passes only an error code from the child to the parent. Its high half has the number of
/// the failed step.
const STEPS: [Step; 5] =
    [Step::Start, Step::Terminal, Step::Descriptor, Step::Identity, Step::Execute];
/// By how many bits the number of the step is shifted: error codes are smaller than this.
const STEP_SHIFT: u32 = 16;

impl Entry {
    /// Makes every child that the command starts run these steps.
    pub(crate) fn put_on(mut self, command: &mut Command) {
        // SAFETY: between fork and exec, `enter` neither allocates nor takes a lock: everything it
        // reads was created before the fork, and it makes only system calls.
        unsafe { command.pre_exec(move || Err(self.enter())) };
    }

    /// Runs the steps and executes the program. Returns only if a step fails.
    fn enter(&mut self) -> io::Error {
        let tried = self
            .take_terminal()
            .map_err(|error| (Step::Terminal, error))
            .and_then(|()| self.keep_only_passed().map_err(|error| (Step::Descriptor, error)))
            .and_then(|()| self.change_identity().map_err(|error| (Step::Identity, error)));
        let (step, error) = match tried {
            Ok(()) => (Step::Execute, self.image.execute()),
            Err(failed) => failed,
        };
        let number = STEPS.iter().position(|known| *known == step).unwrap_or_default();
        let number = i32::try_from(number).unwrap_or_default();
        io::Error::from_raw_os_error(error.raw_os_error() | (number << STEP_SHIFT))
    }

    /// Makes standard input the controlling terminal of a new session, if that is requested.
    fn take_terminal(&self) -> Result<(), Errno> {
        if self.terminal {
            rustix::process::setsid()?;
            rustix::process::ioctl_tiocsctty(rustix::stdio::stdin())?;
        }
        Ok(())
    }

    /// Moves the passed descriptors to their numbers, and lets exec close all others.
    ///
    /// Other code, or the parent of this process, may have left some without close-on-exec.
    fn keep_only_passed(&self) -> Result<(), Errno> {
        close_others_on_exec();
        for (descriptor, number) in &self.passed {
            // SAFETY: the child has one thread, so no other owner of the number exists, and
            // `ManuallyDrop` keeps the descriptor open.
            let mut target = ManuallyDrop::new(unsafe { OwnedFd::from_raw_fd(*number) });
            rustix::io::dup2(descriptor.as_fd(), &mut target)?;
        }
        Ok(())
    }

    /// Sets the group and then the user, if one is given: setting the user removes the privilege to
    /// set groups.
    fn change_identity(&self) -> Result<(), Errno> {
        if self.uid.is_none() && self.gid.is_none() {
            return Ok(());
        }
        set_identity(self.uid, self.gid)
    }
}

#[cfg(target_os = "linux")]
fn set_identity(uid: Option<u32>, gid: Option<u32>) -> Result<(), Errno> {
    use rustix::process::{Gid, Uid};
    use rustix::thread::{set_thread_groups, set_thread_res_gid, set_thread_res_uid};
    // These calls affect only one thread, and the child has only one.
    set_thread_groups(&[])?;
    if let Some(gid) = gid {
        let gid = valid(gid).map(Gid::from_raw)?;
        set_thread_res_gid(gid, gid, gid)?;
    }
    if let Some(uid) = uid {
        let uid = valid(uid).map(Uid::from_raw)?;
        set_thread_res_uid(uid, uid, uid)?;
    }
    Ok(())
}

/// Returns an error for the id -1, which the system calls read as "leave it unchanged".
#[cfg(target_os = "linux")]
fn valid(id: u32) -> Result<u32, Errno> {
    if id == u32::MAX { Err(Errno::INVAL) } else { Ok(id) }
}

#[cfg(not(target_os = "linux"))]
fn set_identity(uid: Option<u32>, gid: Option<u32>) -> Result<(), Errno> {
    let done = |result: i32| if result == 0 { Ok(()) } else { Err(last_error()) };
    // SAFETY: the count is zero, so `setgroups` does not read the pointer.
    done(unsafe { libc::setgroups(0, ptr::null()) })?;
    if let Some(gid) = gid {
        // SAFETY: `setgid` takes a number and accesses no memory of this process.
        done(unsafe { libc::setgid(gid) })?;
    }
    if let Some(uid) = uid {
        // SAFETY: `setuid` takes a number and accesses no memory of this process.
        done(unsafe { libc::setuid(uid) })?;
    }
    Ok(())
}

/// Sets close-on-exec on all descriptors from 3. On systems without the call (Linux before 5.11),
/// descriptors without `O_CLOEXEC` stay open.
#[cfg(target_os = "linux")]
fn close_others_on_exec() {
    const FIRST: libc::c_uint = 3;
    const CLOSE_RANGE_CLOEXEC: libc::c_uint = 4;
    // SAFETY: the call takes three numbers. It closes no descriptor before exec, so every owner
    // keeps its open descriptor.
    unsafe {
        libc::syscall(libc::SYS_close_range, FIRST, libc::c_uint::MAX, CLOSE_RANGE_CLOEXEC);
    }
}

#[cfg(not(target_os = "linux"))]
fn close_others_on_exec() {}

/// A program with its arguments and environment, in the form that the system takes.
pub(crate) struct Image {
    program: CString,
    argv: Strings,
    envp: Strings,
}

impl Image {
    pub(crate) fn new(program: CString, args: Vec<CString>, env: Vec<CString>) -> Self {
        Self { program, argv: Strings::new(args), envp: Strings::new(env) }
    }

    /// The path of the file to execute.
    pub(crate) fn path(&self) -> PathBuf {
        OsStr::from_bytes(self.program.as_bytes()).into()
    }

    /// Executes the program. Returns only if that fails.
    fn execute(&self) -> Errno {
        // SAFETY: the arguments are a string that ends in NUL, and two lists of such strings that
        // end in a null pointer. `self` owns all of them, and is borrowed until the call returns.
        unsafe {
            libc::execve(self.program.as_ptr(), self.argv.as_ptr(), self.envp.as_ptr());
        }
        last_error()
    }
}

/// Sends a signal to a process, by number: real-time signals have no names.
pub(crate) fn send_signal(pid: Pid, signal: i32) -> Result<(), Errno> {
    // SAFETY: `kill` takes two numbers and accesses no memory of this process; the system rejects
    // invalid numbers.
    match unsafe { libc::kill(pid.as_raw_nonzero().get(), signal) } {
        0 => Ok(()),
        _ => Err(last_error()),
    }
}

/// The error of the last call of the C library on this thread.
fn last_error() -> Errno {
    Errno::from_io_error(&io::Error::last_os_error()).unwrap_or(Errno::IO)
}

/// Strings for `execve`, with pointers to them that were created before the fork.
struct Strings {
    /// A pointer to each string, and a null pointer at the end.
    pointers: Vec<*const c_char>,
    _owned: Vec<CString>,
}

// SAFETY: the pointers lead to strings on the heap that `self` owns and moves with it. Nothing
// writes through them.
unsafe impl Send for Strings {}
// SAFETY: as for `Send`; shared access only reads.
unsafe impl Sync for Strings {}

impl Strings {
    fn new(owned: Vec<CString>) -> Self {
        let pointers = owned.iter().map(|text| text.as_ptr()).chain([ptr::null()]).collect();
        Self { pointers, _owned: owned }
    }

    fn as_ptr(&self) -> *const *const c_char {
        self.pointers.as_ptr()
    }
}

/// Splits the error code from the child into the failed step and the error from the operating
/// system.
pub(crate) fn failed_step(error: io::Error) -> (Step, io::Error) {
    let Some(code) = error.raw_os_error() else { return (Step::Start, error) };
    let step = usize::try_from(code >> STEP_SHIFT).ok().and_then(|number| STEPS.get(number));
    let code = code & ((1 << STEP_SHIFT) - 1);
    (step.copied().unwrap_or(Step::Start), io::Error::from_raw_os_error(code))
}

#[cfg(test)]
mod tests {
    use std::io::Read;
    use std::os::fd::AsRawFd;
    use std::os::unix::net::UnixStream;
    use std::process::Stdio;

    use rustix::io::{FdFlags, fcntl_setfd};

    use super::*;

    fn strings<const N: usize>(texts: [&str; N]) -> Vec<CString> {
        texts.map(|text| CString::new(text).unwrap()).into()
    }

    fn entry<const N: usize>(args: [&str; N]) -> Entry {
        let image = Image::new(
            CString::new(args[0]).unwrap(),
            strings(args),
            strings(["A=1", "PATH=/bin:/usr/bin"]),
        );
        Entry { terminal: false, passed: Vec::new(), uid: None, gid: None, image }
    }

    fn output(entry: Entry) -> Result<String, (Step, io::Error)> {
        let mut command = Command::new("/");
        entry.put_on(&mut command);
        let output = command.stderr(Stdio::inherit()).output().map_err(failed_step)?;
        Ok(String::from_utf8(output.stdout).unwrap())
    }

    #[track_caller]
    fn fails_at(entry: Entry, step: Step, error: Errno) {
        let (at, said) = output(entry).unwrap_err();
        assert_eq!((at, said.raw_os_error()), (step, Some(error.raw_os_error())));
    }

    #[test]
    fn a_program_gets_its_arguments_and_its_environment() {
        let shown = output(entry(["/bin/sh", "-c", "echo \"$0 $1 $A\"", "a b", "c"])).unwrap();
        assert_eq!(shown, "a b c 1\n");
        assert_eq!(output(entry(["/usr/bin/env"])).unwrap(), "A=1\nPATH=/bin:/usr/bin\n");
    }

    #[test]
    fn the_step_that_failed_is_known() {
        fails_at(entry(["/absent"]), Step::Execute, Errno::NOENT);
        fails_at(entry(["/"]), Step::Execute, Errno::ACCESS);
        // Standard input is not a terminal: `output` sets it to /dev/null.
        let on_terminal = Entry { terminal: true, ..entry(["/bin/true"]) };
        fails_at(on_terminal, Step::Terminal, Errno::NOTTY);
        let beyond = OwnedFd::from(UnixStream::pair().unwrap().0);
        let passed = vec![(beyond, i32::MAX)];
        let too_far = Entry { passed, ..entry(["/bin/true"]) };
        fails_at(too_far, Step::Descriptor, Errno::BADF);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn minus_one_is_not_a_user_or_group() {
        let (uid, gid) = (Some(u32::MAX), Some(u32::MAX));
        let error = if rustix::process::geteuid().is_root() { Errno::INVAL } else { Errno::PERM };
        fails_at(Entry { uid, ..entry(["/bin/true"]) }, Step::Identity, error);
        fails_at(Entry { gid, ..entry(["/bin/true"]) }, Step::Identity, error);
    }

    #[test]
    #[cfg(target_os = "linux")]
    fn a_descriptor_arrives_under_its_number_and_others_do_not() {
        let (mut ours, theirs) = UnixStream::pair().unwrap();
        let stray = UnixStream::pair().unwrap().0;
        fcntl_setfd(&stray, FdFlags::empty()).unwrap();
        let script = format!("test -e /proc/self/fd/{} || echo x >&77", stray.as_raw_fd());
        let mut passing = entry(["/bin/bash", "-c", &script]);
        passing.passed.push((theirs.into(), 77));
        output(passing).unwrap();
        let mut said = String::new();
        ours.read_to_string(&mut said).unwrap();
        assert_eq!(said, "x\n");
    }
}
