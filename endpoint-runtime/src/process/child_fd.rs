//! The descriptors of a program, and this process's ends of its pipes.
//!
//! Without a terminal, descriptor 0 of a program is by default a pipe to read from, and 1 is a pipe
//! to write to. Descriptor 2 is what the plan selects for standard error.

use std::collections::BTreeMap;
use std::fs::File;
use std::io;
use std::os::fd::{AsFd, OwnedFd, RawFd};
use std::sync::Arc;

use async_io::Async;
use rustix::fs::{CWD, Mode, OFlags, openat};
use rustix::io::fcntl_dupfd_cloexec;

use super::pipe::Pipe;
use crate::error::Misuse;
use crate::plan::{ProcessSpawn, StandardErrorBehavior};
use crate::reactor::open_async_io;

/// The lowest number above the standard descriptors 0, 1 and 2.
pub(super) const FIRST_FREE: RawFd = 3;

/// The kinds of descriptors that a program can receive.
///
/// # Examples
///
/// Standard error as a stream:
///
/// ```
/// use endpoint_runtime::{ChildFd, client_from_string};
/// use smol::io::AsyncReadExt;
///
/// # smol::block_on(async {
/// let client = client_from_string("process:sh:-c:echo out; echo err >&2")?;
/// let connection = client.with_child_fd(2, ChildFd::Read).connect().await?;
/// let mut stderr = connection.process().unwrap().reader(2).unwrap();
/// let mut text = String::new();
/// stderr.read_to_string(&mut text).await?;
/// assert_eq!(text, "err\n");
/// # Ok::<(), Box<dyn std::error::Error>>(())
/// # }).unwrap();
/// ```
#[derive(Debug)]
#[non_exhaustive]
pub enum ChildFd {
    /// A pipe from which this process reads; `"r"` in Twisted.
    Read,
    /// A pipe to which this process writes; `"w"` in Twisted.
    Write,
    /// A descriptor of this process, which stays open until the last clone of the client is
    /// dropped.
    Inherit(OwnedFd),
    /// `/dev/null`.
    Null,
}

impl<T: Into<OwnedFd>> From<T> for ChildFd {
    fn from(descriptor: T) -> Self {
        Self::Inherit(descriptor.into())
    }
}

/// The descriptors that the caller has set for a program, by their numbers in the program.
#[derive(Clone, Debug, Default)]
pub(crate) struct ChildFds(BTreeMap<RawFd, Arc<ChildFd>>);

impl ChildFds {
    /// Sets the descriptor of this number, and replaces an earlier one.
    pub(crate) fn insert(&mut self, number: RawFd, descriptor: ChildFd) {
        self.0.insert(number, Arc::new(descriptor));
    }

    /// How many descriptors the caller has set.
    pub(crate) fn len(&self) -> usize {
        self.0.len()
    }

    /// Checks the lowest number: negative ones are invalid, and 0 to 2 belong to a terminal.
    ///
    /// Returns `None` if all numbers are valid.
    pub(super) fn misuse(&self, plan: &ProcessSpawn) -> Option<Misuse> {
        let number = *self.0.keys().next()?;
        if number < 0 {
            Some(Misuse::NegativeDescriptor { number })
        } else if plan.use_pty && number < FIRST_FREE {
            Some(Misuse::TerminalDescriptor { number })
        } else {
            None
        }
    }
}

/// The descriptors that were opened for a program to be started, and the other ends of its pipes.
#[derive(Default)]
pub(super) struct Descriptors {
    /// The program's descriptors, by their numbers in the program.
    pub(super) theirs: BTreeMap<RawFd, OwnedFd>,
    /// This process's ends of the pipes, by the numbers of the program's ends.
    pub(super) ours: BTreeMap<RawFd, OurEnd>,
    /// Whether descriptor 2 of the program is a pipe whose lines are logged.
    pub(super) logged: bool,
}

/// This process's end of a pipe to or from a program.
pub(super) struct OurEnd {
    pub(super) pipe: Pipe,
    pub(super) direction: Direction,
}

