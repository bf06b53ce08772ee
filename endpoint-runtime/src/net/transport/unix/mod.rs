//! UNIX sockets. They never have more permissions than planned, and only sockets of this process
//! are removed.
//!
//! To listen on a path, a server takes these steps. If one fails, no files are left behind.
//! 1. Take the lock, if the plan has one.
//! 2. Inspect the path. Only an unused socket is removed, and only under the lock.
//! 3. Restrict the socket itself with fchmod, because bind creates the file with the mode of the
//!    socket minus the umask.
//! 4. Bind, and record the identity of the new file.
//! 5. Add the permissions that the umask removed, and set the owner.
//! 6. Listen. No client can connect before.
//!
//! Only Linux uses the mode of the socket. On other systems, steps 3 to 5 bind in a private
//! directory, set the mode, link the file to its path, and set the owner.

pub(crate) mod lockfile;
mod narrow;
mod own_locks;
mod owner;
mod ownership;
mod socket_file;

use std::io;
use std::os::unix::net::{SocketAddr, UnixListener, UnixStream};
use std::path::{Path, PathBuf};
use std::time::Duration;

use rustix::fd::OwnedFd;
use rustix::fs::{Access, AtFlags, CWD, Mode, RawMode, accessat, statat, unlink};
use rustix::io::Errno;
use rustix::net::{AddressFamily, SocketAddrUnix, SocketType, bind, connect, listen};

use self::lockfile::{LockFile, drive_acquire, has_holder};
use self::narrow::bind_narrow;
use self::owner::Owner;
pub(crate) use self::ownership::Ownership;
use self::socket_file::{Rights, SocketFile, failed, is_socket};
use crate::address::Address;
use crate::error::{Attempt, EnvironmentProblem, Operation, PeerProblem, Problem};
use crate::plan::{UnixConnect, UnixListen, UnixName};
use crate::proto::backoff::Backoff;
use crate::reactor::{Async, Timer};
use crate::reserve::with_reserve;
use crate::sys::socket::new_socket;

/// The files that a server created. Dropping it removes the socket first, then its lock.
#[derive(Debug)]
pub(crate) struct Claim {
    /// The planned name, to which clients connect.
    name: UnixName,
    socket: SocketFile,
    lock: Option<LockFile>,
}

impl Claim {
    /// Returns the files that a previous process created for an inherited socket. This process owns
    /// them once `ownership` says so.
    pub(crate) fn taken_over(
        plan: &UnixListen,
        ownership: Ownership,
    ) -> Result<Option<Self>, Problem> {
        let Some(path) = plan.name.as_path() else { return Ok(None) };
        let lock = match plan.name.lock_path() {
            Some(lock) if plan.lockfile => {
                Some(LockFile::taken_over(absolute(lock), ownership.clone())?)
            }
            _ => None,
        };
        let socket = SocketFile::made(absolute(path.to_owned()), ownership)?;
        Ok(Some(Self { name: plan.name.clone(), socket, lock }))
    }

    /// The address of the socket. The kernel may report the name with which it was first bound.
    pub(crate) fn address(&self) -> Address {
        Address::Unix(self.name.clone())
    }

    /// Returns the path of the lock file, if any.
    pub(crate) fn lock_path(&self) -> Option<PathBuf> {
        self.lock.as_ref().map(|lock| lock.path().to_owned())
    }

    /// The mark of whether this process removes the files, which a handover changes.
    pub(crate) fn ownership(&self) -> Ownership {
        self.socket.ownership()
    }

    /// Removes the socket file and then the lock file, and returns the first error.
    pub(crate) fn release(mut self) -> Result<(), Problem> {
        let socket = self.socket.remove();
        let lock = self.lock.as_mut().map_or(Ok(()), LockFile::release);
        socket.and(lock)
    }
}

