//! Programs as connections.
//!
//! Starting a program takes these steps, each of which cleans up if it fails:
//! 1. Find the directory and the program, and prepare its arguments and environment.
//! 2. Open its descriptors: pipes or a terminal, and the descriptors of the caller.
//! 3. Fork. `sys::child` has the steps in the child before it executes the program.
//! 4. Start the task of the child, which logs its standard error, waits for its exit, and
//!    terminates it when no handle is left.
//!
//! `async-process` is not used. It reaps a child to get its exit status, after which the process
//! id and the group id may belong to other processes. It also signals only the child and not the
//! group.

mod child;
mod child_fd;
mod driver;
mod handle;
mod image;
mod lines;
mod log;
mod pipe;
mod stream;
mod terminal;
mod wait;

use std::collections::BTreeMap;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::path::PathBuf;
use std::process::{Command, Stdio};
use std::sync::{Arc, Weak};

use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::Pid;

use self::child::Child;
use self::child_fd::{Descriptors, FIRST_FREE};
use self::driver::Seat;
use self::handle::Program;
use self::log::Log;
use self::stream::{Input, Pipes};
use self::terminal::Terminal;
use crate::children::Starting;
use crate::error::{EnvironmentProblem, Problem, ProcessProblem};
use crate::plan::ProcessSpawn;
use crate::sys::child::{Entry, Step, failed_step};

pub use self::child_fd::ChildFd;
pub(crate) use self::child_fd::ChildFds;
pub use self::driver::{end_grace_period, wait_for_children};
pub use self::handle::ProcessHandle;
pub use self::pipe::{ChildReader, ChildWriter};
pub(crate) use self::stream::ProcessStream;
pub use self::terminal::WindowSize;

/// Finds the file of a program without starting it. Blocks.
pub(crate) fn find(plan: &ProcessSpawn) -> Result<PathBuf, Problem> {
    image::prepare(plan).map(|image| image.path())
}

/// Starts a program. Blocks: the file system may be slow, and it waits until the child has executed
/// the program.
pub(crate) fn spawn(plan: &ProcessSpawn, child_fds: &ChildFds) -> Result<ProcessStream, Problem> {
    if let Some(misuse) = child_fds.misuse(plan) {
        return Err(misuse.into());
    }
    let image = image::prepare(plan)?;
    let seat = Seat::take().map_err(|error| failure(plan, Step::Start, error))?;
    let Descriptors { mut theirs, ours, logged } =
        Descriptors::open(plan, child_fds).map_err(|(number, error)| match number {
            Some(number) => descriptor_problem(plan, number, error),
            None => failure(plan, Step::Start, error),
        })?;
    let mut command = Command::new(&plan.executable);
    if let Some(cwd) = &plan.cwd {
        command.current_dir(cwd);
    }
    let terminal = if plan.use_pty {
        let terminal = put_on_terminal(&mut command, plan);
        Some(terminal.map_err(|error| failure(plan, Step::Terminal, error))?)
    } else {
        put_on_descriptors(&mut command, &mut theirs);
        None
    };
    let reserved = reserve(plan, &theirs)?;
    let passed = passed(plan, &theirs)?;
    let entry = Entry { terminal: plan.use_pty, passed, uid: plan.uid, gid: plan.gid, image };
    entry.put_on(&mut command);
    let starting = Starting::new();
    let started = command.spawn().map_err(|error| {
        let (step, error) = failed_step(error);
        failure(plan, step, error)
    })?;
    // The command owns the program's ends of the terminal and of the pipes.
    drop((command, reserved, theirs));

    let pid = Pid::from_child(&started);
    starting.started(pid);
    let program = Program {
        executable: plan.executable.clone(),
        pipes: ours,
        terminal: terminal.as_ref().map_or_else(Weak::new, Arc::downgrade),
    };
    // From now on, dropping `handle` terminates the child.
    let (child, handle) = Child::new(pid, program);
    let attend = child.attend(plan.grace);
    match logged.then(|| handle.reader(2)).flatten() {
        Some(stderr) => {
            let log = Log::new(stderr, plan.executable.clone(), handle.pid());
            seat.run(log.follow(attend));
        }
        None => seat.run(attend),
    }
    let pipes = match terminal {
        Some(terminal) => Pipes::Terminal { terminal, input: Input::AtStart, ended: false },
        None => Pipes::Pair { input: handle.writer(0), output: handle.reader(1) },
    };
    Ok(ProcessStream::new(pipes, handle))
}