/// Whether this process reads from the pipe or writes to it.
#[derive(Clone, Copy, Debug, PartialEq, Eq)]
pub(super) enum Direction {
    Read,
    Write,
}

impl Descriptors {
    /// Opens the descriptors of the caller, and defaults for the other standard descriptors.
    ///
    /// An error includes the number of the caller's descriptor, if it concerns one.
    pub(super) fn open(
        plan: &ProcessSpawn,
        set: &ChildFds,
    ) -> Result<Self, (Option<RawFd>, io::Error)> {
        let mut descriptors = Self::default();
        for (number, child_fd) in &set.0 {
            descriptors.add(*number, child_fd).map_err(|error| (Some(*number), error))?;
        }
        // A terminal is used for all three standard descriptors.
        let usual = if plan.use_pty { 0..0 } else { 0..FIRST_FREE };
        for number in usual.filter(|number| !set.0.contains_key(number)) {
            descriptors.add_usual(number, plan.stderr).map_err(|error| (None, error))?;
        }
        Ok(descriptors)
    }

    /// Adds the default of one of the standard descriptors.
    fn add_usual(&mut self, number: RawFd, stderr: StandardErrorBehavior) -> io::Result<()> {
        match (number, stderr) {
            (0, _) => self.add(number, &ChildFd::Write),
            (1, _) => self.add(number, &ChildFd::Read),
            (_, StandardErrorBehavior::Log) => {
                self.logged = true;
                self.add(number, &ChildFd::Read)
            }
            (_, StandardErrorBehavior::Drop) => self.add(number, &ChildFd::Null),
            (_, StandardErrorBehavior::Inherit) => self.pass(number, rustix::stdio::stderr()),
        }
    }

    fn add(&mut self, number: RawFd, child_fd: &ChildFd) -> io::Result<()> {
        match child_fd {
            ChildFd::Read => {
                let (ours, theirs) = pipe()?;
                self.connect(number, ours, Direction::Read, theirs)
            }
            ChildFd::Write => {
                let (theirs, ours) = pipe()?;
                self.connect(number, ours, Direction::Write, theirs)
            }
            ChildFd::Inherit(descriptor) => self.pass(number, descriptor),
            ChildFd::Null => {
                let flags = OFlags::RDWR | OFlags::CLOEXEC;
                self.theirs.insert(number, openat(CWD, c"/dev/null", flags, Mode::empty())?);
                Ok(())
            }
        }
    }

    /// Adds both ends of a pipe. Only this process's end becomes non-blocking: the two ends do not
    /// share flags.
    fn connect(
        &mut self,
        number: RawFd,
        ours: OwnedFd,
        direction: Direction,
        theirs: OwnedFd,
    ) -> io::Result<()> {
        open_async_io()?;
        let pipe = Pipe::new(Async::new(File::from(ours))?);
        self.ours.insert(number, OurEnd { pipe, direction });
        self.theirs.insert(number, theirs);
        Ok(())
    }

    /// Adds a duplicate, so that the caller's descriptor stays open and may be passed again.
    fn pass(&mut self, number: RawFd, descriptor: impl AsFd) -> io::Result<()> {
        self.theirs.insert(number, fcntl_dupfd_cloexec(descriptor, FIRST_FREE)?);
        Ok(())
    }
}

/// Creates a pipe: the end to read, and the end to write.
#[cfg(not(target_vendor = "apple"))]
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    Ok(rustix::pipe::pipe_with(rustix::pipe::PipeFlags::CLOEXEC)?)
}

#[cfg(target_vendor = "apple")]
fn pipe() -> io::Result<(OwnedFd, OwnedFd)> {
    use rustix::io::{FdFlags, fcntl_setfd};
    let (read, write) = rustix::pipe::pipe()?;
    fcntl_setfd(&read, FdFlags::CLOEXEC)?;
    fcntl_setfd(&write, FdFlags::CLOEXEC)?;
    Ok((read, write))
}