/// Listens on the socket of a plan, and returns it with its files, if it has any. Blocks, because
/// the file system may be slow and other processes may hold the queue for stale locks.
pub(crate) fn listen_as(
    plan: &UnixListen,
) -> Result<(Async<UnixListener>, Option<Claim>), Problem> {
    let refused = |error: Errno| EnvironmentProblem::Listen {
        address: Address::Unix(plan.name.clone()),
        error: error.into(),
    };
    let address = socket_address(&plan.name).map_err(refused)?;
    let (socket, claim) = match plan.name.as_path() {
        None => {
            let socket = stream_socket().map_err(refused)?;
            bind(&socket, &address).map_err(refused)?;
            (socket, None)
        }
        Some(path) => {
            let path = absolute(path.to_owned());
            let owner = Owner::from_plan(plan)?;
            let ownership = Ownership::new(true);
            let lock = match plan.name.lock_path() {
                Some(lock) if plan.lockfile => {
                    let is_served = || is_served(&address) == Ok(Some(true));
                    Some(drive_acquire(absolute(lock), ownership.clone(), is_served)?)
                }
                _ => None,
            };
            clear_the_way(&path, &address, lock.is_some())?;
            let mode = Mode::from_raw_mode(plan.mode as RawMode);
            let socket = bind_narrow(&path, &address, mode).map_err(refused)?;
            let socket_file = SocketFile::made(path, ownership)?;
            let claim = Claim { name: plan.name.clone(), socket: socket_file, lock };
            claim.socket.set_rights(Rights { mode, owner })?;
            (socket, Some(claim))
        }
    };
    listen(&socket, plan.backlog).map_err(refused)?;
    let listener = Async::new_nonblocking(UnixListener::from(socket));
    let listener = listener.map_err(|error| EnvironmentProblem::Listen {
        address: Address::Unix(plan.name.clone()),
        error,
    })?;
    Ok((listener, claim))
}

/// What listening on a path would remove: files of processes that have ended.
#[derive(Debug, Default)]
pub(crate) struct Standing {
    /// The process that has ended and whose lock would be replaced; `None` if there is no such
    /// lock.
    pub(crate) stale_lock: Option<i32>,
    /// Whether an unused socket would be removed.
    pub(crate) stale_socket: bool,
}

/// Checks whether a server could listen on the socket of a plan. Changes nothing. Blocks.
pub(crate) fn look_as(plan: &UnixListen) -> Result<Standing, Problem> {
    let refused = |error: Errno| EnvironmentProblem::Listen {
        address: Address::Unix(plan.name.clone()),
        error: error.into(),
    };
    let address = socket_address(&plan.name).map_err(refused)?;
    let Some(path) = plan.name.as_path() else {
        // Binding leaves nothing behind, because an abstract name disappears with its socket.
        stream_socket().and_then(|socket| bind(&socket, &address)).map_err(refused)?;
        return Ok(Standing::default());
    };
    Owner::from_plan(plan)?;
    let path = absolute(path.to_owned());
    let rights = || {
        let above = path.parent().unwrap_or(Path::new("/"));
        let rights = Access::WRITE_OK | Access::EXEC_OK;
        accessat(CWD, above, rights, AtFlags::EACCESS)
    };
    let lock = plan.name.lock_path().filter(|_| plan.lockfile).map(absolute);
    let Some(lock) = lock else {
        let stale_socket = stands(&path, &address, false)?;
        rights().map_err(refused)?;
        return Ok(Standing { stale_lock: None, stale_socket });
    };
    let is_served = || is_served(&address) == Ok(Some(true));
    let stale = lockfile::look(&lock, is_served)?;
    rights().map_err(|error| failed(Operation::Create, &lock, error))?;
    let stale_socket = stands(&path, &address, true)?;
    Ok(Standing { stale_lock: stale.map(Into::into), stale_socket })
}

/// Makes sure that the path is free: removes an unused socket, or returns an error.
fn clear_the_way(path: &Path, address: &SocketAddrUnix, locked: bool) -> Result<(), Problem> {
    if !stands(path, address, locked)? {
        return Ok(());
    }
    match unlink(path) {
        Ok(()) | Err(Errno::NOENT) => Ok(()),
        Err(error) => Err(failed(Operation::Remove, path, error)),
    }
}

/// Whether an unused socket is at the path, which may be removed because the lock is held.
///
/// Returns an error if the path has another file, a socket in use, or an unused one without the
/// lock.
fn stands(path: &Path, address: &SocketAddrUnix, locked: bool) -> Result<bool, Problem> {
    let found = match statat(CWD, path, AtFlags::SYMLINK_NOFOLLOW) {
        Err(Errno::NOENT) => return Ok(false),
        found => found.map_err(|error| failed(Operation::Inspect, path, error))?,
    };
    let path = path.to_owned();
    if !is_socket(&found) {
        return Err(EnvironmentProblem::NotASocket { path }.into());
    }
    // This is checked even under the lock, because programs without lock files may serve the same
    // path.
    match is_served(address) {
        Ok(None) => Ok(false),
        Ok(Some(true)) => Err(EnvironmentProblem::PathInUse { path }.into()),
        Ok(Some(false)) if locked => Ok(true),
        Ok(Some(false)) => Err(EnvironmentProblem::StaleSocket { path }.into()),
        Err(error) => Err(failed(Operation::Inspect, &path, error)),
    }
}

