//! The thread that attends to children, whether their connections are polled or not.
//!
//! There is at most one; it starts with the first child and ends with the last one.
//!
//! Its state belongs to the process. Children do, too: the end of any of them can be waited for by
//! any thread, `wait_for_children` waits for all of them, and a connection that is dropped has no
//! other owner to leave its child to.

use std::convert::Infallible;
use std::future::Future;
use std::io;
use std::sync::{Condvar, Mutex, OnceLock, PoisonError};

use smol::Executor;
use smol::channel::{Receiver, Sender, bounded};

use crate::lock::lock;

/// Follows each child until it is reaped.
static TASKS: Executor<'static> = Executor::new();
/// How many children there are, and whether the thread runs.
static STATE: Mutex<State> = Mutex::new(State { seats: 0, running: false });
/// Notified when the last child has ended.
static EMPTY: Condvar = Condvar::new();

struct State {
    /// How many children there are, those that are being started included.
    seats: usize,
    running: bool,
}

/// The right to have one task run; taken before a child is started, so that none is left without.
pub(super) struct Seat(());

impl Seat {
    /// Fails where the system has no room for a thread.
    pub(super) fn take() -> io::Result<Self> {
        let mut state = lock(&STATE);
        if !state.running {
            std::thread::Builder::new().name("endpoint-process".to_owned()).spawn(drive)?;
            state.running = true;
        }
        state.seats += 1;
        Ok(Self(()))
    }

    /// Runs the task to its end, on the thread.
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
            // A full channel has the same news.
            let _ = gone().0.try_send(());
        }
    }
}

fn drive() {
    async_io::block_on(TASKS.run(async {
        loop {
            if lock(&STATE).retire() {
                return;
            }
            let _ = gone().1.recv().await;
        }
    }));
}

impl State {
    fn retire(&mut self) -> bool {
        self.running = self.seats > 0;
        !self.running
    }
}

/// Gives programs whose connections are dropped no more time, from now on and in the whole process:
/// programs that have not ended get SIGKILL.
///
/// For a process that is to end at once, before [`wait_for_children`].
///
/// # Examples
///
/// ```
/// # fn main() -> Result<(), endpoint_runtime::Error> {
/// let client = endpoint_runtime::client_from_string(r"process:sh:-c:trap '' TERM; sleep 1000")?;
/// let connection = smol::block_on(client.connect())?;
/// drop(connection);
/// endpoint_runtime::hurry_children();
/// endpoint_runtime::wait_for_children();
/// # Ok(())
/// # }
/// ```
pub fn hurry_children() {
    hurry().0.close();
}

/// Waits until there is no more time.
pub(super) async fn hurried() {
    // Nothing is ever sent.
    let _ = hurry().1.recv().await;
}

pub(super) fn is_hurried() -> bool {
    hurry().1.is_closed()
}

fn hurry() -> &'static (Sender<Infallible>, Receiver<Infallible>) {
    static HURRY: OnceLock<(Sender<Infallible>, Receiver<Infallible>)> = OnceLock::new();
    HURRY.get_or_init(|| bounded(1))
}

/// Notifies the tasks that wait for the last child.
fn gone() -> &'static (Sender<()>, Receiver<()>) {
    static GONE: OnceLock<(Sender<()>, Receiver<()>)> = OnceLock::new();
    GONE.get_or_init(|| bounded(1))
}

/// Blocks until no child is left: those whose connections are dropped get their time to end, and
/// SIGKILL then.
///
/// A program that ends takes the thread along that would send SIGKILL, so it calls this last, with
/// no connection left: a connection that lives on keeps its program, and this waits for both.
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
