//! Programs as connections.
//!
//! A program is started in these steps, each of which may fail without leaving anything behind:
//! 1. find the directory and the program, and put together its arguments and environment;
//! 2. make the pipes or the terminal, and room for the descriptors that it gets under numbers of
//!    its own;
//! 3. fork; what the child does before it executes the program is in `sys::child`;
//! 4. hand the child to its attendant, which logs what it says on standard error, waits for its
//!    end, and brings that about when nobody holds the connection any more.
//!
//! `async-process` is not used: it learns how a child ended by reaping it, after which its number,
//! and that of its group, may belong to others; and it signals the child alone, never the group.

mod child;
mod child_fds;
mod driver;
mod image;
mod lines;
mod log;
mod stream;
mod terminal;

use std::fs::File;
use std::io;
use std::os::fd::{AsRawFd, OwnedFd, RawFd};
use std::os::unix::process::CommandExt;
use std::process::{Child as Started, Command, Stdio};
use std::sync::{Arc, Weak};

use async_io::Async;
use rustix::io::fcntl_dupfd_cloexec;
use rustix::process::Pid;

use self::child::Child;
use self::driver::Seat;
use self::log::Log;
use self::stream::{Input, Pipes};
use self::terminal::Terminal;
use crate::children::Starting;
use crate::error::{EnvironmentProblem, Misuse, Problem, ProcessProblem};
use crate::plan::{ProcessSpawn, StandardErrorBehavior};
use crate::reactor::open_async_io;
use crate::sys::child::{Entry, Step, failed_step};

pub use self::child::ProcessFacts;
pub(crate) use self::child_fds::ChildFds;
pub use self::driver::{hurry_children, wait_for_children};
pub(crate) use self::stream::ProcessStream;
pub use self::terminal::WindowSize;

/// The first number that is no standard descriptor.
const FIRST_FREE: RawFd = 3;

/// Whether a program could be started; nothing is. Blocks.
#[cfg(feature = "__tls")]
pub(crate) fn find(plan: &ProcessSpawn) -> Result<(), Problem> {
    image::prepare(plan).map(|_| ())
}

/// Starts a program. Blocks: the file system may be slow, and the program has replaced us in the
/// child on return.
pub(crate) fn spawn(plan: &ProcessSpawn, child_fds: &ChildFds) -> Result<ProcessStream, Problem> {
    let image = image::prepare(plan)?;
    let start_failed = |error| failure(plan, Step::Start, error);
    let seat = Seat::take().map_err(start_failed)?;
    let mut command = Command::new(&plan.executable);
    if let Some(cwd) = &plan.cwd {
        command.current_dir(cwd);
    }
    let terminal = if plan.use_pty {
        let terminal = put_on_terminal(&mut command, plan);
        Some(terminal.map_err(|error| failure(plan, Step::Terminal, error))?)
    } else {
        put_on_pipes(&mut command, plan.stderr);
        None
    };
    let reserved = reserve(plan, child_fds)?;
    let passed = passed(plan, child_fds)?;
    let entry = Entry { terminal: plan.use_pty, passed, uid: plan.uid, gid: plan.gid, image };
    entry.put_on(&mut command);
    let starting = Starting::new();
    let started = command.spawn().map_err(|error| {
        let (step, error) = failed_step(error);
        failure(plan, step, error)
    })?;
    // The command holds the program's side of the terminal.
    drop((command, reserved));

    let pid = Pid::from_child(&started);
    starting.started(pid);
    let for_facts = terminal.as_ref().map_or_else(Weak::new, Arc::downgrade);
    let (child, facts) = Child::new(pid, plan.executable.clone(), for_facts);
    // From here on dropping `facts` ends the child, whatever fails.
    let attend = child.attend(plan.grace);
    match pipes(started, terminal) {
        Ok((pipes, Some(stderr))) => {
            let log = Log::new(stderr, plan.executable.clone(), facts.pid());
            seat.run(log.follow(attend));
            Ok(ProcessStream::new(pipes, facts))
        }
        Ok((pipes, None)) => {
            seat.run(attend);
            Ok(ProcessStream::new(pipes, facts))
        }
        Err(error) => {
            seat.run(attend);
            Err(start_failed(error))
        }
    }
}