/// Whether a process has the socket at an address open. `None` if there is no socket.
///
/// The probe is a datagram socket. A server does not notice it, and a socket that is bound but does
/// not listen yet counts as open, too.
fn is_served(address: &SocketAddrUnix) -> Result<Option<bool>, Errno> {
    match unix_socket(SocketType::DGRAM).and_then(|probe| connect(&probe, address)) {
        Err(Errno::NOENT) => Ok(None),
        Err(Errno::CONNREFUSED) => Ok(Some(false)),
        // PROTOTYPE is a socket of another type, such as the stream socket of a server. Otherwise
        // it is a datagram socket, which may be connected to another peer.
        Err(Errno::PROTOTYPE | Errno::PERM) | Ok(()) => Ok(Some(true)),
        Err(error) => Err(error),
    }
}

/// Connects to the socket of a plan. Waits while the queue of the server is full.
pub(crate) async fn connect_as(plan: &UnixConnect) -> Result<Async<UnixStream>, Problem> {
    if let Some(lock) = plan.name.lock_path().filter(|_| plan.lockfile) {
        let looked_at = lock.clone();
        if !smol::unblock(move || has_holder(&looked_at)).await? {
            return Err(PeerProblem::NotLocked { lock }.into());
        }
    }
    attempt(&plan.name).await.map_err(|error| {
        Problem::connect(vec![Attempt { address: Address::Unix(plan.name.clone()), error }])
    })
}

async fn attempt(name: &UnixName) -> io::Result<Async<UnixStream>> {
    let address = socket_address(name)?;
    let mut backoff = Backoff::new(Duration::from_millis(1), Duration::from_millis(50));
    let socket = loop {
        let socket = with_reserve(stream_socket)?;
        match connect(&socket, &address) {
            Ok(()) => return Async::new_nonblocking(socket.into()),
            // After an interruption, connecting continues in the background, too.
            Err(Errno::INPROGRESS | Errno::INTR) => break socket,
            // The queue is full. Unlike with TCP, no connection is in progress then, and no event
            // reports when to try again. async-io would treat this error as a connection in
            // progress.
            Err(Errno::AGAIN) => {
                Timer::after(backoff.failed()).await;
            }
            Err(error) => return Err(error.into()),
        }
    };
    let stream = Async::new_nonblocking(UnixStream::from(socket))?;
    stream.writable().await?;
    match stream.get_ref().take_error()? {
        Some(error) => Err(error),
        None => Ok(stream),
    }
}

/// Converts an address that the kernel returned; a socket without a name is unnamed.
pub(crate) fn address_of(address: &SocketAddr) -> Address {
    #[cfg(target_os = "linux")]
    {
        use std::os::linux::net::SocketAddrExt;
        if let Some(name) = address.as_abstract_name() {
            return UnixName::abstract_name(name).map_or(Address::UnixUnnamed, Address::Unix);
        }
    }
    let name = address.as_pathname().and_then(|path| UnixName::path(path).ok());
    name.map_or(Address::UnixUnnamed, Address::Unix)
}

/// Converts a name for the kernel; only Linux has abstract names.
fn socket_address(name: &UnixName) -> Result<SocketAddrUnix, Errno> {
    match (name.as_path(), name.as_abstract()) {
        (Some(path), _) => SocketAddrUnix::new(path),
        #[cfg(target_os = "linux")]
        (None, Some(name)) => SocketAddrUnix::new_abstract_name(name),
        _ => Err(Errno::OPNOTSUPP),
    }
}

fn stream_socket() -> Result<OwnedFd, Errno> {
    unix_socket(SocketType::STREAM)
}

fn unix_socket(socket_type: SocketType) -> Result<OwnedFd, Errno> {
    new_socket(AddressFamily::UNIX, socket_type)
}

/// Returns the absolute path, because the current directory may change before the file is removed.
fn absolute(path: PathBuf) -> PathBuf {
    std::path::absolute(&path).unwrap_or(path)
}
