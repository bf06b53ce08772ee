//! The thread that waits for children, whether or not their connections are polled.
//!
//! There is at most one. It starts with the first child and ends with the last one.
//!
//! Its state is global, because children belong to the process: any thread can wait for any child,
//! `wait_for_children` waits for all of them, and the child of a dropped connection has no other
//! owner.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use smol::Executor;
use smol::channel::{Receiver, Sender, bounded};

use crate::lock::lock;
use crate::reactor::open_async_io;

/// The tasks that wait for children, one for each child.
static TASKS: Executor<'static> = Executor::new();
/// How many children have a task, and whether the thread is running.
static STATE: Mutex<State> = Mutex::new(State { seats: 0, running: false });
/// Notified when the last child has been reaped.
static EMPTY: Condvar = Condvar::new();

struct State {
    /// The number of children, including those that are being started.
    seats: usize,
    running: bool,
}

/// The right to run one task for a child. It is taken before the child is started: if no thread can
/// be created, no child is started either.
pub(super) struct Seat(());

impl Seat {
    /// Reserves a task; returns an error if the system cannot create a thread.
    pub(super) fn take() -> io::Result<Self> {
        // The thread needs async-io, and would panic if there are too few descriptors.
        open_async_io()?;
        let mut state = lock(&STATE);
        if !state.running {
            std::thread::Builder::new().name("endpoint-process".to_owned()).spawn(drive)?;
            state.running = true;
        }
        state.seats += 1;
        Ok(Self(()))
    }

    /// Runs the task of a child on the thread until it completes, and then gives the seat back.
    pub(super) fn run(self, task: impl Future<Output = ()> + Send + 'static) {
        let seated = async move {
            let _seat = self;
            task.await;
        };
        TASKS.spawn(seated).detach();
    }
}

impl Drop for Seat {
    fn drop(&mut self) {
        let mut state = lock(&STATE);
        state.seats -= 1;
        if state.seats == 0 {
            EMPTY.notify_all();
            // If the channel is full, the thread will be woken anyway.
            let _ = last_child_exited().0.try_send(());
        }
    }
}

fn drive() {
    async_io::block_on(TASKS.run(async {
        loop {
            if lock(&STATE).retire() {
                return;
            }
            let _ = last_child_exited().1.recv().await;
        }
    }));
}

impl State {
    /// Marks the thread as ended if no child is left, and returns whether it must end.
    fn retire(&mut self) -> bool {
        self.running = self.seats > 0;
        !self.running
    }
}

/// Ends the grace period of programs whose connections are dropped: they get SIGKILL immediately.
///
/// This applies to the whole process, from now on. A process that must exit soon calls it before
/// [`wait_for_children`].
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), endpoint_runtime::Error> {
/// let client = endpoint_runtime::client_from_string(r"process:sh:-c:trap '' TERM; sleep 1000")?;
/// let connection = smol::block_on(client.connect())?;
/// drop(connection);
/// endpoint_runtime::end_grace_period();
/// endpoint_runtime::wait_for_children();
/// # Ok(())
/// # }
/// ```
pub fn end_grace_period() {
    grace().0.close();
}

/// Waits for a call of [`end_grace_period`].
pub(super) async fn grace_ended() {
    // Nothing is ever sent. `recv` returns once the channel is closed.
    let _ = grace().1.recv().await;
}

pub(super) fn has_grace_ended() -> bool {
    grace().1.is_closed()
}

fn grace() -> &'static (Sender<Infallible>, Receiver<Infallible>) {
    static GRACE: OnceLock<(Sender<Infallible>, Receiver<Infallible>)> = OnceLock::new();
    GRACE.get_or_init(|| bounded(1))
}

/// The channel that wakes the thread when the last child has been reaped.
fn last_child_exited() -> &'static (Sender<()>, Receiver<()>) {
    static CHANNEL: OnceLock<(Sender<()>, Receiver<()>)> = OnceLock::new();
    CHANNEL.get_or_init(|| bounded(1))
}

/// Blocks until no child is left. Programs whose connections are dropped get SIGKILL after their
/// grace period.
///
/// The thread that sends SIGKILL ends with the process, so call this before exiting, after the last
/// connection is dropped. An open connection keeps its program running, and this function waits for
/// it.
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), endpoint_runtime::Error> {
/// let client = endpoint_runtime::client_from_string("process:sleep:1000")?;
/// let connection = smol::block_on(client.connect())?;
/// drop(connection);
/// endpoint_runtime::wait_for_children();
/// # Ok(())
/// # }
/// ```
pub fn wait_for_children() {
    let none = EMPTY.wait_while(lock(&STATE), |state| state.seats > 0);
    drop(none.unwrap_or_else(PoisonError::into_inner));
}