/// Connects the standard descriptors of the child to a new terminal, and returns the master side.
///
/// The child then leads its own group, because its new session is also a group.
fn put_on_terminal(command: &mut Command, plan: &ProcessSpawn) -> io::Result<Arc<Terminal>> {
    let (ours, theirs) = terminal::open(plan.uid)?;
    command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
    Ok(Arc::new(ours))
}

/// Connects the child's standard descriptors to those opened for it, and gives it its own group.
fn put_on_descriptors(command: &mut Command, theirs: &mut BTreeMap<RawFd, OwnedFd>) {
    let mut take = |number| theirs.remove(&number).map_or_else(Stdio::null, Stdio::from);
    command.stdin(take(0)).stdout(take(1)).stderr(take(2)).process_group(0);
}

/// Occupies the numbers of the child's descriptors while the child is created, if they are free.
///
/// std opens a descriptor in the child to report errors. If it had one of these numbers, it would
/// be overwritten, and a failure to execute the program would look like success.
fn reserve(
    plan: &ProcessSpawn,
    theirs: &BTreeMap<RawFd, OwnedFd>,
) -> Result<Vec<OwnedFd>, Problem> {
    let mut reserved = Vec::new();
    for (&number, descriptor) in theirs {
        let placed = fcntl_dupfd_cloexec(descriptor, number)
            .map_err(|error| descriptor_problem(plan, number, error.into()))?;
        // A different number means that this one is already in use.
        if placed.as_raw_fd() == number {
            reserved.push(placed);
        }
    }
    Ok(reserved)
}

/// Duplicates the descriptors at numbers that the child does not use: those are now occupied.
///
/// Each duplicate has the number that it gets in the child.
fn passed(
    plan: &ProcessSpawn,
    theirs: &BTreeMap<RawFd, OwnedFd>,
) -> Result<Vec<(OwnedFd, RawFd)>, Problem> {
    let copy = |(&number, descriptor)| match fcntl_dupfd_cloexec(descriptor, FIRST_FREE) {
        Ok(copy) => Ok((copy, number)),
        Err(error) => Err(descriptor_problem(plan, number, error.into())),
    };
    theirs.iter().map(copy).collect()
}

fn descriptor_problem(plan: &ProcessSpawn, number: RawFd, error: io::Error) -> Problem {
    let executable = plan.executable.clone();
    EnvironmentProblem::from(ProcessProblem::Descriptor { executable, number, error }).into()
}

/// The problem for a step of starting the program that failed with `error`.
fn failure(plan: &ProcessSpawn, step: Step, error: io::Error) -> Problem {
    let executable = plan.executable.clone();
    let problem = match step {
        Step::Terminal => ProcessProblem::Terminal { executable, error },
        Step::Identity => ProcessProblem::Identity { uid: plan.uid, gid: plan.gid, error },
        // The program itself was found before, so its interpreter is missing.
        Step::Execute if error.kind() == io::ErrorKind::NotFound => {
            ProcessProblem::NoInterpreter { executable }
        }
        Step::Execute => ProcessProblem::Execute { executable, error },
        Step::Start | Step::Descriptor => ProcessProblem::Start { executable, error },
    };
    EnvironmentProblem::from(problem).into()
}

#[cfg(test)]
mod tests {
    use super::*;

    #[test]
    #[cfg(target_os = "linux")]
    fn changing_the_user_needs_privileges() {
        use rustix::process::{Uid, geteuid};
        use rustix::thread::set_thread_res_uid;
        let refused = |uid, gid| {
            let attempt = move || {
                if geteuid().is_root() {
                    // The user id is that of this thread, so other tests are not affected.
                    let nobody = Uid::from_raw(65534);
                    set_thread_res_uid(nobody, nobody, nobody).unwrap();
                }
                let mut plan = ProcessSpawn::new("/bin/true");
                (plan.uid, plan.gid) = (uid, gid);
                spawn(&plan, &ChildFds::default()).unwrap_err().to_string()
            };
            std::thread::spawn(attempt).join().unwrap()
        };
        let said = |who: &str| format!("cannot become {who}: operation not permitted (os error 1)");
        assert_eq!(refused(Some(0), None), said("user 0"));
        assert_eq!(refused(None, Some(0)), said("group 0"));
        assert_eq!(refused(Some(1), Some(2)), said("user 1 and group 2"));
    }
}