/// The child leads a group of its own in either case; a session is one, too.
fn put_on_terminal(command: &mut Command, plan: &ProcessSpawn) -> io::Result<Arc<Terminal>> {
    let (ours, theirs) = terminal::open(plan.uid)?;
    command.stdin(theirs.try_clone()?).stdout(theirs.try_clone()?).stderr(theirs);
    Ok(Arc::new(ours))
}

fn put_on_pipes(command: &mut Command, stderr: StandardErrorBehavior) {
    command.stdin(Stdio::piped()).stdout(Stdio::piped()).process_group(0);
    command.stderr(match stderr {
        StandardErrorBehavior::Log => Stdio::piped(),
        StandardErrorBehavior::Drop => Stdio::null(),
        StandardErrorBehavior::Inherit => Stdio::inherit(),
    });
}

/// Our ends of what connects us, without standard error and with it.
fn pipes(
    started: Started,
    terminal: Option<Arc<Terminal>>,
) -> io::Result<(Pipes, Option<Async<File>>)> {
    let stderr = started.stderr.map(|pipe| pollable(pipe.into())).transpose()?;
    let pipes = match (terminal, started.stdin, started.stdout) {
        (Some(terminal), ..) => Pipes::Terminal { terminal, input: Input::AtStart, ended: false },
        (None, Some(input), Some(output)) => {
            Pipes::Pair { input: Some(pollable(input.into())?), output: pollable(output.into())? }
        }
        (None, ..) => return Err(io::ErrorKind::BrokenPipe.into()),
    };
    Ok((pipes, stderr))
}

/// Our ends alone become non-blocking: the child has others.
fn pollable(pipe: OwnedFd) -> io::Result<Async<File>> {
    open_async_io()?;
    Async::new(File::from(pipe))
}

/// Takes the numbers of the child's descriptors while the child is made, where they are free.
///
/// std has a descriptor of its own in the child, by which errors come back. Under one of these
/// numbers it would be lost, and a program that cannot be executed would seem to have started.
fn reserve(plan: &ProcessSpawn, child_fds: &ChildFds) -> Result<Vec<OwnedFd>, Problem> {
    let mut reserved = Vec::new();
    for (number, descriptor) in child_fds.iter() {
        if number < FIRST_FREE {
            return Err(Misuse::StandardDescriptor { number }.into());
        }
        let placed = fcntl_dupfd_cloexec(descriptor, number)
            .map_err(|error| descriptor_problem(plan, number, error.into()))?;
        // Another number means that this one is in use here already.
        if placed.as_raw_fd() == number {
            reserved.push(placed);
        }
    }
    Ok(reserved)
}

/// Copies whose numbers are none of the child's: those are all in use by now.
fn passed(plan: &ProcessSpawn, child_fds: &ChildFds) -> Result<Vec<(OwnedFd, RawFd)>, Problem> {
    let copy = |(number, descriptor)| match fcntl_dupfd_cloexec(descriptor, FIRST_FREE) {
        Ok(copy) => Ok((copy, number)),
        Err(error) => Err(descriptor_problem(plan, number, error.into())),
    };
    child_fds.iter().map(copy).collect()
}

fn descriptor_problem(plan: &ProcessSpawn, number: RawFd, error: io::Error) -> Problem {
    let executable = plan.executable.clone();
    EnvironmentProblem::from(ProcessProblem::Descriptor { executable, number, error }).into()
}

/// What went wrong, by the step that it went wrong at.
fn failure(plan: &ProcessSpawn, step: Step, error: io::Error) -> Problem {
    let executable = plan.executable.clone();
    let problem = match step {
        Step::Terminal => ProcessProblem::Terminal { executable, error },
        Step::Identity => ProcessProblem::Identity { uid: plan.uid, gid: plan.gid, error },
        // The file was there a moment ago.
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
    fn becoming_somebody_else_takes_privileges() {
        use rustix::process::{Uid, geteuid};
        use rustix::thread::set_thread_res_uid;
        let refused = |uid, gid| {
            let attempt = move || {
                if geteuid().is_root() {
                    // Of this thread alone.
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
